import WeftCorpus
import WeftRuntime
import WeftSpec

/// The step engine of production: generated training code.
public struct TrainerEngine: StepEngine {
  public let trainer: TrainerState

  public init(_ trainer: TrainerState) { self.trainer = trainer }

  /// A trainer for a recipe, with everything zero.
  public init(library: TrainingLibrary, recipe: TrainSpec, instructionSet: String? = nil) throws {
    trainer = try TrainerState(
      library: library, adam: recipe.optimizer.kind != .sgd, instructionSet: instructionSet,
      threads: recipe.threads)
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

  public func snapshot() throws -> ParameterBlock { try trainer.snapshot() }

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
