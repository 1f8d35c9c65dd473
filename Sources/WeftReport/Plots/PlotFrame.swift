/// Axes of a plot and where numbers lie between them.
struct PlotFrame {
  let size: (width: Double, height: Double)
  let left: Double
  let right: Double
  let top: Double
  let bottom: Double
  let x: Axis
  let y: Axis
  let isReversed: Bool

  init(
    size: (width: Double, height: Double), left: Double, right: Double, top: Double, bottom: Double, x: Axis,
    y: Axis, isReversed: Bool = false
  ) {
    self.size = size
    self.left = left
    self.right = right
    self.top = top
    self.bottom = bottom
    self.x = x
    self.y = y
    self.isReversed = isReversed
  }

  private var width: Double { size.width - left - right }
  private var height: Double { size.height - top - bottom }

  func x(_ value: Double) -> Double {
    let fraction = x.fraction(value)
    return left + (isReversed ? 1 - fraction : fraction) * width
  }
  func y(_ value: Double) -> Double { top + (1 - y.fraction(value)) * height }

  /// Title, grid, ticks and names of the axes.
  func draw(into svg: inout SVG, title: String, xTitle: String, yTitle: String) {
    svg.element("text", [("class", "title"), ("x", "2"), ("y", "15")], text: title)
    for tick in y.ticks {
      let place = SVG.number(y(tick))
      svg.element(
        "path", [("class", "grid"), ("d", "M\(SVG.number(left)) \(place)H\(SVG.number(size.width - right))")])
      svg.element(
        "text",
        [
          ("class", "value"), ("x", SVG.number(left - 6)), ("y", place), ("dy", ".34em"),
          ("text-anchor", "end"),
        ], text: y.label(tick))
    }
    drawXAxis(into: &svg, title: xTitle)
    let middle = SVG.number(top + height / 2)
    svg.element(
      "text",
      [("x", "12"), ("y", middle), ("transform", "rotate(-90 12 \(middle))"), ("text-anchor", "middle")],
      text: yTitle)
  }

  func drawXAxis(into svg: inout SVG, title: String) {
    let base = size.height - bottom
    svg.element(
      "path",
      [
        ("class", "axis"),
        ("d", "M\(SVG.number(left)) \(SVG.number(base))H\(SVG.number(size.width - right))"),
      ])
    for tick in x.ticks {
      let place = SVG.number(x(tick))
      svg.element("path", [("class", "axis"), ("d", "M\(place) \(SVG.number(base))v4")])
      svg.element(
        "text",
        [("class", "value"), ("x", place), ("y", SVG.number(base + 17)), ("text-anchor", "middle")],
        text: x.label(tick))
    }
    svg.element(
      "text",
      [
        ("x", SVG.number(left + width / 2)), ("y", SVG.number(size.height - 6)),
        ("text-anchor", "middle"),
      ], text: title)
  }
}
