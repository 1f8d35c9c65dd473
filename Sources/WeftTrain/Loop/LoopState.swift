/// Where a run stands: with the engine's state, all that going on needs.
///
/// There is no random state in it: every random number is a function of the seed and of these counters. Nor is there
/// a clock, so equal runs have equal states.
public struct LoopState: Sendable, Equatable, Codable {
  /// Number of the phase.
  public var phase = 0
  /// Steps of the whole run so far.
  public var step = 0
  /// Epochs of the phase that are over.
  public var epoch = 0
  /// Steps of the phase so far.
  public var phaseStep = 0
  /// Steps of the epoch so far.
  public var epochStep = 0
  /// Mini-batches that each stream of the phase has given.
  public var streamBatches: [Int] = []
  public var progress = DevProgress()
  /// What the epoch's losses add up to.
  public var tally: LossTally

  public init(plan: TrainingPlan) {
    tally = LossTally(tasks: plan.taskNames.count)
    streamBatches = plan.phases.first.map { Array(repeating: 0, count: $0.streams.count) } ?? []
  }

  /// At the start of the next phase.
  mutating func advance(to number: Int, of plan: TrainingPlan) {
    phase = number
    epoch = 0
    phaseStep = 0
    epochStep = 0
    streamBatches = Array(repeating: 0, count: plan.phases[number].streams.count)
    progress = DevProgress()
    tally = LossTally(tasks: plan.taskNames.count)
  }
}

/// Sums of the losses of an epoch.
public struct LossTally: Sendable, Equatable, Codable {
  /// Sum over mini-batches of each task's mean loss, in nats.
  public private(set) var sums: [Double]
  /// Mini-batches of each task.
  public private(set) var counts: [Int]
  /// Tokens that passed the encoder.
  public private(set) var tokens = 0

  public init(tasks: Int) {
    sums = Array(repeating: 0, count: tasks)
    counts = Array(repeating: 0, count: tasks)
  }

  mutating func add(_ loss: Double, of task: Int) {
    sums[task] += loss
    counts[task] += 1
  }

  mutating func add(tokens count: Int) { tokens += count }

  /// Mean loss of each task over its mini-batches; nil before the first.
  public var means: [Double?] { zip(sums, counts).map { $1 == 0 ? nil : $0 / Double($1) } }
}
