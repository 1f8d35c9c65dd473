/// Takes over parameters from another network by name, rows of vocabularies and labels by the entries they
/// stand for: for fine-tuning on other data, with new labels, or with a larger vocabulary.
public struct ParameterTransfer: Sendable, Hashable {
  /// What happened to a table whose rows or columns have names.
  public struct Matched: Sendable, Hashable {
    public var name: String
    /// Rows taken over, rows that only the new network has, rows that only the old one had.
    public var loaded: Int, new: Int, dropped: Int
  }
  /// A parameter that both have, of sizes that do not match.
  public struct Reshaped: Sendable, Hashable {
    public var name: String
    public var from: [Int], to: [Int]
  }

  /// Taken over as they were.
  public private(set) var loaded: [String] = []
  /// Taken over in part, row by row.
  public private(set) var matched: [Matched] = []
  /// Not in the checkpoint: as initialised.
  public private(set) var new: [String] = []
  /// Only in the checkpoint.
  public private(set) var dropped: [String] = []
  /// Not taken over because their sizes differ: as initialised.
  public private(set) var reshaped: [Reshaped] = []

  /// Copies what fits from `source` into `target`, which holds its initial values.
  ///
  /// - Parameters:
  ///   - source, sourceNames: the checkpoint's parameters and what its rows stand for.
  ///   - target, targetNames: the new network's.
  ///   - rename: the name in the checkpoint of a parameter of the new network.
  public init(
    from source: ParameterBlock, _ sourceNames: EntryNames, to target: inout ParameterBlock,
    _ targetNames: EntryNames, rename: (String) -> String = { $0 }
  ) throws(RuntimeError) {
    var used: Set<String> = []
    for info in target.table {
      let sourceName = rename(info.name)
      guard let old = source.info(sourceName), let values = source[sourceName], var own = target[info.name]
      else {
        new.append(info.name)
        continue
      }
      used.insert(sourceName)
      let (sourceAxes, axes) = (sourceNames.axes(of: sourceName), targetNames.axes(of: info.name))
      let rows = Self.match(sourceAxes.rows, old.rows, axes.rows, info.rows)
      let columns = Self.match(sourceAxes.columns, old.columns, axes.columns, info.columns)
      guard let rows, let columns, old.shape.count == info.shape.count || old.count == info.count else {
        reshaped.append(Reshaped(name: info.name, from: old.shape, to: info.shape))
        continue
      }
      for (row, sourceRow) in rows.enumerated() {
        guard let sourceRow else { continue }
        for (column, sourceColumn) in columns.enumerated() {
          guard let sourceColumn else { continue }
          own[row * info.columns + column] = values[sourceRow * old.columns + sourceColumn]
        }
      }
      try target.set(info.name, to: own)
      let isWhole = rows == Array(0..<old.rows) && columns == Array(0..<old.columns)
      if isWhole {
        loaded.append(info.name)
      } else {
        let count = rows.count { $0 != nil }
        matched.append(
          Matched(
            name: info.name, loaded: count, new: info.rows - count,
            dropped: old.rows - Set(rows.compactMap(\.self)).count))
      }
    }
    dropped = source.names.filter { !used.contains($0) }
  }

  /// For each new row or column the old one it is taken from; nil if neither names nor sizes tell.
  private static func match(
    _ oldNames: [String]?, _ oldCount: Int, _ newNames: [String]?, _ newCount: Int
  ) -> [Int?]? {
    if let oldNames, let newNames, oldNames.count == oldCount, newNames.count == newCount {
      let places = Dictionary(oldNames.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
      return newNames.map { places[$0] }
    }
    return oldCount == newCount ? (0..<newCount).map { $0 } : nil
  }

  /// Lines for people: what was loaded, is new, was dropped, or changed its size.
  public var report: String {
    var lines: [String] = []
    func list(_ title: String, _ names: [String]) {
      if !names.isEmpty { lines.append("\(title): \(names.joined(separator: ", "))") }
    }
    list("loaded", loaded)
    for table in matched {
      lines.append(
        "loaded in part: \(table.name) (\(table.loaded) rows loaded, \(table.new) new, \(table.dropped) "
          + "dropped)"
      )
    }
    list("new", new)
    list("dropped", dropped)
    for parameter in reshaped {
      lines.append(
        "not loaded: \(parameter.name) is \(parameter.from) in the checkpoint and \(parameter.to) here")
    }
    return lines.joined(separator: "\n")
  }
}
