import WeftRuntime

/// How far masks use the same weights, in pairs and all together (Sun et al. 2020, Table 7).
public struct OverlapReport: Sendable {
  public struct Row: Sendable, Encodable {
    /// Names of the masks: their tasks, or their paths if two are of one task.
    public var masks: [String]
    public var intersection: Int
    public var union: Int
    public var ratio: Double
    public var expected: Double
  }

  private struct Entry: Encodable {
    var name: String
    var path: String
    var task: String
    var density: Double
    var kept: Int
  }

  private struct Document: Encodable {
    var masks: [Entry]
    var pairs: [Row]
    var all: Row
  }

  public let pairs: [Row]
  public let all: Row
  private let entries: [Entry]

  /// - Throws: `RuntimeError` for fewer than two masks, or masks of different networks.
  public init(_ masks: [FoundMask]) throws(RuntimeError) {
    guard masks.count >= 2, let first = masks.first else {
      throw RuntimeError(.invalidInput, "Overlap is of two masks or more; \(masks.count) was found.")
    }
    for mask in masks where mask.file.architectureHash != first.file.architectureHash {
      throw RuntimeError(
        .checkpointMismatch,
        "\(mask.path) and \(first.path) are masks of different networks: their architectures are "
          + "\(mask.file.architectureHash) and \(first.file.architectureHash).")
    }
    let tasks = masks.map(\.file.task)
    let names = Set(tasks).count == tasks.count ? tasks : masks.map(\.path)
    func row(_ indices: [Int]) throws(RuntimeError) -> Row {
      let overlap = try MaskOverlap(indices.map { masks[$0].file.mask })
      return Row(
        masks: indices.map { names[$0] }, intersection: overlap.intersection, union: overlap.union,
        ratio: overlap.ratio, expected: overlap.expectedRatio)
    }
    var pairs: [Row] = []
    for a in masks.indices {
      for b in masks.indices[(a + 1)...] { pairs.append(try row([a, b])) }
    }
    self.pairs = pairs
    all = try row(Array(masks.indices))
    entries = zip(masks, names).map { mask, name in
      Entry(
        name: name, path: mask.path, task: mask.file.task, density: mask.file.density,
        kept: mask.file.keptCount)
    }
  }

  public func table() -> TextTable {
    var table = TextTable([
      .init("masks", .left), .init("in all"), .init("in any"), .init("OR %"), .init("expected %"),
    ])
    for row in pairs { add(row, row.masks.joined(separator: ", "), to: &table) }
    if entries.count > 2 {
      table.addRule()
      add(all, "all \(entries.count)", to: &table)
    }
    return table
  }

  private func add(_ row: Row, _ name: String, to table: inout TextTable) {
    table.add([
      name, Quantity.count(row.intersection), Quantity.count(row.union), Quantity.percent(row.ratio),
      Quantity.percent(row.expected),
    ])
  }

  /// The table with what its columns mean.
  public func text() -> String {
    table().text()
      + "OR: overlap ratio, weights in all masks over weights in any. expected: if the masks were independent, at their "
      + "densities in each parameter\n"
  }

  public func json() throws -> String {
    try MaskReport.encode(Document(masks: entries, pairs: pairs, all: all))
  }
}
