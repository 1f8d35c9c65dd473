import WeftRuntime

/// What happens in a run, in order.
public enum TrainingEvent: Sendable, Equatable {
  /// Parameters were taken over from a checkpoint, by name.
  case initialized(from: String, ParameterTransfer)
  case started(TrainingStart)
  case progress(StepProgress)
  case epochFinished(EpochSummary)
  case saved(Saved, step: Int)
  /// Patience is at its end.
  case stoppedEarly(EarlyStop)
  case phaseFinished(PhaseSummary)
  /// A round of pruning is over.
  case roundFinished(RoundSummary)
  /// A stage of sparse sharing begins; what follows is of it until the next one begins.
  case stageBegan(StageStart)
  /// Asked to stop; the state is saved.
  case cancelled(step: Int)
  case finished(TrainingSummary)

  public enum Saved: String, Sendable, Codable { case state, best }
}

/// What a run is about to do.
public struct TrainingStart: Sendable, Equatable {
  public var plan: TrainingPlan
  /// Where it goes on from; step 0 for a new run.
  public var state: LoopState
  public var isResumed = false
}

/// Where a run is.
public struct StepProgress: Sendable, Equatable {
  /// Steps between reports that are made whatever the clock says (and that go to the log).
  public static let milestone = 100

  public var phase: String
  public var phaseNumber: Int
  public var phaseCount: Int
  /// From 0.
  public var epoch: Int
  public var epochs: Int
  /// Steps of the whole run.
  public var step: Int
  public var epochStep: Int
  public var stepsPerEpoch: Int
  /// Mean loss of each task in this epoch (nats), by task number; nil before its first mini-batch.
  public var losses: [Double?]
  /// Tokens that passed the encoder in this epoch.
  public var tokens: Int
  public var rate: Double
  /// Encoder token passes a second, since the epoch began or was resumed.
  public var tokensPerSecond: Double
  public var stepsPerSecond: Double

  /// Seconds to the end of the phase if it makes all its epochs, without scoring; nil before the speed is known.
  public var secondsLeft: Double? {
    guard stepsPerSecond > 0 else { return nil }
    return Double((epochs - epoch) * stepsPerEpoch - epochStep) / stepsPerSecond
  }
}

/// An epoch that is over.
public struct EpochSummary: Sendable, Equatable {
  public var phase: String
  public var phaseNumber: Int
  /// From 0.
  public var epoch: Int
  /// Steps of the whole run at its end.
  public var step: Int
  public var losses: [Double?]
  public var tokens: Int
  /// Rate of its last step.
  public var rate: Double
  /// Dev score of each task; nil where there is none.
  public var scores: [Double?]
  /// Score of each task on the training sentences; empty unless the recipe asks for it.
  public var trainingScores: [Double?] = []
  /// Mean of the decisive tasks' scores.
  public var meanScore: Double?
  /// The number of the task whose score alone decides which epoch is best; nil if all count.
  public var mainTask: Int? = nil
  public var isBest: Bool
  public var epochsSinceBest: Int
  /// What the group lasso has removed; nil without one.
  public var groups: GroupCount? = nil
  public var trainingSeconds: Double
  public var scoringSeconds: Double
}

/// The end of a phase before its last epoch.
public struct EarlyStop: Sendable, Equatable {
  public var phaseNumber: Int
  public var step: Int
  /// The last epoch, from 0.
  public var epoch: Int
  /// The epoch that counts.
  public var best: DevProgress.Best?
}

/// A phase that is over.
public struct PhaseSummary: Sendable, Equatable, Codable {
  public var name: String
  public var number: Int
  /// Steps of the whole run at its end.
  public var step: Int
  public var epochs: Int
  public var steps: Int
  public var best: DevProgress.Best?
}

/// A round of pruning that is over.
public struct RoundSummary: Sendable, Equatable, Codable {
  /// Name of the task.
  public var task: String
  /// Prunings before it.
  public var number: Int
  /// Number of the last round.
  public var last: Int
  /// Of the mask that it trained under.
  public var size: SubnetSize
  /// Dev score of the task in the best epoch; nil without dev data.
  public var score: Double?
  public var epochs: Int
  /// Steps of the pruning so far.
  public var step: Int
}

/// A stage of sparse sharing that begins.
public struct StageStart: Sendable, Equatable {
  public var stage: SharingStage
  /// Was it finished before, so that nothing is to be done?
  public var isFinished = false
  /// Does it run beside others, so that only its rounds are told?
  public var isConcurrent = false
}

/// A run that is over.
public struct TrainingSummary: Sendable, Equatable, Codable {
  public var steps: Int
  public var phases: Int
  /// Best epoch of the last phase.
  public var best: DevProgress.Best?

  init(state: LoopState) {
    steps = state.step
    phases = state.phase + 1
    best = state.progress.best
  }
}

/// How a run ended.
public enum TrainingOutcome<Parameters: Sendable>: Sendable {
  /// With the parameters of the model.
  case finished(Parameters, TrainingSummary)
  /// Saved; going on from there ends as if it had not been stopped.
  case cancelled(LoopState)
}
