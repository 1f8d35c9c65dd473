import WeftCorpus
import WeftRuntime
import WeftSpec

/// A mini-batch and the tasks that it carries at least one label for.
public struct TrainingBatch: Sendable {
  public var packed: PackedBatch
  public var labelled: TaskSet
  public init(packed: PackedBatch, labelled: TaskSet) {
    self.packed = packed
    self.labelled = labelled
  }
}

/// Where mini-batches come from.
public protocol BatchSource {
  /// The `number`-th mini-batch of a stream since the phase began: a function of its arguments alone.
  mutating func batch(_ number: Int, of stream: BatchStream, in phase: Phase) throws -> TrainingBatch
}

/// What scores the parameters of an epoch.
public protocol DevScorer<Parameters, Mask> {
  associatedtype Parameters
  associatedtype Mask
  /// Dev score of each task, by task number; nil for tasks that are not asked for or have no dev data.
  ///
  /// - Parameter masks: subnets by task number; a task without one uses all weights.
  mutating func scores(of parameters: Parameters, masks: [Int: Mask], tasks: TaskSet) throws -> [Double?]
  /// The same on the training sentences, for learning curves; nil for every task unless that is asked for.
  mutating func trainingScores(
    of parameters: Parameters, masks: [Int: Mask], tasks: TaskSet
  ) throws -> [Double?]
}

extension DevScorer {
  public mutating func trainingScores(
    of parameters: Parameters, masks: [Int: Mask], tasks: TaskSet
  ) throws -> [Double?] { [] }
}

/// What a mask that pruning makes is kept with.
public struct RoundProvenance: Sendable, Equatable {
  /// Number of the task.
  public var task: Int
  /// Prunings that led to the mask.
  public var number: Int
  public var granularity: PruneSpec.Granularity
  /// Dev score of the training under it; nil before that, and without dev data.
  public var devScore: Double?
}

/// Where a run keeps what must outlive it. Each save is atomic: whoever is interrupted finds the one before.
public protocol RunStore {
  associatedtype EngineState
  associatedtype Parameters
  associatedtype Mask
  func saveState(_ state: LoopState, engine: EngineState, average: Parameters?) throws
  /// Keeps the parameters of the best epoch so far of a phase.
  func saveBest(_ parameters: Parameters, _ best: DevProgress.Best) throws
  func loadBest() throws -> Parameters
  /// Keeps parameters under a name for later phases.
  func saveSnapshot(_ parameters: Parameters, named name: String) throws
  func loadSnapshot(named name: String) throws -> Parameters
  func loadMask(named name: String) throws -> Mask
  /// Keeps the mask of a round of pruning, with the dev score of the training under it once that is known.
  func saveMask(_ mask: Mask, named name: String, _ provenance: RoundProvenance) throws
}
