import Foundation
import WeftGraph
import WeftRuntime
import WeftSpec

/// A system of a comparison with its data read and its network built: what reports need of it, without a compiler.
public struct PreparedSystem: Sendable {
  public let data: ExperimentData
  public let design: NetworkDesign
  private let counts: ParameterTable.Counts
  /// By task number.
  private let reached: [Set<String>]

  public init(data: ExperimentData, design: NetworkDesign) throws {
    self.data = data
    self.design = design
    let table = ParameterTable(try design.graph.differentiated())
    counts = table.all
    reached = design.spec.tasks.indices.map { task in
      Set(table.rows.filter { $0.isPrunable && $0.tasks & (1 << UInt64(task)) != 0 }.map(\.name))
    }
  }

  public init(_ loaded: LoadedSpec) throws {
    let data = try ExperimentData(loaded)
    try self.init(data: data, design: NetworkDesign(spec: data.spec, vocabularies: data.vocabularies))
  }

  public init(_ experiment: Experiment) throws {
    try self.init(data: experiment.data, design: experiment.design)
  }

  /// Weights and biases of recurrences and convolutions that at least one task uses.
  ///
  /// - Parameter masks: of tasks that have one, by task number.
  func parameters(_ masks: [Int: Mask]) throws -> Int {
    guard !masks.isEmpty else { return counts.network }
    let layout = design.maskLayout
    var used = Mask(layout, all: false)
    for (task, names) in reached.enumerated() {
      let whole = Mask(layout, all: true).restricted(to: names)
      used = try used.union(masks[task]?.laidOut(as: layout).restricted(to: names) ?? whole)
    }
    return counts.network - counts.prunable + used.keptCount
  }

  /// Is what a folder holds a finished run of a spec of this system?
  ///
  /// - Returns: false if the run is not finished.
  /// - Throws: `TrainError` saying what differs, if it is of another spec or of other data.
  func isFinished(_ folder: RunFolder, spec: Spec) throws -> Bool {
    guard folder.hasModel else { return false }
    let advice = "bring the old spec or data back, remove the folder, or compare in another folder (-o)"
    let found: RunResults
    let old: Spec
    do {
      found = try JSONDecoder().decode(RunResults.self, from: Data(contentsOf: folder.results))
      old = try Spec(
        resolvedJSON: String(contentsOf: folder.spec, encoding: .utf8), path: folder.spec.path)
    } catch {
      throw TrainError(
        .unreadable, "\(folder.results.path) or \(folder.spec.path) cannot be read",
        suggestion: "remove the folder; its run is made anew")
    }
    let differences = JSONDifference.list(between: old.decisiveJSON, and: spec.decisiveJSON)
    guard differences.isEmpty else {
      throw TrainError(
        .mismatch,
        "\(folder.url.path) was made by another spec (there against here):\n  "
          + differences.prefix(8).joined(separator: "\n  ")
          + (differences.count > 8 ? "\n  … and \(differences.count - 8) more" : ""), suggestion: advice)
    }
    let hashes = CheckpointHashes(
      architecture: design.architectureHash, data: design.vocabularies.hash, recipe: spec.recipeHash)
    guard found.hashes == hashes else {
      throw TrainError(
        .mismatch,
        found.hashes.data != hashes.data
          ? "\(folder.url.path) was made from other data: its vocabularies differ from those of the files now"
          : "\(folder.url.path) was made by another version of the network or the recipe",
        suggestion: advice)
    }
    return true
  }
}
