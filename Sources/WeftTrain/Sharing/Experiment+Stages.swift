import WeftRuntime
import WeftSpec

/// What a stage that was run by itself came to.
public struct StageReport: Sendable, Equatable {
  public enum End: Sendable, Equatable {
    /// The folder holds the stage's result.
    case finished
    /// Stopped on demand after so many steps; the state is saved.
    case cancelled(step: Int)
  }
  public var end: End
}

extension Experiment {
  /// Runs the multi-task warm-up of sparse sharing by itself.
  ///
  /// - Parameter folder: that of the whole run; the warm-up's is `warmup` in it.
  public func warmUp(in folder: RunFolder, start: RunStart = .new) -> TrainingRun<StageReport> {
    TrainingRun { emit, isCancelled in
      try checkStages(of: "warm-up")
      guard spec.sharing.warmup > 0 else {
        throw TrainError(
          .mismatch, "sharing.warmup is 0: there is no warm-up", suggestion: "set sharing.warmup, in epochs")
      }
      let training = StagedTraining(experiment: self, folder: folder)
      try training.checkState(start, of: [folder.warmup])
      let step = try training.warmUp(start, emit: emit, isCancelled: isCancelled)
      return StageReport(end: step.map { .cancelled(step: $0) } ?? .finished)
    }
  }

  /// Finds the subnets of tasks by themselves. The warm-up must be finished, if the spec has one.
  ///
  /// - Parameters:
  ///   - tasks: names; nil for all.
  ///   - folder: that of the whole run; a task's is `prune/<task>` in it.
  ///   - jobs: tasks that are pruned side by side.
  public func prune(
    _ tasks: [String]? = nil, in folder: RunFolder, start: RunStart = .new, jobs: Int = 1
  ) -> TrainingRun<StageReport> {
    TrainingRun { emit, isCancelled in
      try checkStages(of: "pruning")
      let all = spec.tasks.map(\.name)
      // In the order of the spec, each once; names that are none of its tasks' are refused later.
      let tasks =
        tasks.map { named in all.filter(named.contains) + named.filter { !all.contains($0) } } ?? all
      let training = StagedTraining(experiment: self, folder: folder, jobs: jobs)
      try training.checkState(start, of: tasks.map(folder.pruning))
      let step = try training.prune(
        tasks, start == .resume ? .resumeOrNew : start, emit: emit, isCancelled: isCancelled)
      return StageReport(end: step.map { .cancelled(step: $0) } ?? .finished)
    }
  }

  private func checkStages(of stage: String) throws(TrainError) {
    guard !StagedTraining.isNeeded(for: spec) else { return }
    throw TrainError(
      .mismatch,
      spec.sharing.kind == .sparse
        ? "the spec names its masks (sharing.masks), so that there is no \(stage)"
        : "the spec's sharing is \(spec.sharing.kind.rawValue), which has no \(stage)",
      suggestion: "\(stage) is a stage of `sharing: sparse` without masks")
  }
}
