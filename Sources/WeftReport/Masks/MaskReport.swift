import Foundation
import WeftRuntime

/// A mask and where it was found.
public struct FoundMask: Sendable {
  public var path: String
  public var file: MaskFile
  public init(path: String, file: MaskFile) {
    self.path = path
    self.file = file
  }
}

/// What masks leave of a network, as text and as JSON.
public struct MaskReport: Sendable {
  public let masks: [FoundMask]
  private let statistics: [MaskStatistics]

  public init(_ masks: [FoundMask]) {
    self.masks = masks
    statistics = masks.map { MaskStatistics($0.file.mask, reached: $0.file.reached) }
  }

  /// A row for each mask.
  public func summary() -> TextTable {
    var table = TextTable([
      .init("task", .left), .init("prunings"), .init("density %"), .init("weights"), .init("of"),
      .init("dev"),
      .init("removed", .left), .init("file", .left),
    ])
    for mask in masks {
      let file = mask.file
      table.add([
        file.task, file.provenance.round.map(String.init) ?? "–", Quantity.percent(file.density),
        Quantity.count(file.keptCount), Quantity.count(file.reachedCount),
        file.devScore.map(Quantity.percent) ?? "–", file.granularity, mask.path,
      ])
    }
    return table
  }

  /// Everything about each mask.
  public func details() -> String {
    zip(masks, statistics).map { mask, statistics in
      Self.heading(mask) + "\n" + Self.matrices(statistics).text() + "\n" + Self.units(statistics).text()
        + Self.legend
    }.joined(separator: "\n")
  }

  private static let legend = """
    density: of a unit's rows (of all four gates, in both matrices). no input: nothing is left of these rows.
    no recurrence: no unit reads its state of the step before. no output: besides, no unit of the next layer reads it.

    """

  private static func heading(_ mask: FoundMask) -> String {
    let file = mask.file
    var lines = ["\(mask.path): the mask of task \(file.task)"]
    lines.append(
      "density       \(Quantity.percent(file.density)) %: \(Quantity.count(file.keptCount)) of "
        + "\(Quantity.count(file.reachedCount)) weights that the task reaches")
    if let score = file.devScore { lines.append("dev score     \(Quantity.percent(score))") }
    var origin = "for spec \(file.provenance.spec)"
    if let seed = file.provenance.seed { origin += ", seed \(seed)" }
    if let round = file.provenance.round { origin += ", after \(round) pruning\(round == 1 ? "" : "s")" }
    lines.append("made          \(origin), by \(file.provenance.madeBy)")
    lines.append("removed       \(file.granularity)")
    lines.append("architecture  \(file.architectureHash)")
    return lines.joined(separator: "\n") + "\n"
  }

  private static func matrices(_ statistics: MaskStatistics) -> TextTable {
    var table = TextTable([
      .init("parameter", .left), .init("shape", .left), .init("weights"), .init("density %"), .init("i"),
      .init("f"), .init("g"), .init("o"),
    ])
    for matrix in statistics.matrices {
      table.add(
        [
          matrix.name, matrix.shape.map(String.init).joined(separator: " × "),
          Quantity.count(matrix.weights.kept), Quantity.percent(matrix.weights.density),
        ] + (matrix.gates ?? []).map { Quantity.percent($0.density) })
    }
    table.addRule()
    table.add([
      "all", "", Quantity.count(statistics.weights.kept), Quantity.percent(statistics.weights.density),
    ])
    return table
  }

  private static func units(_ statistics: MaskStatistics) -> TextTable {
    var table = TextTable([
      .init("units of", .left), .init("units"), .init("least %"), .init("median %"), .init("most %"),
      .init("no input"), .init("no recurrence"), .init("no output"),
    ])
    for layer in statistics.units {
      let sorted = layer.density.sorted()
      let middle = sorted.count / 2
      let median = sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
      table.add([
        layer.name, Quantity.count(sorted.count), Quantity.percent(sorted[0]), Quantity.percent(median),
        Quantity.percent(sorted[sorted.count - 1]), Quantity.count(layer.withoutInput.count),
        layer.withoutRecurrence.map { Quantity.count($0.count) } ?? "–",
        layer.withoutOutput.map { Quantity.count($0.count) } ?? "–",
      ])
    }
    return table
  }

  // MARK: JSON

  private struct Record: Encodable {
    var path: String
    var task: String
    var architecture: String
    var granularity: String
    var provenance: MaskProvenance
    var devScore: Double?
    var reached: [String]
    var statistics: MaskStatistics
  }

  /// `{"masks": [...]}`, with every unit's density and the numbers of dead units.
  public func json() throws -> String {
    let records = zip(masks, statistics).map { mask, statistics in
      Record(
        path: mask.path, task: mask.file.task, architecture: mask.file.architectureHash,
        granularity: mask.file.granularity, provenance: mask.file.provenance, devScore: mask.file.devScore,
        reached: mask.file.reached.sorted(), statistics: statistics)
    }
    return try Self.encode(["masks": records])
  }

  static func encode(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(value), as: UTF8.self) + "\n"
  }
}
