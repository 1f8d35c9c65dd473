/// What happens while a comparison runs, in order.
public enum ComparisonEvent: Sendable {
  /// A run was finished before.
  case found(PlannedRun)
  case began(PlannedRun)
  case progressed(ComparisonProgress)
  case finished(PlannedRun, TrainingReport, ComparisonProgress)
  /// Stopped on demand; its state is saved.
  case stopped(PlannedRun)
  /// It could not be done; the others go on.
  case failed(PlannedRun, any Error)
  /// The run that it needs could not be done.
  case left(PlannedRun)
}

/// How far a comparison is.
public struct ComparisonProgress: Sendable, Equatable {
  /// Runs that are over, those of earlier times included.
  public var finished: Int
  public var total: Int
  /// What the runs under way do: their title, the phase and its epochs, e.g. `hard, seed 1: joint epoch 3/15`.
  public var current: [String]
  /// Share of the steps that are made or not needed any more, in 0 ... 1.
  public var fraction: Double
  /// Seconds to the end if no phase ends before its last epoch; nil before the speed is known.
  public var secondsLeft: Double?
}
