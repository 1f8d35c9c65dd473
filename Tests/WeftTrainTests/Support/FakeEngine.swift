import Testing
import WeftCorpus
import WeftRuntime
import WeftSpec

@testable import WeftTrain

/// A few numbers that are trained by made-up gradients, which depend on everything that a real one depends on:
/// parameters, sentences, tasks and random keys. Sums are in single precision, so that any change of order shows.
struct FakeEngine: StepEngine {
  struct State: Equatable {
    var weights: [Float]
    var momentum: [Float]
    /// Updates that the last weight (a row that few batches touch) has missed.
    var lag: Int
  }

  static let shared = 4
  let tasks: Int
  var state: State
  var gradient: [Float]
  /// Calls so far that a kill may interrupt.
  var fuse: Fuse
  var pendingSentences: [Int32] = []
  var pendingRandom = StepRandom(seed: 0, stream: 0, step: 0)
  /// By task number: which of the shared weights it uses.
  var masks: [Int: [Bool]] = [:]
  /// Losses become this from the given step of any stream on.
  var divergence: (step: UInt64, loss: Double)?

  init(tasks: Int, fuse: Fuse = Fuse()) {
    self.tasks = tasks
    let count = Self.shared + tasks
    state = State(
      weights: (0..<count).map { Float($0) * 0.1 + 0.3 }, momentum: Array(repeating: 0, count: count), lag: 0)
    gradient = Array(repeating: 0, count: count)
    self.fuse = fuse
  }

  private func noise(_ task: Int, _ column: UInt32) -> Float {
    RandomStream(seed: pendingRandom.seed, site: "fake", task: pendingRandom.stream, step: pendingRandom.step)
      .row(sentence: UInt64(pendingSentences.first ?? 0), position: UInt64(task)).uniform(column) - 0.5
  }

  mutating func forward(_ batch: PackedBatch, tasks: TaskSet, random: StepRandom, losses: inout [Double])
    throws
  {
    try fuse.burn()
    pendingSentences = batch.sentences
    pendingRandom = random
    for task in tasks.numbers {
      let shared = (0..<Self.shared).reduce(Float(0)) { $0 + (uses($1, task) ? state.weights[$1] : 0) }
      let sum = shared + state.weights[Self.shared + task]
      losses[task] = Double(sum * sum) + Double(noise(task, 0))
      if let divergence, random.step >= divergence.step { losses[task] = divergence.loss }
    }
  }

  mutating func backward(_ batch: PackedBatch, tasks: TaskSet, seeds: [Float]) throws {
    try fuse.burn()
    for task in tasks.numbers {
      for index in 0..<Self.shared where uses(index, task) {
        gradient[index] += seeds[task] * (0.1 * state.weights[index] + noise(task, UInt32(index)))
      }
      gradient[Self.shared + task] += seeds[task] * (0.2 * state.weights[Self.shared + task] + noise(task, 9))
    }
  }

  mutating func zeroGradient() { gradient = gradient.map { _ in 0 } }

  private func uses(_ index: Int, _ task: Int) -> Bool { masks[task]?[index] ?? true }

  private func updateSet(_ tasks: TaskSet) -> [Int] {
    (0..<Self.shared).filter { index in tasks.numbers.contains { uses(index, $0) } }
      + tasks.numbers.map { Self.shared + $0 }
  }

  func squaredGradientNorm(tasks: TaskSet) -> Double {
    updateSet(tasks).reduce(0.0) { $0 + Double(gradient[$1] * gradient[$1]) }
  }

  mutating func apply(_ update: StepUpdate, tasks: TaskSet) throws {
    try fuse.burn()
    fuse.updates += 1
    for index in update.ignoresMasks ? Array(gradient.indices) : updateSet(tasks) {
      let limit = Float(update.clipValue)
      let g = max(-limit, min(limit, gradient[index] * Float(update.gradientScale)))
      // The last shared weight is updated only where a sentence looks it up; else its momentum lags.
      if index == Self.shared - 1, pendingSentences.allSatisfy({ $0 % 3 != 0 }) {
        state.lag += 1
        continue
      }
      state.momentum[index] = Float(update.optimizer.momentum) * state.momentum[index] + g
      state.weights[index] -= Float(update.rate) * state.momentum[index]
    }
  }

  mutating func catchUp() {
    state.weights[Self.shared - 1] += 0.001 * Float(state.lag)
    state.lag = 0
  }

  mutating func setMasks(_ masks: [Int: [Bool]]) { self.masks = masks }
  func wholeMask(task: Int) -> [Bool] { Array(repeating: true, count: Self.shared) }
  func size(of mask: [Bool], task: Int) -> SubnetSize {
    SubnetSize(kept: mask.count(where: { $0 }), reached: mask.count)
  }

  func pruned(_ mask: [Bool], by round: PruningRound, survivors: Int, parameters: [Float]) throws -> [Bool] {
    try fuse.burn()
    var mask = mask
    let order = mask.indices.filter { mask[$0] }.sorted { abs(parameters[$0]) < abs(parameters[$1]) }
    for index in order.prefix(order.count - survivors) { mask[index] = false }
    return mask
  }

  func snapshot() -> [Float] {
    var caughtUp = self
    caughtUp.catchUp()
    return caughtUp.state.weights
  }

  func average(decay: Float, into average: inout [Float]) {
    for (index, weight) in snapshot().enumerated() {
      average[index] = decay * average[index] + (1 - decay) * weight
    }
  }

  mutating func restart(from parameters: [Float]) {
    state.weights = parameters
    state.momentum = state.momentum.map { _ in 0 }
    state.lag = 0
  }

  func exportState() -> State { state }
  mutating func importState(_ state: State) { self.state = state }
}

/// Counts calls, and kills the run at one of them.
final class Fuse {
  struct Killed: Error {}
  private(set) var calls = 0
  var updates = 0
  let length: Int
  init(_ length: Int = .max) { self.length = length }
  func burn() throws {
    calls += 1
    if calls >= length { throw Killed() }
  }
}

/// Mini-batches of made-up sentences, each stream shuffled anew every pass.
struct FakeSource: BatchSource {
  /// Tasks that a sentence has labels for, by its id; all if nil.
  var labelled: ((Int32) -> TaskSet)?

  func batch(_ number: Int, of stream: BatchStream, in phase: Phase) -> TrainingBatch {
    let batches = (stream.sentenceCount + phase.batch - 1) / phase.batch
    var order = (0..<stream.sentenceCount).map { Int32($0) }
    RandomStream(seed: phase.seed, site: "batches", task: stream.key, step: UInt64(number / batches))
      .row(sentence: 0, position: 0).shuffle(&order)
    let start = number % batches * phase.batch
    let sentences = Array(order[start..<min(start + phase.batch, order.count)])
    let labels = sentences.reduce(into: TaskSet()) { $0.formUnion(labelled?($1) ?? stream.tasks) }
    return TrainingBatch(
      packed: PackedBatch(
        sentenceCount: sentences.count, tokenCount: 3 * sentences.count, sentences: sentences),
      labelled: labels)
  }
}

/// Scores that depend on the parameters only.
struct FakeScorer: DevScorer {
  var fuse = Fuse()
  /// Scores by number of call, in place of those of the parameters.
  var script: [[Double?]] = []
  private var calls = 0

  init(fuse: Fuse = Fuse(), script: [[Double?]] = []) {
    self.fuse = fuse
    self.script = script
  }

  mutating func scores(of parameters: [Float], masks: [Int: [Bool]], tasks: TaskSet) throws -> [Double?] {
    try fuse.burn()
    defer { calls += 1 }
    if !script.isEmpty { return script[min(calls, script.count - 1)] }
    return (FakeEngine.shared..<parameters.count).map { index in
      tasks.contains(task: index - FakeEngine.shared)
        ? (Double(parameters[index] + parameters[0]) * 37 + Double(masks.count)).truncatingRemainder(
          dividingBy: 1) : nil
    }
  }
}

/// Keeps everything in memory, like a run folder on a disk that outlives the process.
final class FakeStore: RunStore {
  struct Saved: Equatable {
    var loop: LoopState
    var engine: FakeEngine.State
    var average: [Float]?
  }
  var saved: Saved?
  var best: [Float]?
  var bestInfo: DevProgress.Best?
  var snapshots: [String: [Float]] = [:]
  var masks: [String: [Bool]] = [:]
  var maskScores: [String: Double] = [:]
  var saves = 0
  var fuse = Fuse()

  func saveState(_ state: LoopState, engine: FakeEngine.State, average: [Float]?) throws {
    try fuse.burn()
    saved = Saved(loop: state, engine: engine, average: average)
    saves += 1
    try fuse.burn()
  }
  func saveBest(_ parameters: [Float], _ best: DevProgress.Best) throws {
    try fuse.burn()
    self.best = parameters
    bestInfo = best
    try fuse.burn()
  }
  func loadBest() throws -> [Float] { try #require(best) }
  func saveSnapshot(_ parameters: [Float], named name: String) throws {
    try fuse.burn()
    snapshots[name] = parameters
  }
  func loadSnapshot(named name: String) throws -> [Float] { try #require(snapshots[name]) }
  func loadMask(named name: String) throws -> [Bool] { try #require(masks[name]) }
  func saveMask(_ mask: [Bool], named name: String, _ provenance: RoundProvenance) throws {
    try fuse.burn()
    masks[name] = mask
    maskScores[name] = provenance.devScore
    try fuse.burn()
  }
}
