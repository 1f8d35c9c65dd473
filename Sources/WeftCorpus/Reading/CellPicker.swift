import WeftSpec

/// Where the named columns of a corpus are in the rows of one file.
struct CellPicker {
  /// One named column, found.
  private struct Place {
    let name: String
    let cell: Int
    /// A key of FEATS or MISC.
    let key: [UInt8]?
    /// `_` stands for an absent value.
    let underscoreIsAbsent: Bool
  }

  private var places: [Place?]

  /// Finds every column in the file.
  ///
  /// - Parameters:
  ///   - columns: the named columns.
  ///   - required: those that must be there; others may be missing and then have no value.
  ///   - reader: stands at the first token of the file.
  init(_ columns: [ColumnSpec], required: Set<String>, in reader: borrowing RowReader) throws(CorpusError) {
    places = []
    for column in columns { places.append(try Self.find(column, required: required, in: reader)) }
  }

  private static func find(_ column: ColumnSpec, required: Set<String>, in reader: borrowing RowReader)
    throws(CorpusError) -> Place?
  {
    let isUniversal = reader.format == .conllu
    let cell: Int
    var key: [UInt8]?
    switch column.source {
    case .index(let index):
      cell = index
    case .field(let field), .key(let field, _):
      guard let names = reader.columnNames else {
        throw reader.error(
          .missingColumn, "column '\(column.name)' is named '\(field)', but this file has no column names",
          suggestion: "give the number of the column, from 0")
      }
      let wanted = isUniversal ? field.lowercased() : field
      guard let found = names.firstIndex(of: wanted) else {
        if !required.contains(column.name) { return nil }
        throw reader.error(
          .missingColumn, "column '\(column.name)': the file has no field '\(field)'",
          suggestion: "its fields are \(names.joined(separator: ", "))")
      }
      cell = found
      if case .key(_, let name) = column.source { key = Array(name.utf8) }
    }
    let width = reader.width ?? 0
    guard cell >= 0, cell < width else {
      if !required.contains(column.name) { return nil }
      let count = width == 1 ? "1 column (number 0)" : "\(width) columns (numbers 0 to \(width - 1))"
      throw reader.error(
        .missingColumn, "column '\(column.name)' is number \(cell), but this line has \(count)")
    }
    return Place(
      name: column.name, cell: cell, key: key, underscoreIsAbsent: isUniversal && column.name != "word")
  }

  /// The value of the `index`-th named column in the current row; nil if it has none.
  func range(_ index: Int, in reader: borrowing RowReader) -> Range<Int>? {
    guard let place = places[index] else { return nil }
    let cell = reader.cells[place.cell]
    if cell.isEmpty { return nil }
    guard let key = place.key else {
      if place.underscoreIsAbsent, cell.count == 1, reader.bytes[cell.lowerBound] == UInt8(ascii: "_") {
        return nil
      }
      return cell
    }
    return Self.value(of: key, in: reader.bytes, cell)
  }

  /// The number of the cell of the `index`-th named column.
  func cell(_ index: Int) -> Int? { places[index]?.cell }

  /// The value of `key` in `A=x|B=y`.
  private static func value(of key: [UInt8], in bytes: [UInt8], _ cell: Range<Int>) -> Range<Int>? {
    var start = cell.lowerBound
    while start < cell.upperBound {
      let end = bytes[start..<cell.upperBound].firstIndex(of: UInt8(ascii: "|")) ?? cell.upperBound
      if end - start > key.count, bytes[start + key.count] == UInt8(ascii: "="),
        bytes[start..<(start + key.count)].elementsEqual(key)
      {
        let value = (start + key.count + 1)..<end
        return value.isEmpty ? nil : value
      }
      start = end + 1
    }
    return nil
  }
}
