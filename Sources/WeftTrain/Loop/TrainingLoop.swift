import WeftRuntime

/// Runs a plan, step by step.
///
/// A step draws a stream, takes its next mini-batches, adds up their gradients and makes one update of exactly the
/// parameters that the batches' tasks reach. Every number in it is a function of the seed and of the counters in
/// ``LoopState``; so a run that goes on from a saved state ends with the same bits as one that was never interrupted.
public final class TrainingLoop<Engine: StepEngine, Source: BatchSource, Scorer: DevScorer, Store: RunStore>
where
  Store.EngineState == Engine.State, Store.Parameters == Engine.Parameters,
  Scorer.Parameters == Engine.Parameters, Store.Mask == Engine.Mask, Scorer.Mask == Engine.Mask
{
  public typealias Parameters = Engine.Parameters

  public let plan: TrainingPlan
  public private(set) var engine: Engine
  public private(set) var state: LoopState
  /// Moving average of the weights, if the plan asks for one.
  public private(set) var average: Parameters?
  private var source: Source
  private var scorer: Scorer
  private let store: Store
  private var meter = SpeedMeter()
  private let start: LoopState
  private let isNew: Bool
  /// Subnets of the phase, by task number.
  private var masks: [Int: Engine.Mask] = [:]
  // Scratch of a step, by task.
  private var losses: [Double]
  private var seeds: [Float]

  /// - Parameter saved: where an earlier run stood; the engine must have taken in its engine state already.
  public init(
    plan: TrainingPlan, engine: Engine, source: Source, scorer: Scorer, store: Store,
    resuming saved: (state: LoopState, average: Parameters?)? = nil
  ) throws {
    self.plan = plan
    self.engine = engine
    self.source = source
    self.scorer = scorer
    self.store = store
    isNew = saved == nil
    state = saved?.state ?? LoopState(plan: plan)
    start = state
    average = plan.averaging > 0 ? try saved?.average ?? engine.snapshot() : nil
    losses = Array(repeating: 0, count: plan.taskNames.count)
    seeds = Array(repeating: 0, count: plan.taskNames.count)
  }

  /// Trains until the plan's end or until asked to stop, whichever is first; then everything is saved.
  ///
  /// - Parameters:
  ///   - observe: called with each event before the loop goes on.
  ///   - isCancelled: asked before each step.
  /// - Returns: how the run ended; `.finished` with the parameters that the last phase leaves.
  public func run(
    observe: (TrainingEvent) throws -> Void, isCancelled: () -> Bool = { false }
  ) throws -> TrainingOutcome<Parameters> {
    try observe(.started(TrainingStart(plan: plan, state: start, isResumed: !isNew)))
    if isNew {
      if let name = plan.origin { try store.saveSnapshot(engine.snapshot(), named: name) }
      try begin(plan.phases[0])
      // So that there is a state to go on from, however soon the run is killed.
      try save(observe)
    }
    while true {
      let phase = plan.phases[state.phase]
      masks = try phase.masks.mapValues { try store.loadMask(named: $0) }
      try engine.setMasks(masks)
      guard try runPhase(phase, observe: observe, isCancelled: isCancelled) else {
        try save(observe)
        try observe(.cancelled(step: state.step))
        return .cancelled(state)
      }
      let parameters = try finish(phase)
      if let round = phase.round { try observe(.roundFinished(finish(round, leaving: parameters))) }
      try observe(.phaseFinished(summary(of: phase)))
      guard state.phase + 1 < plan.phases.count else {
        let summary = TrainingSummary(state: state)
        try observe(.finished(summary))
        return .finished(parameters, summary)
      }
      let next = plan.phases[state.phase + 1]
      try engine.restart(from: parameters)
      state.advance(to: state.phase + 1, of: plan)
      try begin(next)
      if average != nil { average = try engine.snapshot() }
      // Before anything of the new phase can replace the best parameters of the old one.
      try save(observe)
    }
  }

  // MARK: Phases and epochs

  /// - Returns: false if cancelled.
  private func runPhase(
    _ phase: Phase, observe: (TrainingEvent) throws -> Void, isCancelled: () -> Bool
  ) throws -> Bool {
    let sampler = TaskSampler(
      phase.sampling, sizes: phase.streams.map(\.sentenceCount),
      steps: phase.streams.indices.map(phase.steps), seed: phase.seed, phase: state.phase)
    let rate = LearningRate(phase)
    let stepsPerEpoch = phase.stepsPerEpoch
    meter.restart(step: state.step, tokens: state.tally.tokens)
    while state.epoch < phase.epochs, !state.progress.isExhausted(patience: phase.patience) {
      while state.epochStep < stepsPerEpoch {
        if isCancelled() { return false }
        try step(phase, stream: sampler.stream(at: state.phaseStep), rate: rate)
        let isEpochEnd = state.epochStep == stepsPerEpoch
        let isMilestone = state.step % StepProgress.milestone == 0
        if isMilestone || isEpochEnd || meter.isDue() {
          try observe(.progress(progress(phase, stepsPerEpoch: stepsPerEpoch, rate: rate)))
        }
        if plan.saveEvery > 0, state.step % plan.saveEvery == 0, !isEpochEnd { try save(observe) }
      }
      try finishEpoch(phase, rate: rate, observe)
    }
    if state.epoch < phase.epochs {
      try observe(
        .stoppedEarly(
          EarlyStop(
            phaseNumber: state.phase, step: state.step, epoch: state.epoch - 1, best: state.progress.best)))
    }
    return true
  }

  private func finishEpoch(
    _ phase: Phase, rate: LearningRate, _ observe: (TrainingEvent) throws -> Void
  ) throws {
    engine.catchUp()
    let trainingTime = meter.elapsed()
    let parameters = try average ?? engine.snapshot()
    let scores = try scorer.scores(of: parameters, masks: masks, tasks: phase.tasks)
    let trainingScores = try scorer.trainingScores(of: parameters, masks: masks, tasks: phase.tasks)
    let decisive = phase.decisive.numbers.compactMap { scores[$0] }
    let deciding = Array(phase.decisive.numbers)
    let mean = decisive.isEmpty ? nil : decisive.reduce(0, +) / Double(decisive.count)
    let candidate = DevProgress.Best(epoch: state.epoch, step: state.step, score: mean, scores: scores)
    let isBest = state.progress.record(candidate, plateau: phase.schedule.every)
    if isBest { try store.saveBest(parameters, candidate) }
    let summary = EpochSummary(
      phase: phase.name, phaseNumber: state.phase, epoch: state.epoch, step: state.step,
      losses: state.tally.means, tokens: state.tally.tokens,
      rate: rate.rate(step: state.phaseStep - 1, epoch: state.epoch, drops: state.progress.plateauDrops),
      scores: scores, trainingScores: trainingScores, meanScore: mean,
      mainTask: deciding.count == 1 ? deciding[0] : nil, isBest: isBest,
      epochsSinceBest: state.progress.epochsSinceBest, groups: engine.zeroGroups(of: parameters),
      trainingSeconds: trainingTime, scoringSeconds: meter.elapsed() - trainingTime)
    state.epoch += 1
    state.epochStep = 0
    state.tally = LossTally(tasks: plan.taskNames.count)
    try observe(.epochFinished(summary))
    if isBest { try observe(.saved(.best, step: state.step)) }
    try save(observe)
    meter.restart(step: state.step, tokens: 0)
  }

  /// Parameters that a phase leaves. The engine keeps those of the last epoch, so that a finished run can go on.
  private func finish(_ phase: Phase) throws -> Parameters {
    let parameters =
      switch phase.finish {
      case .best where state.progress.best != nil: try store.loadBest()
      default: try average ?? engine.snapshot()
      }
    if let name = phase.snapshot { try store.saveSnapshot(parameters, named: name) }
    return parameters
  }

  /// Keeps the score of a round's mask, and makes the mask of the next round. Doing it again makes the same.
  private func finish(_ round: PruningRound, leaving parameters: Parameters) throws -> RoundSummary {
    let mask = masks[round.task] ?? engine.wholeMask(task: round.task)
    var provenance = RoundProvenance(
      task: round.task, number: round.number, granularity: round.granularity,
      devScore: state.progress.best?.scores[round.task])
    try store.saveMask(mask, named: round.mask, provenance)
    if let next = round.next {
      provenance.number += 1
      provenance.devScore = nil
      let pruned = try engine.pruned(mask, by: round, survivors: next.survivors, parameters: parameters)
      try store.saveMask(pruned, named: next.mask, provenance)
    }
    return RoundSummary(
      task: plan.taskNames[round.task], number: round.number, last: round.last,
      size: engine.size(of: mask, task: round.task), score: state.progress.best?.scores[round.task],
      epochs: state.epoch, step: state.step)
  }

  private func begin(_ phase: Phase) throws {
    if case .snapshot(let name) = phase.start { try engine.restart(from: store.loadSnapshot(named: name)) }
  }

  private func save(_ observe: (TrainingEvent) throws -> Void) throws {
    try store.saveState(state, engine: engine.exportState(), average: average)
    try observe(.saved(.state, step: state.step))
  }

  // MARK: Steps

  private func step(_ phase: Phase, stream number: Int, rate: LearningRate) throws {
    let stream = phase.streams[number]
    var trained: TaskSet = []
    try engine.zeroGradient()
    for _ in 0..<phase.accumulate {
      let batchNumber = state.streamBatches[number]
      let batch = try source.batch(batchNumber, of: stream, in: phase)
      state.streamBatches[number] += 1
      state.tally.add(tokens: batch.packed.tokenCount)
      let tasks = stream.tasks.intersection(batch.labelled)
      guard !tasks.isEmpty else { continue }
      let random = StepRandom(seed: phase.seed, stream: stream.key, step: UInt64(batchNumber))
      try engine.forward(batch.packed, tasks: tasks, random: random, losses: &losses)
      for task in tasks.numbers {
        guard losses[task].isFinite else { throw diverged("the loss of task \(plan.taskNames[task])", phase) }
        state.tally.add(losses[task], of: task)
        seeds[task] = Float(phase.weights[task] / Double(phase.accumulate))
      }
      try engine.backward(batch.packed, tasks: tasks, seeds: seeds)
      trained = trained.union(tasks)
    }
    if !trained.isEmpty {
      var squaredNorm = 0.0
      if case .norm = phase.clip {
        squaredNorm = try engine.squaredGradientNorm(tasks: trained)
        guard squaredNorm.isFinite else { throw diverged("the gradient", phase) }
      }
      var update = StepUpdate(
        optimizer: phase.optimizer,
        rate: rate.rate(step: state.phaseStep, epoch: state.epoch, drops: state.progress.plateauDrops),
        clip: phase.clip, squaredNorm: squaredNorm)
      switch phase.updates {
      case .exact: try engine.apply(update, tasks: trained)
      case .compat:
        update.ignoresMasks = true
        try engine.apply(update, tasks: .all(plan.taskNames.count))
      }
    }
    if var next = average.take() {
      // As in TensorFlow's ExponentialMovingAverage: short memory at first, so that the start is soon forgotten.
      let age = Double(state.phaseStep)
      try engine.average(decay: Float(min(plan.averaging, (1 + age) / (10 + age))), into: &next)
      average = next
    }
    state.step += 1
    state.phaseStep += 1
    state.epochStep += 1
  }

  private func diverged(_ what: String, _ phase: Phase) -> TrainError {
    TrainError(
      .diverged,
      "\(what) is not a finite number at step \(state.step) (phase \(phase.name), epoch \(state.epoch + 1))",
      suggestion: "lower train.rate, add train.schedule.warmup, or clip the gradient (train.clip)")
  }

  // MARK: Reports

  private func progress(_ phase: Phase, stepsPerEpoch: Int, rate: LearningRate) -> StepProgress {
    let elapsed = meter.lap(step: state.step, tokens: state.tally.tokens)
    return StepProgress(
      phase: phase.name, phaseNumber: state.phase, phaseCount: plan.phases.count, epoch: state.epoch,
      epochs: phase.epochs, step: state.step, epochStep: state.epochStep, stepsPerEpoch: stepsPerEpoch,
      losses: state.tally.means, tokens: state.tally.tokens,
      rate: rate.rate(step: state.phaseStep - 1, epoch: state.epoch, drops: state.progress.plateauDrops),
      tokensPerSecond: elapsed.tokensPerSecond, stepsPerSecond: elapsed.stepsPerSecond)
  }

  private func summary(of phase: Phase) -> PhaseSummary {
    PhaseSummary(
      name: phase.name, number: state.phase, step: state.step, epochs: state.epoch, steps: state.phaseStep,
      best: state.progress.best)
  }
}
