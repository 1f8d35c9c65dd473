extension ReportPage {
  /// The report as Markdown; figures are the SVG files of ``figureFiles`` in the same folder.
  public func markdown() -> String {
    var parts = ["# \(title)"]
    if !subtitle.isEmpty { parts.append(subtitle) }
    for block in blocks { parts.append(Self.markdown(block)) }
    if !footer.isEmpty { parts.append("---\n\n\(footer)") }
    return parts.joined(separator: "\n\n") + "\n"
  }

  private static func markdown(_ block: Block) -> String {
    switch block {
    case .heading(let text, let level, _): return String(repeating: "#", count: level) + " " + text
    case .paragraph(let text): return text
    case .remark(let text): return "*\(text)*"
    case .facts(let facts): return facts.map { "- **\($0.name)**: \($0.value)" }.joined(separator: "\n")
    case .list(let items): return items.map { "- \($0)" }.joined(separator: "\n")
    case .table(let table):
      var text = "**\(table.title).** \(table.caption)\n\n" + table.markdown()
      if !table.notes.isEmpty {
        text += "\n" + table.notes.joined(separator: " ").replacing("*", with: "\\*")
      }
      return text.hasSuffix("\n") ? String(text.dropLast()) : text
    case .figure(let figure):
      let images = figure.plots.enumerated().map { number, plot in
        "![\(plot.title)](\(fileName(figure, panel: number)))"
      }
      var text = "**\(figure.title).** \(figure.caption)\n\n" + images.joined(separator: " ")
      if figure.legend.count > 1 {
        text += "\n\n" + figure.legend.map { "\(PlotStyle.glyph($0)) \($0.name)" }.joined(separator: " · ")
      }
      if !figure.notes.isEmpty { text += "\n\n" + figure.notes.joined(separator: " ") }
      return text
    }
  }
}

extension PlotStyle {
  /// A character like the marker of a series.
  fileprivate static func glyph(_ entry: ReportPage.LegendEntry) -> String {
    switch marker(entry.style) {
    case .circle: entry.isLine ? "●" : "○"
    case .square: entry.isLine ? "■" : "□"
    case .triangle: entry.isLine ? "▲" : "△"
    case .diamond: entry.isLine ? "◆" : "◇"
    case .cross: "✚"
    case .star: entry.isLine ? "▼" : "▽"
    }
  }
}
