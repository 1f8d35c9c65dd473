/// A matrix as coloured cells with their numbers in them.
public struct HeatMap: Plot {
  public var title: String
  public var summary: String
  public var rows: [String]
  public var columns: [String]
  /// Row by row; nil where there is nothing.
  public var values: [[Double?]]
  /// The value of full colour; beyond it no cell gets darker.
  public var scale: Double
  /// Decimals of the numbers.
  public var decimals: Int
  /// Cells are kept apart into blocks of so many rows and columns; 1 is no block.
  public var block: Int

  /// - Precondition: `values` has a row for each of `rows`, with a value for each of `columns`.
  public init(
    title: String, summary: String, rows: [String], columns: [String], values: [[Double?]], scale: Double,
    decimals: Int = 2, block: Int = 1
  ) {
    precondition(
      values.count == rows.count && values.allSatisfy { $0.count == columns.count }, "ragged values")
    self.title = title
    self.summary = summary
    self.rows = rows
    self.columns = columns
    self.values = values
    self.scale = scale
    self.decimals = decimals
    self.block = max(1, block)
  }

  private static let cellHeight = 30.0
  private static let gap = 4.0

  /// Room for the names of rows: about seven units a letter of 12 pixels.
  private var left: Double { min(120, 12 + 6.6 * Double(rows.map(\.unicodeScalars.count).max() ?? 0)) }
  private var cellWidth: Double { max(38, min(64, (352 - left) / Double(max(1, columns.count)))) }
  private var top: Double { 30 + (isSlanted ? 44 : 18) }
  /// Long names of columns are turned.
  private var isSlanted: Bool {
    6.6 * Double(columns.map(\.unicodeScalars.count).max() ?? 0) > cellWidth - 4
  }

  public var size: (width: Double, height: Double) {
    (max(360, x(columns.count) + 8), y(rows.count) + 8)
  }

  private func x(_ column: Int) -> Double {
    left + Double(column) * cellWidth + Double(block == 1 ? 0 : column / block) * Self.gap
  }
  private func y(_ row: Int) -> Double {
    top + Double(row) * Self.cellHeight + Double(block == 1 ? 0 : row / block) * Self.gap
  }

  public func draw(into canvas: inout SVGCanvas) {
    canvas.svg.element("text", [("class", "title"), ("x", "2"), ("y", "15")], text: title)
    for (column, name) in columns.enumerated() {
      let centre = SVG.number(x(column) + cellWidth / 2)
      let place = SVG.number(top - 6)
      canvas.svg.element(
        "text",
        isSlanted
          ? [("transform", "translate(\(centre) \(place)) rotate(-40)"), ("text-anchor", "start")]
          : [("x", centre), ("y", place), ("text-anchor", "middle")], text: name)
    }
    for (row, name) in rows.enumerated() {
      canvas.svg.element(
        "text",
        [
          ("x", SVG.number(left - 6)), ("y", SVG.number(y(row) + Self.cellHeight / 2)), ("dy", ".34em"),
          ("text-anchor", "end"),
        ], text: name)
      for column in columns.indices { draw(row, column, into: &canvas.svg) }
    }
  }

  private func draw(_ row: Int, _ column: Int, into svg: inout SVG) {
    let value = values[row][column].flatMap { $0.isFinite ? $0 : nil }
    let text = value.map { Quantity.fixed($0, decimals).replacing("-", with: "−") } ?? "–"
    svg.group("g", []) { svg in
      svg.element("title", [], text: "\(rows[row]), \(columns[column]): \(text)")
      // The colour is faint enough for the text at every strength.
      let strength = value.map { min(1, abs($0) / max(scale, 1e-12)) * 0.62 } ?? 0
      svg.element(
        "rect",
        [
          ("class", "cell"), ("x", SVG.number(x(column))), ("y", SVG.number(y(row))),
          ("width", SVG.number(cellWidth - 1)), ("height", SVG.number(Self.cellHeight - 1)), ("rx", "2"),
          ("fill", (value ?? 0) < 0 ? "var(--s2)" : "var(--s1)"),
          ("fill-opacity", Quantity.fixed(strength, 3)),
        ])
      svg.element(
        "text",
        [
          ("class", "value"), ("x", SVG.number(x(column) + cellWidth / 2 - 0.5)),
          ("y", SVG.number(y(row) + Self.cellHeight / 2)), ("dy", ".34em"), ("text-anchor", "middle"),
        ], text: text)
    }
  }
}
