/// A table of a report: for pages, for Markdown and, with its numbers in full, for other programs.
public struct ReportTable: Sendable, Equatable {
  public struct Column: Sendable, Equatable {
    public var title: String
    /// Columns of one group stand beside each other under its name.
    public var group: String?
    public var alignment: TextTable.Alignment
    public init(_ title: String, group: String? = nil, _ alignment: TextTable.Alignment = .right) {
      self.title = title
      self.group = group
      self.alignment = alignment
    }
  }

  public struct Cell: Sendable, Equatable {
    public enum Tone: String, Sendable { case plain, better, worse, faint }
    public var text: String
    /// Smaller, behind the text: `± 0.20`.
    public var detail: String
    public var tone: Tone
    /// The best of its column.
    public var isBest: Bool
    public init(_ text: String, detail: String = "", tone: Tone = .plain, isBest: Bool = false) {
      self.text = text
      self.detail = detail
      self.tone = tone
      self.isBest = isBest
    }

    /// Where there is nothing to show.
    public static let none = Cell("–", tone: .faint)

    /// Stars that mark significance are no emphasis.
    var markdown: String {
      let text = text.replacing("*", with: "\\*")
      return (isBest ? "**\(text)**" : text) + (detail.isEmpty ? "" : " " + detail)
    }

    var joined: String { detail.isEmpty ? text : "\(text) \(detail)" }
  }

  /// Names its anchor and its file: `table-3`.
  public var id: String
  /// `Table 3`.
  public var title: String
  /// What it shows, in a sentence.
  public var caption: String
  public var columns: [Column]
  public private(set) var rows: [[Cell]] = []
  /// Do rows that begin alike stand under one head?
  public var isGrouped = false
  /// What has to be known to read it.
  public var notes: [String] = []
  public var data: DataTable

  public init(id: String, title: String, caption: String, columns: [Column], data: DataTable) {
    self.id = id
    self.title = title
    self.caption = caption
    self.columns = columns
    self.data = data
  }

  /// - Precondition: as many cells as there are columns.
  public mutating func add(_ cells: [Cell]) {
    precondition(cells.count == columns.count, "\(cells.count) cells for \(columns.count) columns")
    rows.append(cells)
  }

  /// Marks the largest of some numbers in a column; nothing if they are all equal.
  public mutating func markBest(_ values: [Double?], column: Int) {
    let present = values.compactMap { $0 }
    guard Set(present).count > 1, let best = present.max() else { return }
    for (row, value) in values.enumerated() where value == best { rows[row][column].isBest = true }
  }

  /// How many rows from this one on begin alike; 0 if the row before begins so too.
  func groupLength(at row: Int) -> Int {
    guard isGrouped else { return 1 }
    if row > 0, rows[row - 1][0] == rows[row][0] { return 0 }
    return rows[row...].prefix { $0[0] == rows[row][0] }.count
  }

  /// For terminals.
  public func text() -> String {
    var table = TextTable(textColumns)
    for row in rows { table.add(row.map(\.joined)) }
    return table.text()
  }

  private var textColumns: [TextTable.Column] {
    columns.map { TextTable.Column(($0.group.map { $0 + " " } ?? "") + $0.title, $0.alignment) }
  }

  public func markdown() -> String {
    var table = TextTable(textColumns)
    for row in rows { table.add(row.map(\.markdown)) }
    return table.markdown()
  }
}
