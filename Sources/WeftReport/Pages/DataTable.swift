/// Numbers behind a table or figure, for other programs.
public struct DataTable: Sendable, Equatable {
  public var columns: [String]
  public private(set) var rows: [[String]] = []

  public init(_ columns: [String]) { self.columns = columns }

  /// - Precondition: as many cells as there are columns.
  public mutating func add(_ cells: [String]) {
    precondition(cells.count == columns.count, "\(cells.count) cells for \(columns.count) columns")
    rows.append(cells)
  }

  /// A number with all its digits; empty for what is not there.
  public static func number(_ value: Double?) -> String {
    guard let value, value.isFinite else { return "" }
    return value == value.rounded() && abs(value) < 1e15 ? String(Int(value)) : String(value)
  }

  /// Comma-separated values as RFC 4180 has them, with line feeds.
  public var csv: String {
    func cell(_ text: String) -> String {
      guard text.contains(where: { $0 == "," || $0 == "\"" || $0.isNewline }) else { return text }
      return "\"" + text.replacing("\"", with: "\"\"") + "\""
    }
    return ([columns] + rows).map { $0.map(cell).joined(separator: ",") + "\n" }.joined()
  }
}
