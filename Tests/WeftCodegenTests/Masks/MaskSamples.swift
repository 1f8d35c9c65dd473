import WeftCorpus
import WeftGraph
import WeftRuntime

@testable import WeftCodegen

/// Random masks for tests.
extension Mask {
  /// Every weight is used with this probability, on its own.
  static func random(_ layout: MaskLayout, density: Double, seed: Int) -> Mask {
    var numbers = Numbers(seed)
    let kept = (0..<layout.count).map { _ in
      UInt8(Double(numbers.bits() >> 11) * 0x1p-53 < density ? 1 : 0)
    }
    return Mask(layout, bytes: kept)
  }

  /// As it is, but with nothing left of the parameters whose names begin so.
  func without(_ prefix: String) -> Mask {
    var copy = self
    for parameter in layout.parameters where parameter.name.hasPrefix(prefix) {
      for index in parameter.range { copy[index] = false }
    }
    return copy
  }

  /// Which weights of a parameter are used; nil for one that is not prunable.
  func kept(of name: String) -> [Bool]? {
    layout.parameter(named: name).map { parameter in parameter.range.map { self[$0] } }
  }
}

/// A small network with parameters and batches, to train.
struct MaskedNetwork {
  let compiled: Compiled
  let parameters: [String: Matrix]
  let batches: [PackedBatch]
  var tables: LibraryTables { compiled.training.tables }
  var layout: MaskLayout { MaskLayout(tables) }

  /// Words, a character CNN, one BiLSTM and two softmax tasks; or, rich, a character BiLSTM, two layers of which a CRF
  /// reads the lower, dropout and noise.
  init(isRich: Bool = false) async throws {
    let network = isRich ? Networks.rich(name: "masks-rich") : Networks.hard(name: "masks-hard")
    compiled = try await Compiled(spec: network.spec, sizes: network.sizes)
    parameters = compiled.graph.randomParameters()
    // Of the chunk labels O, B, I only the first two, which may follow each other in any order.
    let labels = network.sizes.labels.mapValues { $0.constraints == nil ? $0.count : 2 }
    batches = [[3, 5, 1, 7], [2], [4, 4, 4], [6, 1]].enumerated().map { number, lengths in
      RandomBatch(
        lengths: lengths, words: 11, characters: 9, features: isRich ? ["case": 7] : [:],
        labels: labels, seed: UInt64(number + 1)
      ).pack()
    }
  }

  func trainer(
    isa: String? = nil, threads: Int = 1, adam: Bool = false, slots: Int = 1, masks: [Mask?] = []
  ) throws -> TrainerState {
    let trainer = try TrainerState(
      library: compiled.training, slots: slots, adam: adam, instructionSet: isa, threads: threads)
    var block = try ParameterBlock(tables)
    for (name, matrix) in parameters { try block.set(name, to: matrix.elements.map(Float.init)) }
    try trainer.setParameters(block)
    for (task, mask) in masks.enumerated() { try trainer.setMask(mask, task: task) }
    return trainer
  }

  /// Forward and backward of one task over the batch whose turn it is.
  @discardableResult
  func pass(_ trainer: TrainerState, task: Int, step: Int, slot: Int = 0) throws -> Double {
    let key = RandomKey(seed: 3, task: task, step: step)
    let losses = try trainer.forward(
      batches[step % batches.count], tasks: TaskSet(task: task), random: key)
    try trainer.backward(slot: slot)
    return losses[task]
  }

  /// A whole step, with clipping by norm if a limit is given.
  @discardableResult
  func step(
    _ trainer: TrainerState, task: Int, step: Int, _ rule: UpdateRule, norm limit: Double? = nil
  ) throws -> Double {
    try trainer.zero()
    let loss = try pass(trainer, task: task, step: step)
    var rule = rule
    let tasks = TaskSet(task: task)
    if let limit {
      let norm = try trainer.sumOfSquares(tasks: tasks).squareRoot()
      rule.gradientScale = Float(min(1, limit / (norm + 1e-6)))
    }
    try trainer.apply(tasks: tasks, rule)
    return loss
  }
}

/// The optimisers in double precision, weight by weight.
struct SlowOptimizer {
  var rule: UpdateRule
  var parameters: [String: Matrix]
  private var first: [String: [Double]] = [:]
  private var second: [String: [Double]] = [:]
  private var clocks: [String: Int] = [:]

  init(_ rule: UpdateRule, parameters: [String: Matrix]) {
    self.rule = rule
    self.parameters = parameters
  }

  /// One update of these parameters; a weight that is not kept stays, and so do its moments.
  mutating func update(_ names: [String], gradients: [String: Matrix], kept: (String) -> [Bool]?) {
    for name in names {
      guard var weights = parameters[name] else { continue }
      let count = weights.elements.count
      let gradient = gradients[name]?.elements ?? Array(repeating: 0, count: count)
      let mask = kept(name)
      var m = first[name] ?? Array(repeating: 0, count: count)
      var v = second[name] ?? Array(repeating: 0, count: count)
      clocks[name, default: 0] += 1
      let clock = Double(clocks[name, default: 1])
      for index in 0..<count where mask?[index] ?? true {
        let w = weights.elements[index]
        let limit = Double(rule.clipValue)
        var d = min(max(gradient[index] * Double(rule.gradientScale), -limit), limit)
        d += Double(rule.decay) * w
        if rule.optimizer == .sgd {
          m[index] = Double(rule.momentum) * m[index] + d
          let change = rule.isNesterov ? d + Double(rule.momentum) * m[index] : m[index]
          weights.elements[index] = w - Double(rule.rate) * change
        } else {
          let (beta1, beta2) = (Double(rule.beta1), Double(rule.beta2))
          m[index] = beta1 * m[index] + (1 - beta1) * d
          v[index] = beta2 * v[index] + (1 - beta2) * d * d
          let corrected = (v[index] / (1 - power(beta2, clock))).squareRoot() + Double(rule.epsilon)
          weights.elements[index] = w - Double(rule.rate) / (1 - power(beta1, clock)) * m[index] / corrected
        }
      }
      (parameters[name], first[name], second[name]) = (weights, m, v)
    }
  }

  private func power(_ base: Double, _ exponent: Double) -> Double {
    (0..<Int(exponent)).reduce(1) { product, _ in product * base }
  }
}
