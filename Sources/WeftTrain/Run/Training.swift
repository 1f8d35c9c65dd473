import Foundation
import WeftCorpus
import WeftRuntime
import WeftSpec

/// How a run relates to what its folder holds.
public enum RunStart: Sendable, Equatable {
  /// Begin; an error if the folder holds a run.
  case new
  /// Begin, and remove what an earlier run left.
  case replace
  /// Go on from the saved state; an error if there is none.
  case resume
  /// Go on if there is a state, else begin.
  case resumeOrNew
}

/// What a run made.
public struct TrainingReport: Sendable {
  public enum End: Sendable, Equatable {
    case finished(TrainingSummary)
    /// Stopped on demand after so many steps; the state is saved.
    case cancelled(step: Int)
  }
  public var folder: RunFolder
  public var end: End
  /// The trained model's scores; nil if the run was stopped, or where the spec has no such files.
  public var dev: Evaluation?
  public var test: Evaluation?
}

extension Experiment {
  /// Trains, on a thread of its own; sparse sharing with all its stages (``StagedTraining``).
  ///
  /// The folder then holds the model, its scores, the log and the state to go on from.
  ///
  /// - Parameter jobs: tasks that are pruned side by side; the results do not depend on it.
  public func train(
    in folder: RunFolder, start: RunStart = .new, jobs: Int = 1
  ) -> TrainingRun<TrainingReport> {
    TrainingRun { emit, isCancelled in
      if StagedTraining.isNeeded(for: spec) {
        try StagedTraining(experiment: self, folder: folder, jobs: jobs).run(
          start, emit: emit, isCancelled: isCancelled)
      } else {
        try TrainingTask(experiment: self, folder: folder, masks: givenMasks()).run(
          start, emit: emit, isCancelled: isCancelled)
      }
    }
  }
}

/// What `results.json` says.
public struct RunResults: Sendable, Equatable, Codable {
  public var name: String
  public var seed: UInt64
  public var toolVersion: String
  public var hashes: CheckpointHashes
  public var training: TrainingSummary
  public var dev: EvaluationRecord?
  public var test: EvaluationRecord?
}
