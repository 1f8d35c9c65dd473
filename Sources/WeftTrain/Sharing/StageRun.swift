import Foundation
import WeftRuntime
import WeftSpec

/// A stage of sparse sharing and what its folder holds of it.
struct StageRun: Sendable {
  let stage: SharingStage
  let experiment: Experiment
  let folder: RunFolder

  /// How the stage is to be run.
  ///
  /// - Parameter isFinished: does the folder hold its result?
  /// - Returns: nil if it is finished.
  /// - Throws: `TrainError` if the folder's run is of another spec, or was interrupted and is not to be resumed.
  func start(_ start: RunStart, isFinished: Bool) throws -> RunStart? {
    if start == .replace { return .replace }
    guard isFinished || folder.hasState else { return .new }
    try checkSpec()
    if isFinished { return nil }
    if start == .new {
      throw TrainError(
        .unwritable, "\(folder.url.path) holds a run that was interrupted",
        suggestion: "resume it, replace it, or name another folder")
    }
    return .resume
  }

  /// Is what the folder holds of this spec, these data and this network?
  ///
  /// - Throws: `TrainError` or `RuntimeError` saying what differs.
  func checkSpec() throws {
    let wanted = try experiment.design.checkpointDescription()
    let found =
      folder.hasState
      ? try TrainingCheckpoint.description(of: folder.state)
      : try Checkpoint(contentsOf: folder.model).description
    let file = folder.hasState ? folder.state : folder.model
    let old = try Spec(resolvedJSON: found.spec, path: file.path)
    var differences = JSONDifference.list(between: old.decisiveJSON, and: experiment.spec.decisiveJSON)
    if stage == .warmup {
      // As the spec that the user wrote names it.
      differences = differences.map { $0.replacing(/^train\.epochs:/, with: "sharing.warmup:") }
    }
    guard differences.isEmpty else {
      throw TrainError(
        .mismatch,
        "\(folder.url.path) was made by another spec (there against here):\n  "
          + differences.prefix(8).joined(separator: "\n  ")
          + (differences.count > 8 ? "\n  … and \(differences.count - 8) more" : ""),
        suggestion: "bring the old spec back, begin anew (--replace), or name another folder (-o)")
    }
    try found.check(against: wanted, for: .resume, file: file.path)
  }
}
