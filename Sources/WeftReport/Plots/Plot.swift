/// A drawing with a title and a description for those who cannot see it.
public protocol Plot: Sendable {
  /// Shown above it.
  var title: String { get }
  /// What it shows, in words.
  var summary: String { get }
  /// Width and height in CSS pixels, at which text has its intended size.
  var size: (width: Double, height: Double) { get }
  /// What is drawn.
  func draw(into svg: inout SVGCanvas)
}

/// Where plots draw.
public struct SVGCanvas {
  var svg = SVG()
}

extension Plot {
  /// - Parameters:
  ///   - id: unique on the page; names the title and the description.
  ///   - isStandalone: a file of its own brings its colours along; on a page they are the page's.
  public func svg(id: String, isStandalone: Bool = false) -> String {
    var svg = SVG()
    let (width, height) = (SVG.number(size.width), SVG.number(size.height))
    svg.group(
      "svg",
      [
        ("xmlns", isStandalone ? "http://www.w3.org/2000/svg" : nil), ("class", "plot"),
        ("viewBox", "0 0 \(width) \(height)"), ("width", isStandalone ? width : nil),
        ("height", isStandalone ? height : nil), ("role", "img"),
        ("aria-labelledby", "\(id)-title \(id)-summary"),
      ]
    ) { svg in
      svg.element("title", [("id", "\(id)-title")], text: title)
      svg.element("desc", [("id", "\(id)-summary")], text: summary)
      if isStandalone { svg.element("style", [], text: PlotStyle.sheet) }
      var canvas = SVGCanvas(svg: svg)
      draw(into: &canvas)
      svg = canvas.svg
    }
    return svg.text
  }
}
