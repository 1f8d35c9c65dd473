import WeftRuntime
import WeftSpec

/// One stretch of training: what steps draw from, how they update, when it ends.
///
/// Training is a list of phases. Joint training is one; single-task training is one for each task; warm-up, pruning
/// rounds and parallel training of subnets, or a cascade of tasks, are longer lists. A phase starts where the one
/// before ended, or from a snapshot that an earlier one took.
public struct Phase: Sendable, Equatable, Codable {
  /// Where a phase starts.
  public enum Start: Sendable, Equatable, Codable {
    /// With the parameters that the phase before left.
    case carryOn
    /// With the parameters of a named snapshot, and a new optimiser.
    case snapshot(String)
  }
  /// Which parameters it leaves to the next phase and to the model.
  public enum Finish: String, Sendable, Equatable, Codable {
    /// Those of the epoch with the best dev score.
    case best
    /// Those of the last epoch.
    case last
  }

  /// Shown in progress and logs.
  public var name: String
  /// Seed of the phase's random streams.
  public var seed: UInt64
  /// What a step may draw.
  public var streams: [BatchStream]
  public var sampling: SamplingSpec
  /// Sentences a mini-batch.
  public var batch: Int
  /// Mini-batches a step; their gradients are averaged.
  public var accumulate: Int
  public var optimizer: OptimizerSpec
  public var rate: Double
  public var schedule: ScheduleSpec
  public var clip: ClipSpec
  /// Factor λ of each task's loss, by task number.
  public var weights: [Double]
  public var epochs: Int
  /// Epochs without a better dev score before the phase ends; nil: never.
  public var patience: Int?
  /// Tasks whose mean dev score decides.
  public var decisive: TaskSet
  public var start: Start = .carryOn
  public var finish: Finish = .best
  /// Name under which the parameters that the phase leaves are kept.
  public var snapshot: String?
  /// Subnets of tasks, by task number: names of masks in the store. A task without one uses all weights.
  public var masks: [Int: String] = [:]
  /// What a step may change under masks.
  public var updates: MaskedUpdates = .exact
  /// The round of pruning that it is, if it is one.
  public var round: PruningRound?

  public init(
    name: String, seed: UInt64, streams: [BatchStream], decisive: TaskSet, weights: [Double],
    recipe: TrainSpec
  ) {
    self.name = name
    self.seed = seed
    self.streams = streams
    sampling = recipe.sampling
    batch = recipe.batch
    accumulate = recipe.accumulate
    optimizer = recipe.optimizer
    rate = recipe.rate
    schedule = recipe.schedule
    clip = recipe.clip
    self.weights = weights
    epochs = recipe.epochs
    patience = recipe.patience
    self.decisive = decisive
  }

  /// The tasks that it trains.
  public var tasks: TaskSet { streams.reduce(into: []) { $0.formUnion($1.tasks) } }

  /// Mini-batches of one pass over a stream: ⌈sentences / batch⌉.
  public func batches(of stream: Int) -> Int { (streams[stream].sentenceCount + batch - 1) / batch }

  /// Steps of one pass over a stream: ⌈mini-batches / accumulate⌉.
  public func steps(of stream: Int) -> Int { (batches(of: stream) + accumulate - 1) / accumulate }

  /// Steps of one epoch: as many as one pass over every stream takes.
  public var stepsPerEpoch: Int { streams.indices.reduce(0) { $0 + steps(of: $1) } }
}

/// An endless stream of mini-batches: passes over the same sentences, each in an order of its own.
public struct BatchStream: Sendable, Equatable, Codable {
  /// The task, or the corpus for joint steps.
  public var name: String
  /// Tasks that a step on it trains (those that its mini-batch carries labels for).
  public var tasks: TaskSet
  /// Key of its random streams: the task's number; the number of tasks and above for joint steps.
  public var key: UInt64
  /// Training sentences that carry a label of at least one of the tasks.
  public var sentenceCount: Int
  public init(name: String, tasks: TaskSet, key: UInt64, sentenceCount: Int) {
    self.name = name
    self.tasks = tasks
    self.key = key
    self.sentenceCount = sentenceCount
  }
}
