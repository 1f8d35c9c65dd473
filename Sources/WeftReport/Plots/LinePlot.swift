/// Lines over a number, with error bars.
public struct LinePlot: Plot {
  public struct Point: Sendable, Equatable {
    public var x: Double
    public var y: Double
    /// Half the length of its error bar; 0 for none.
    public var error: Double
    /// Shown when the pointer rests on it.
    public var note: String
    /// Has a ring around it.
    public var isMarked: Bool
    public init(x: Double, y: Double, error: Double = 0, note: String = "", isMarked: Bool = false) {
      self.x = x
      self.y = y
      self.error = error
      self.note = note
      self.isMarked = isMarked
    }
  }

  public struct Series: Sendable, Equatable {
    public var name: String
    public var points: [Point]
    /// Which colour, marker and dash.
    public var style: Int
    /// Are the points joined? Hollow markers if not.
    public var isLine: Bool
    public init(_ name: String, _ points: [Point], style: Int, isLine: Bool = true) {
      self.name = name
      self.points = points
      self.style = style
      self.isLine = isLine
    }
  }

  public var title: String
  public var summary: String
  public var xTitle: String
  public var yTitle: String
  public var series: [Series]
  /// Larger numbers to the left.
  public var isReversed = false
  public var yLimits: ClosedRange<Double>?
  public var xLimits: ClosedRange<Double>?

  public init(
    title: String, summary: String, xTitle: String, yTitle: String, series: [Series],
    isReversed: Bool = false, xLimits: ClosedRange<Double>? = nil, yLimits: ClosedRange<Double>? = nil
  ) {
    self.title = title
    self.summary = summary
    self.xTitle = xTitle
    self.yTitle = yTitle
    self.series = series.map { entry in
      var entry = entry
      entry.points = entry.points.filter { $0.x.isFinite && $0.y.isFinite }.sorted { $0.x < $1.x }
      return entry
    }
    self.isReversed = isReversed
    self.xLimits = xLimits
    self.yLimits = yLimits
  }

  public var size: (width: Double, height: Double) { (360, 286) }

  public func draw(into canvas: inout SVGCanvas) {
    let points = series.flatMap(\.points)
    let frame = PlotFrame(
      size: size, left: 62, right: 14, top: 34, bottom: 46,
      x: Axis(holding: points.map(\.x), within: xLimits),
      y: Axis(holding: points.flatMap { [$0.y - $0.error, $0.y + $0.error] }, within: yLimits),
      isReversed: isReversed)
    frame.draw(into: &canvas.svg, title: title, xTitle: xTitle, yTitle: yTitle)
    // Lines under all markers.
    for entry in series where entry.isLine && entry.points.count > 1 {
      let path = entry.points.enumerated().map { number, point in
        "\(number == 0 ? "M" : "L")\(SVG.number(frame.x(point.x))) \(SVG.number(frame.y(point.y)))"
      }
      canvas.svg.element(
        "path",
        [
          ("class", "line"), ("d", path.joined()), ("stroke", PlotStyle.colour(entry.style)),
          ("stroke-dasharray", PlotStyle.dash(entry.style)),
        ])
    }
    for entry in series {
      for point in entry.points { draw(point, entry, frame, &canvas.svg) }
    }
  }

  private func draw(_ point: Point, _ entry: Series, _ frame: PlotFrame, _ svg: inout SVG) {
    let (x, y) = (frame.x(point.x), frame.y(point.y))
    let colour = PlotStyle.colour(entry.style)
    svg.group("g", []) { svg in
      if !point.note.isEmpty { svg.element("title", [], text: point.note) }
      if point.error > 0 {
        let (top, bottom) = (frame.y(point.y + point.error), frame.y(point.y - point.error))
        let path = [
          "M\(SVG.number(x)) \(SVG.number(top))V\(SVG.number(bottom))",
          "M\(SVG.number(x - 3)) \(SVG.number(top))h6M\(SVG.number(x - 3)) \(SVG.number(bottom))h6",
        ]
        svg.element("path", [("class", "error"), ("d", path.joined()), ("stroke", colour), ("fill", "none")])
      }
      svg.marker(entry.style, x: x, y: y, size: entry.isLine ? 3 : 4.5, isHollow: !entry.isLine)
      if point.isMarked {
        svg.element(
          "circle",
          [
            ("class", "ring"), ("cx", SVG.number(x)), ("cy", SVG.number(y)), ("r", "7.5"),
            ("stroke", colour),
          ])
      }
    }
  }
}
