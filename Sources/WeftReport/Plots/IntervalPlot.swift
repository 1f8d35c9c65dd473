/// Numbers with their intervals, one a row, beside a line at zero.
public struct IntervalPlot: Plot {
  public struct Row: Sendable, Equatable {
    public var name: String
    public var value: Double
    public var lower: Double
    public var upper: Double
    /// Written at the right, e.g. `+0.51 *`.
    public var text: String
    public var note: String
    public var style: Int
    /// A hollow marker for what may well be chance.
    public var isHollow: Bool
    public init(
      _ name: String, value: Double, lower: Double, upper: Double, text: String, note: String = "",
      style: Int, isHollow: Bool = false
    ) {
      self.name = name
      self.value = value
      self.lower = lower
      self.upper = upper
      self.text = text
      self.note = note
      self.style = style
      self.isHollow = isHollow
    }
  }

  public var title: String
  public var summary: String
  public var xTitle: String
  public var rows: [Row]

  public init(title: String, summary: String, xTitle: String, rows: [Row]) {
    self.title = title
    self.summary = summary
    self.xTitle = xTitle
    self.rows = rows.filter { $0.value.isFinite && $0.lower.isFinite && $0.upper.isFinite }
  }

  private static let rowHeight = 36.0
  public var size: (width: Double, height: Double) { (360, 30 + Double(rows.count) * Self.rowHeight + 46) }

  public func draw(into canvas: inout SVGCanvas) {
    let axis = Axis(holding: rows.flatMap { [$0.lower, $0.upper, $0.value] } + [0], ticks: 4)
    let frame = PlotFrame(
      size: size, left: 12, right: 12, top: 30, bottom: 46, x: axis, y: Axis(holding: []))
    canvas.svg.element("text", [("class", "title"), ("x", "2"), ("y", "15")], text: title)
    let base = size.height - 46
    for tick in axis.ticks {
      canvas.svg.element(
        "path", [("class", "grid"), ("d", "M\(SVG.number(frame.x(tick))) 28V\(SVG.number(base))")])
    }
    canvas.svg.element(
      "path", [("class", "zero"), ("d", "M\(SVG.number(frame.x(0))) 28V\(SVG.number(base))")])
    frame.drawXAxis(into: &canvas.svg, title: xTitle)
    for (number, row) in rows.enumerated() {
      let y = 30 + Double(number) * Self.rowHeight
      draw(row, top: y, frame, &canvas.svg)
    }
  }

  private func draw(_ row: Row, top: Double, _ frame: PlotFrame, _ svg: inout SVG) {
    let y = top + 25
    svg.group("g", []) { svg in
      if !row.note.isEmpty { svg.element("title", [], text: row.note) }
      svg.element(
        "text", [("class", "haloed"), ("x", "12"), ("y", SVG.number(top + 13))], text: row.name)
      svg.element(
        "text",
        [
          ("class", "value haloed"), ("x", SVG.number(size.width - 12)), ("y", SVG.number(top + 13)),
          ("text-anchor", "end"),
        ], text: row.text)
      svg.element(
        "path",
        [
          ("class", "line"), ("stroke", PlotStyle.colour(row.style)), ("fill", "none"),
          ("d", "M\(SVG.number(frame.x(row.lower))) \(SVG.number(y))H\(SVG.number(frame.x(row.upper)))"),
        ])
      svg.marker(row.style, x: frame.x(row.value), y: y, size: 4.5, isHollow: row.isHollow)
    }
  }
}
