/// How series are told apart: by colour, and as well by marker and dash.
public enum PlotStyle {
  /// Series that look different; further ones repeat the colours with other markers.
  static let colourCount = 6

  static let dashes: [String?] = [nil, "6 3", "2 3", "8 3 2 3", "1 3", "10 4"]

  enum Marker: CaseIterable { case circle, square, triangle, diamond, cross, star }

  static func marker(_ series: Int) -> Marker {
    Marker.allCases[(series + series / colourCount) % Marker.allCases.count]
  }

  static func dash(_ series: Int) -> String? { dashes[series % dashes.count] }
  static func colour(_ series: Int) -> String { "var(--s\(series % colourCount + 1))" }

  /// Colours as custom properties, for light and dark; contrast with the paper at least 3 : 1.
  static let variables = """
    --ink: #1c2430; --soft: #5a6676; --rule: #d9dee5; --grid: #e8ebef; --paper: #ffffff; --panel: #f6f7f9;
    --good: #12713f; --bad: #b3261e; --accent: #0b62a8;
    --s1: #0b62a8; --s2: #c2491d; --s3: #1b7f4f; --s4: #7d46b0; --s5: #8a6a00; --s6: #b22a68;
    """
  static let darkVariables = """
    --ink: #e6eaf0; --soft: #a3aebd; --rule: #38424f; --grid: #2a323d; --paper: #14181e; --panel: #1b2027;
    --good: #5fcf94; --bad: #ff8f85; --accent: #6cb6f5;
    --s1: #6cb6f5; --s2: #f59a6c; --s3: #5fcf94; --s4: #c9a2f2; --s5: #e0bf4f; --s6: #f58bb8;
    """

  /// Rules for what plots draw.
  static let rules = """
    .plot text { font: 12px system-ui, -apple-system, "Segoe UI", "Helvetica Neue", "Liberation Sans", Arial, sans-serif;
      fill: var(--soft); }
    .plot .title { font-size: 13px; font-weight: 600; fill: var(--ink); }
    .plot .haloed { paint-order: stroke; stroke: var(--paper); stroke-width: 4px; stroke-linejoin: round; }
    .plot .value { fill: var(--ink); font-variant-numeric: tabular-nums; }
    .plot .grid { stroke: var(--grid); stroke-width: 1; }
    .plot .axis { stroke: var(--rule); stroke-width: 1; }
    .plot .zero { stroke: var(--soft); stroke-width: 1; stroke-dasharray: 3 3; }
    .plot .line { fill: none; stroke-width: 2; stroke-linejoin: round; stroke-linecap: round; }
    .plot .error { stroke-width: 1.25; opacity: .65; }
    .plot .ring { fill: none; stroke-width: 2; }
    """

  /// A style sheet for plots that are files of their own.
  static let sheet = """
    svg { \(variables) background: var(--paper); }
    @media (prefers-color-scheme: dark) { svg { \(darkVariables) } }
    \(rules)
    """
}

extension SVG {
  /// A marker of a series.
  ///
  /// - Parameter isHollow: drawn as an outline.
  mutating func marker(_ series: Int, x: Double, y: Double, size: Double = 4, isHollow: Bool = false) {
    func point(_ dx: Double, _ dy: Double) -> String {
      "\(Self.number(x + dx * size)),\(Self.number(y + dy * size))"
    }
    let colour = PlotStyle.colour(series)
    let paint: [(String, String?)] = [
      ("fill", isHollow ? "var(--paper)" : colour), ("stroke", isHollow ? colour : "var(--paper)"),
      ("stroke-width", isHollow ? "1.75" : "1"),
    ]
    func polygon(_ points: [String]) -> [(String, String?)] { [("points", points.joined(separator: " "))] }
    switch PlotStyle.marker(series) {
    case .circle:
      element(
        "circle", [("cx", Self.number(x)), ("cy", Self.number(y)), ("r", Self.number(size))] + paint)
    case .square:
      element(
        "polygon", polygon([point(-0.9, -0.9), point(0.9, -0.9), point(0.9, 0.9), point(-0.9, 0.9)]) + paint)
    case .triangle: element("polygon", polygon([point(0, -1.2), point(1.1, 0.8), point(-1.1, 0.8)]) + paint)
    case .diamond:
      element("polygon", polygon([point(0, -1.3), point(1.2, 0), point(0, 1.3), point(-1.2, 0)]) + paint)
    case .cross:
      let (a, b) = (0.4, 1.1)
      element(
        "polygon",
        polygon([
          point(-a, -b), point(a, -b), point(a, -a), point(b, -a), point(b, a), point(a, a), point(a, b),
          point(-a, b), point(-a, a), point(-b, a), point(-b, -a), point(-a, -a),
        ]) + paint)
    case .star: element("polygon", polygon([point(0, 1.2), point(1.1, -0.8), point(-1.1, -0.8)]) + paint)
    }
  }
}
