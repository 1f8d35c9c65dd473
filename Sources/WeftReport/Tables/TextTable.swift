/// Rows of text cells in aligned columns, for terminals and for Markdown.
public struct TextTable: Sendable, Equatable {
  public enum Alignment: Sendable { case left, right }

  public struct Column: Sendable, Equatable {
    public var title: String
    public var alignment: Alignment
    public init(_ title: String, _ alignment: Alignment = .right) {
      self.title = title
      self.alignment = alignment
    }
  }

  public var columns: [Column]
  public private(set) var rows: [[String]] = []
  /// Rows that a rule precedes.
  private var rules: Set<Int> = []

  public init(_ columns: [Column]) { self.columns = columns }

  /// Adds a row; missing cells are empty.
  public mutating func add(_ cells: [String]) {
    let missing = max(0, columns.count - cells.count)
    rows.append(Array(cells.prefix(columns.count)) + Array(repeating: "", count: missing))
  }

  /// The next row stands under a rule, as sums and means do.
  public mutating func addRule() { rules.insert(rows.count) }

  /// Columns separated by two spaces, titles underlined; every line ends in a line break.
  ///
  /// - Parameter indent: spaces before every line.
  public func text(indent: Int = 0) -> String {
    let widths = columns.indices.map { column in
      ([columns[column].title] + rows.map { $0[column] }).map(\.unicodeScalars.count).max() ?? 0
    }
    let margin = String(repeating: " ", count: indent)
    func line(_ cells: [String]) -> String {
      let padded = columns.indices.map { Self.pad(cells[$0], to: widths[$0], columns[$0].alignment) }
      return margin + Self.trimmed(padded.joined(separator: "  ")) + "\n"
    }
    let rule = margin + widths.map { String(repeating: "─", count: $0) }.joined(separator: "──") + "\n"
    var text = line(columns.map(\.title)) + rule
    for (number, row) in rows.enumerated() {
      if rules.contains(number) { text += rule }
      text += line(row)
    }
    return text
  }

  /// A table of GitHub's Markdown; rules are left out, since Markdown has none.
  public func markdown() -> String {
    func line(_ cells: [String]) -> String {
      "| " + cells.map { $0.replacing("|", with: "\\|") }.joined(separator: " | ") + " |\n"
    }
    let marks = columns.map { $0.alignment == .left ? "---" : "---:" }
    return line(columns.map(\.title)) + line(marks) + rows.map(line).joined()
  }

  static func pad(_ text: String, to width: Int, _ alignment: Alignment) -> String {
    let space = String(repeating: " ", count: max(0, width - text.unicodeScalars.count))
    return alignment == .left ? text + space : space + text
  }

  private static func trimmed(_ text: String) -> Substring {
    var end = text.endIndex
    while end > text.startIndex, text[text.index(before: end)] == " " { end = text.index(before: end) }
    return text[..<end]
  }
}
