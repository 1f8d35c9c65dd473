extension ReportPage {
  /// The report as one page without any outside resource: light and dark, for wide and narrow windows.
  public func html() -> String {
    let sections = blocks.compactMap { block -> (String, String)? in
      if case .heading(let text, 2, let id) = block { return (text, id) }
      return nil
    }
    let links = sections.map { "<a href=\"#\(Self.escape($0.1))\">\(Self.escape($0.0))</a>" }
    let navigation =
      links.count > 1 ? "<nav aria-label=\"Sections\">\(links.joined(separator: "\n"))</nav>\n" : ""
    return """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <title>\(Self.escape(title))</title>
      <style>
      \(PageStyle.sheet)
      </style>
      </head>
      <body>
      <header>
      <h1>\(Self.escape(title))</h1>
      \(subtitle.isEmpty ? "" : "<p class=\"subtitle\">\(Self.escape(subtitle))</p>")
      \(navigation)</header>
      <main>
      \(blocks.map(Self.html).joined(separator: "\n"))
      </main>
      \(footer.isEmpty ? "" : "<footer><p>\(Self.escape(footer))</p></footer>")
      </body>
      </html>

      """
  }

  private static func escape(_ text: String) -> String { HTMLText.escaped(text) }

  private static func html(_ block: Block) -> String {
    switch block {
    case .heading(let text, let level, let id): "<h\(level) id=\"\(escape(id))\">\(escape(text))</h\(level)>"
    case .paragraph(let text): "<p>\(escape(text))</p>"
    case .remark(let text): "<p class=\"remark\">\(escape(text))</p>"
    case .facts(let facts):
      "<dl>"
        + facts.map { "<div><dt>\(escape($0.name))</dt><dd>\(escape($0.value))</dd></div>" }.joined()
        + "</dl>"
    case .list(let items): "<ul>" + items.map { "<li>\(escape($0))</li>" }.joined() + "</ul>"
    case .table(let table): html(table)
    case .figure(let figure): html(figure)
    }
  }

  // MARK: Tables

  private static func html(_ table: ReportTable) -> String {
    // The region scrolls where the window is narrow, and can be reached by keyboard for that.
    """
    <div class="table" id="\(escape(table.id))" role="region" aria-labelledby="\(escape(table.id))-caption" tabindex="0">
    <table>
    <caption id="\(escape(table.id))-caption"><b>\(escape(table.title)).</b> \(escape(table.caption))</caption>
    <thead>
    \(head(table.columns))
    </thead>
    <tbody>
    \(table.rows.indices.map { row(table, $0) }.joined(separator: "\n"))
    </tbody>
    </table>
    </div>
    \(notes(table.notes))
    """
  }

  private static func head(_ columns: [ReportTable.Column]) -> String {
    func title(_ column: ReportTable.Column, _ more: String = "") -> String {
      let side = column.alignment == .left ? " class=\"left\"" : ""
      return "<th scope=\"col\"\(side)\(more)>\(escape(column.title))</th>"
    }
    guard columns.contains(where: { $0.group != nil }) else {
      return "<tr>" + columns.map { title($0) }.joined() + "</tr>"
    }
    var upper = ""
    var lower = ""
    var index = 0
    while index < columns.count {
      guard let group = columns[index].group else {
        upper += title(columns[index], " rowspan=\"2\"")
        index += 1
        continue
      }
      let count = columns[index...].prefix { $0.group == group }.count
      upper += "<th scope=\"colgroup\" class=\"group\" colspan=\"\(count)\">\(escape(group))</th>"
      lower += columns[index..<index + count].map { title($0) }.joined()
      index += count
    }
    return "<tr>\(upper)</tr>\n<tr>\(lower)</tr>"
  }

  private static func row(_ table: ReportTable, _ number: Int) -> String {
    let group = table.groupLength(at: number)
    let shown = zip(table.rows[number], table.columns).enumerated().map { index, pair -> String in
      let (cell, column) = pair
      var classes: [String] = []
      if column.alignment == .left { classes.append("left") }
      if cell.tone != .plain { classes.append(cell.tone.rawValue) }
      let attribute = classes.isEmpty ? "" : " class=\"\(classes.joined(separator: " "))\""
      let text = cell.isBest ? "<strong>\(escape(cell.text))</strong>" : escape(cell.text)
      let detail = cell.detail.isEmpty ? "" : " <small>\(escape(cell.detail))</small>"
      guard index == 0 else { return "<td\(attribute)>\(text)\(detail)</td>" }
      if group == 0 { return "" }
      let span = group > 1 ? "scope=\"rowgroup\" rowspan=\"\(group)\"" : "scope=\"row\""
      return "<th \(span)\(attribute)>\(text)\(detail)</th>"
    }
    return "<tr>" + shown.joined() + "</tr>"
  }

  private static func notes(_ notes: [String]) -> String {
    notes.isEmpty ? "" : "<p class=\"notes\">\(notes.map(escape).joined(separator: " "))</p>"
  }

  // MARK: Figures

  private static func html(_ figure: Figure) -> String {
    let panels = figure.plots.enumerated().map { number, plot in
      "<div class=\"panel\">\(plot.svg(id: "\(figure.id)-\(number + 1)"))</div>"
    }
    let legend =
      figure.legend.count > 1
      ? "<ul class=\"legend\">\(figure.legend.map(html).joined(separator: "\n"))</ul>" : ""
    return """
      <figure id="\(escape(figure.id))">
      <figcaption><b>\(escape(figure.title)).</b> \(escape(figure.caption))</figcaption>
      \(legend)
      <div class="panels">
      \(panels.joined(separator: "\n"))
      </div>
      \(notes(figure.notes))
      </figure>
      """
  }

  private static func html(_ entry: LegendEntry) -> String {
    var svg = SVG()
    svg.group(
      "svg", [("class", "plot key"), ("viewBox", "0 0 30 14"), ("aria-hidden", "true")]
    ) { svg in
      if entry.isLine {
        svg.element(
          "path",
          [
            ("class", "line"), ("d", "M2 7H28"), ("stroke", PlotStyle.colour(entry.style)),
            ("stroke-dasharray", PlotStyle.dash(entry.style)),
          ])
      }
      svg.marker(entry.style, x: 15, y: 7, size: 4, isHollow: !entry.isLine)
    }
    return "<li>\(svg.text)\(escape(entry.name))</li>"
  }
}
