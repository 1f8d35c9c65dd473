import WeftCorpus
import WeftRuntime

/// One step as it was made.
struct TracedStep: Sendable {
  var task: Int
  var batch: PackedBatch
  var random: StepRandom
  /// Mean loss of the batch, in nats, before the update.
  var loss: Double
  /// Gradient norm over the update set before clipping; nil if clipping did not ask for it.
  var norm: Double?
  /// Epoch of the phase, from 0.
  var epoch = 0
  var rate = 0.0
}

/// What a ``TracingEngine`` has seen. A class, because the loop has an engine of its own.
final class StepRecord {
  private(set) var steps: [TracedStep] = []
  /// The step under way: its loss is known, its update not yet made.
  private var pending: TracedStep?
  private var epoch = 0

  func began(_ step: TracedStep) { pending = step }

  func measured(squaredNorm: Double) { pending?.norm = squaredNorm.squareRoot() }

  func updated(rate: Double) {
    guard var step = pending.take() else { return }
    step.rate = rate
    step.epoch = epoch
    steps.append(step)
  }

  func epochEnded() { epoch += 1 }
  func phaseBegan() { epoch = 0 }
}

/// Hands every call on to the engine of production and keeps what is needed to repeat the steps elsewhere.
struct TracingEngine: StepEngine {
  var engine: TrainerEngine
  let record: StepRecord

  mutating func forward(
    _ batch: PackedBatch, tasks: TaskSet, random: StepRandom, losses: inout [Double]
  ) throws {
    try engine.forward(batch, tasks: tasks, random: random, losses: &losses)
    for task in tasks.numbers {
      record.began(TracedStep(task: task, batch: batch, random: random, loss: losses[task]))
    }
  }

  mutating func backward(_ batch: PackedBatch, tasks: TaskSet, seeds: [Float]) throws {
    try engine.backward(batch, tasks: tasks, seeds: seeds)
  }

  mutating func zeroGradient() throws { try engine.zeroGradient() }

  func squaredGradientNorm(tasks: TaskSet) throws -> Double {
    let value = try engine.squaredGradientNorm(tasks: tasks)
    record.measured(squaredNorm: value)
    return value
  }

  mutating func apply(_ update: StepUpdate, tasks: TaskSet) throws {
    try engine.apply(update, tasks: tasks)
    record.updated(rate: update.rate)
  }

  mutating func catchUp() {
    engine.catchUp()
    record.epochEnded()
  }

  mutating func setMasks(_ masks: [Int: Mask]) throws { try engine.setMasks(masks) }
  func wholeMask(task: Int) -> Mask { engine.wholeMask(task: task) }
  func size(of mask: Mask, task: Int) -> SubnetSize { engine.size(of: mask, task: task) }
  func pruned(
    _ mask: Mask, by round: PruningRound, survivors: Int, parameters: ParameterBlock
  ) throws -> Mask {
    try engine.pruned(mask, by: round, survivors: survivors, parameters: parameters)
  }

  func snapshot() throws -> ParameterBlock { try engine.snapshot() }

  func average(decay: Float, into average: inout ParameterBlock) throws {
    try engine.average(decay: decay, into: &average)
  }

  mutating func restart(from parameters: ParameterBlock) throws {
    try engine.restart(from: parameters)
    record.phaseBegan()
  }

  func exportState() throws -> TrainerSnapshot { try engine.exportState() }
  mutating func importState(_ state: TrainerSnapshot) throws { try engine.importState(state) }
}

/// Keeps in memory what later phases read; a trace cannot be resumed.
final class TraceStore: RunStore {
  private var best: ParameterBlock?
  private var snapshots: [String: ParameterBlock] = [:]
  private var masks: [String: Mask]

  init(masks: [String: Mask] = [:]) { self.masks = masks }

  func saveState(_ state: LoopState, engine: TrainerSnapshot, average: ParameterBlock?) {}
  func saveBest(_ parameters: ParameterBlock, _ best: DevProgress.Best) { self.best = parameters }
  func loadBest() throws -> ParameterBlock { try known(best, "best parameters") }
  func saveSnapshot(_ parameters: ParameterBlock, named name: String) { snapshots[name] = parameters }
  func loadSnapshot(named name: String) throws -> ParameterBlock {
    try known(snapshots[name], "snapshot `\(name)`")
  }
  func loadMask(named name: String) throws -> Mask { try known(masks[name], "mask `\(name)`") }
  func saveMask(_ mask: Mask, named name: String, _ provenance: RoundProvenance) { masks[name] = mask }

  private func known<Kept>(_ parameters: Kept?, _ what: String) throws(TrainError) -> Kept {
    guard let parameters else { throw TrainError(.unreadable, "no \(what) was kept") }
    return parameters
  }
}
