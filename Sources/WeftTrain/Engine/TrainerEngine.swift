import WeftCorpus
import WeftGraph
import WeftRuntime
import WeftSpec

/// The step engine of production: generated training code.
public struct TrainerEngine: StepEngine {
  public let trainer: TrainerState
  /// Of masks, with the shapes that checkpoints show.
  private let layout: MaskLayout
  /// Of what the group lasso has removed; nil where that is of no interest.
  private let graph: Graph?

  /// - Parameters:
  ///   - shapes: those that checkpoints show, where they have more than two extents.
  ///   - graph: the network, by which groups of weights are told.
  public init(_ trainer: TrainerState, shapes: [String: [Int]] = [:], graph: Graph? = nil) {
    self.trainer = trainer
    self.graph = graph
    layout = MaskLayout(trainer.tables, shapes: shapes)
  }

  /// A trainer for a recipe, with everything zero.
  public init(
    library: TrainingLibrary, recipe: TrainSpec, shapes: [String: [Int]] = [:], graph: Graph? = nil,
    instructionSet: String? = nil
  ) throws {
    self.init(
      try TrainerState(
        library: library, adam: recipe.optimizer.kind != .sgd, instructionSet: instructionSet,
        threads: recipe.threads), shapes: shapes, graph: graph)
  }

  public func forward(
    _ batch: PackedBatch, tasks: TaskSet, random: StepRandom, losses: inout [Double]
  ) throws {
    losses = try trainer.forward(
      batch, tasks: tasks,
      random: RandomKey(
        seed: random.seed, task: Int(truncatingIfNeeded: random.stream),
        step: Int(truncatingIfNeeded: random.step)))
  }

  public func backward(_ batch: PackedBatch, tasks: TaskSet, seeds: [Float]) throws {
    try trainer.backward(seeds: seeds, tasks: tasks)
  }

  public func zeroGradient() throws { try trainer.zero() }

  public func squaredGradientNorm(tasks: TaskSet) throws -> Double { try trainer.sumOfSquares(tasks: tasks) }

  public func apply(_ update: StepUpdate, tasks: TaskSet) throws {
    try trainer.apply(tasks: tasks, UpdateRule(update))
  }

  public func catchUp() { trainer.catchUp() }

  public func setMasks(_ masks: [Int: Mask]) throws {
    for task in trainer.tables.tasks.indices { try trainer.setMask(masks[task], task: task) }
  }

  public func wholeMask(task: Int) -> Mask {
    Mask(layout, all: true).restricted(to: trainer.tables.reached(by: task))
  }

  public func size(of mask: Mask, task: Int) -> SubnetSize {
    let reached = trainer.tables.reached(by: task)
    return SubnetSize(kept: mask.keptCount(of: reached), reached: mask.layout.count(of: reached))
  }

  public func pruned(
    _ mask: Mask, by round: PruningRound, survivors: Int, parameters: ParameterBlock
  ) throws -> Mask {
    try MagnitudePruning(granularity: round.granularity, scope: round.scope).prune(
      mask, weights: parameters, reached: trainer.tables.reached(by: round.task), keeping: survivors,
      task: trainer.tables.tasks[round.task].name)
  }

  public func snapshot() throws -> ParameterBlock { try trainer.snapshot() }

  public func zeroGroups(of parameters: ParameterBlock) -> GroupCount? {
    guard let graph, !graph.weightGroups.isEmpty else { return nil }
    return GroupCount(zero: graph.zeroGroups { parameters[$0] }.count, all: graph.weightGroups.count)
  }

  public func average(decay: Float, into average: inout ParameterBlock) throws {
    try trainer.average(decay: decay, into: &average)
  }

  public func restart(from parameters: ParameterBlock) throws {
    var state = try trainer.export()
    let zeros = try ParameterBlock(trainer.tables)
    state.parameters = parameters
    state.firstMoments = zeros
    if state.secondMoments != nil { state.secondMoments = zeros }
    state.clocks = state.clocks.map { _ in 0 }
    state.rowLags = state.rowLags.mapValues { $0.map { _ in 0 } }
    state.lagTables = state.lagTables.mapValues { _ in [] }
    try trainer.restore(state)
  }

  public func exportState() throws -> TrainerSnapshot { try trainer.export() }
  public func importState(_ state: TrainerSnapshot) throws { try trainer.restore(state) }
}

extension UpdateRule {
  /// The update of a step in the precision of generated code.
  init(_ update: StepUpdate) {
    self.init()
    let settings = update.optimizer
    optimizer =
      switch settings.kind {
      case .sgd: .sgd
      case .adam: .adam
      case .adamw: .adamw
      }
    isNesterov = settings.nesterov
    isDense = !settings.lazy
    rate = Float(update.rate)
    momentum = Float(settings.momentum)
    decay = Float(settings.weightDecay)
    beta1 = Float(settings.beta1)
    beta2 = Float(settings.beta2)
    epsilon = Float(settings.epsilon)
    gradientScale = Float(update.gradientScale)
    clipValue = Float(update.clipValue)
    ignoresMasks = update.ignoresMasks
  }
}

extension LibraryTables {
  /// Names of the prunable parameters that a task's steps reach, over which the density of its mask is taken.
  public func reached(by task: Int) -> Set<String> {
    Set(parameters.filter { $0.isPrunable && $0.tasks.contains(task: task) }.map(\.name))
  }
}
