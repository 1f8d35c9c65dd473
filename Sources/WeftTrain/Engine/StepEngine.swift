import WeftCorpus
import WeftRuntime

/// What a training loop needs of a network: the step ABI, with one gradient block.
///
/// Generated code is behind it in production (``TrainerEngine``); tests put a few lines of Swift there.
public protocol StepEngine {
  /// Everything that training changes, exactly: importing an export goes on as if nothing had happened.
  associatedtype State
  /// All parameters in one value.
  associatedtype Parameters: Sendable
  /// The subnet of a task.
  associatedtype Mask: Sendable

  /// Losses of the tasks (mean over the batch, in nats) go to `losses[task]`; keeps what `backward` needs.
  mutating func forward(
    _ batch: PackedBatch, tasks: TaskSet, random: StepRandom, losses: inout [Double]
  ) throws
  /// Adds the gradient of Σ over tasks of `seeds[task]` · loss. Follows `forward` with the same batch.
  mutating func backward(_ batch: PackedBatch, tasks: TaskSet, seeds: [Float]) throws
  /// Empties the gradient.
  mutating func zeroGradient() throws
  /// ‖gradient‖² over the update set of the tasks.
  func squaredGradientNorm(tasks: TaskSet) throws -> Double
  /// One update of the parameters that the tasks reach.
  mutating func apply(_ update: StepUpdate, tasks: TaskSet) throws
  /// Brings rows that have missed updates up to date; at the end of an epoch only.
  mutating func catchUp()

  /// Gives tasks their subnets, in place of all that were given before; a task without one uses all weights.
  ///
  /// - Parameter masks: by task number.
  mutating func setMasks(_ masks: [Int: Mask]) throws
  /// The subnet of all prunable weights that a task reaches.
  func wholeMask(task: Int) -> Mask
  func size(of mask: Mask, task: Int) -> SubnetSize
  /// What a round of pruning leaves of its mask, by the magnitudes of these parameters.
  func pruned(
    _ mask: Mask, by round: PruningRound, survivors: Int, parameters: Parameters
  ) throws -> Mask

  /// The parameter block as readers see it, without changing the engine.
  func snapshot() throws -> Parameters
  /// How many groups of weights the group lasso has removed; nil without one.
  func zeroGroups(of parameters: Parameters) -> GroupCount?
  /// average ← decay · average + (1 − decay) · snapshot.
  func average(decay: Float, into average: inout Parameters) throws
  /// Replaces the parameters and clears what the optimiser remembers.
  mutating func restart(from parameters: Parameters) throws

  func exportState() throws -> State
  mutating func importState(_ state: State) throws
}

extension StepEngine {
  public func zeroGroups(of parameters: Parameters) -> GroupCount? { nil }
}

/// Groups of weights under a group lasso.
public struct GroupCount: Sendable, Hashable, Codable {
  /// Those that are exactly 0.
  public var zero: Int
  public var all: Int
  public init(zero: Int, all: Int) {
    self.zero = zero
    self.all = all
  }
}

/// Keys of the random streams of one forward pass.
public struct StepRandom: Sendable, Equatable {
  public var seed: UInt64
  /// Key of the stream of mini-batches: the task's number, or the number of tasks and above for joint steps.
  public var stream: UInt64
  /// Mini-batches of that stream so far.
  public var step: UInt64
  public init(seed: UInt64, stream: UInt64, step: UInt64) {
    self.seed = seed
    self.stream = stream
    self.step = step
  }
}
