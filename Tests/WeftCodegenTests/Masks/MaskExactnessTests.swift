import Testing
import WeftGraph
import WeftRuntime

@testable import WeftCodegen

/// What masks promise to the bit.
@Suite struct MaskExactnessTests {
  private static func rule(_ optimizer: UpdateRule.Optimizer = .sgd) -> UpdateRule {
    var rule = UpdateRule()
    rule.optimizer = optimizer
    rule.rate = optimizer == .sgd ? 0.1 : 0.01
    rule.momentum = 0.9
    rule.isNesterov = true
    rule.decay = 0.01
    rule.isDense = optimizer != .sgd
    return rule
  }

  private static func bits(_ values: [Float]?) -> [UInt32] { (values ?? []).map(\.bitPattern) }

  /// Losses, weights, moments, clocks and missed updates, after many steps of both tasks in turn.
  @Test(arguments: [false, true], [1, 2])
  func allOnesIsNoMask(isRich: Bool, threads: Int) async throws {
    let network = try await MaskedNetwork(isRich: isRich)
    let ones = Mask(network.layout, all: true)
    for isa in network.tables.instructionSets {
      for (norm, value) in [(0.5, Float.infinity), (nil, 0.01)] as [(Double?, Float)] {
        var rule = Self.rule()
        rule.clipValue = value
        let dense = try network.trainer(isa: isa, threads: threads)
        // One task with a mask beside one without, or two equal ones.
        let masked = try network.trainer(isa: isa, threads: threads, masks: [ones, norm == nil ? nil : ones])
        for step in 0..<200 {
          let loss = try network.step(dense, task: step % 2, step: step, rule, norm: norm)
          let other = try network.step(masked, task: step % 2, step: step, rule, norm: norm)
          #expect(loss == other)
        }
        #expect(try dense.export() == masked.export())
      }
    }
  }

  /// A task's step changes its head, the biases and embeddings it reads, and the weights of its subnet: nothing else, and
  /// all of that.
  @Test(arguments: [false, true], [UpdateRule.Optimizer.sgd, .adam])
  func stepsStayInTheirUpdateSet(isRich: Bool, optimizer: UpdateRule.Optimizer) async throws {
    let network = try await MaskedNetwork(isRich: isRich)
    let graph = try network.compiled.graph.differentiated()
    let masks = (0..<2).map { Mask.random(network.layout, density: 0.4, seed: $0 + 1) }
    for isa in network.tables.instructionSets {
      let trainer = try network.trainer(isa: isa, threads: 2, adam: optimizer != .sgd, masks: masks)
      for step in 0..<8 {
        let task = step % 2
        let before = try trainer.export()
        try network.step(trainer, task: task, step: step, Self.rule(optimizer), norm: 1)
        let after = try trainer.export()
        let reached = Set(graph.updateSet(ofTask: task).map { graph[$0].name })
        for (index, parameter) in network.tables.parameters.enumerated() {
          let name = parameter.name
          let isReached = reached.contains(name)
          #expect(after.clocks[index] == before.clocks[index] + (isReached ? 1 : 0), "\(name)")
          #expect(isReached || after.rowLags[name] == before.rowLags[name])
          #expect(isReached || after.lagTables[name] == before.lagTables[name])
          let kept = masks[task].kept(of: name)
          for (old, new) in [
            (before.parameters[name], after.parameters[name]),
            (before.firstMoments[name], after.firstMoments[name]),
            (before.secondMoments?[name], after.secondMoments?[name]),
          ] {
            for (place, (a, b)) in zip(Self.bits(old), Self.bits(new)).enumerated() {
              if !isReached || kept?[place] == false { #expect(a == b, "\(name)[\(place)]") }
            }
            // Decay moves every weight that takes part.
            if isReached, let kept, !Self.bits(old).isEmpty {
              let moved = zip(kept, zip(Self.bits(old), Self.bits(new))).filter { $0 && $1.0 != $1.1 }.count
              #expect(moved == kept.count { $0 }, "\(name)")
            }
          }
        }
      }
    }
  }

  /// Zero everywhere outside after backward, and sums of several passes of one task.
  @Test func gradientsAddUpInsideTheMask() async throws {
    let network = try await MaskedNetwork()
    let mask = Mask.random(network.layout, density: 0.5, seed: 1)
    for isa in network.tables.instructionSets {
      let trainer = try network.trainer(isa: isa, slots: 2, masks: [mask])
      try network.pass(trainer, task: 0, step: 0)
      try network.pass(trainer, task: 0, step: 2)
      let sum = try trainer.gradient()
      for name in network.layout.parameters.map(\.name) {
        let kept = try #require(mask.kept(of: name))
        let values = try #require(sum[name])
        #expect(zip(kept, values).allSatisfy { $0 || $1.bitPattern == 0 })
        #expect(zip(kept, values).contains { $0 && $1 != 0 })
      }
      // The same from two slots.
      try trainer.zero()
      try network.pass(trainer, task: 0, step: 0)
      try network.pass(trainer, task: 0, step: 2, slot: 1)
      try trainer.axpy(factor: 1, from: 1, to: 0, tasks: TaskSet(task: 0))
      let parts = try trainer.gradient()
      for name in sum.names {
        let distance = Compiled.distance(parts[name] ?? [], (sum[name] ?? []).map(Double.init))
        #expect(distance < 1e-6, "\(name)")
      }
    }
  }

  /// Contributions of another subnet must not be masked away, so such a pass is refused; axpy joins them.
  @Test func gradientsOfDifferentSubnetsStayApart() async throws {
    let network = try await MaskedNetwork()
    let masks = (0..<2).map { Mask.random(network.layout, density: 0.5, seed: $0 + 1) }
    let trainer = try network.trainer(slots: 3, masks: [masks[0], masks[1]])
    try network.pass(trainer, task: 0, step: 0)
    let error = #expect(throws: RuntimeError.self) { try network.pass(trainer, task: 1, step: 0) }
    #expect(error?.message.contains("Slot 0 holds gradients that were not formed under the mask") == true)
    let first = try trainer.gradient()
    try network.pass(trainer, task: 1, step: 0, slot: 1)
    let second = try trainer.gradient(slot: 1)
    for slot in 0..<2 { try trainer.axpy(factor: 1, from: slot, to: 2, tasks: [TaskSet(task: slot)]) }
    let joint = try trainer.gradient(slot: 2)
    let name = "encoder.0.weight_ih_l0"
    let sums = zip(first[name] ?? [], second[name] ?? []).map { $0 + $1 }
    #expect(joint[name] == sums)
    #expect(sums.contains { $0 != 0 })
    // Neither of the two masks fits what the slot holds now.
    #expect(throws: RuntimeError.self) { try network.pass(trainer, task: 0, step: 1, slot: 2) }
    // Without a mask nothing is cleared, so any slot will do; but a mask would clear some of that.
    try trainer.setMask(nil, task: 1)
    try trainer.zero(slot: 2)
    try network.pass(trainer, task: 1, step: 1, slot: 2)
    try network.pass(trainer, task: 1, step: 1, slot: 2)
    #expect(throws: RuntimeError.self) { try network.pass(trainer, task: 0, step: 1, slot: 2) }
    try trainer.zero(slot: 2)
    try network.pass(trainer, task: 0, step: 1, slot: 2)
  }

  @Test func masksCanGoAgain() async throws {
    let network = try await MaskedNetwork()
    let trainer = try network.trainer(masks: [Mask(network.layout, all: false), nil])
    // Nothing is left of the layer, yet the head's bias and the embeddings of neither crash.
    let empty = try network.step(trainer, task: 0, step: 0, Self.rule(), norm: 1)
    #expect(empty.isFinite)
    let dense = try network.trainer()
    try dense.restore(trainer.export())
    let loss = try network.pass(dense, task: 0, step: 1)
    #expect(try network.pass(trainer, task: 0, step: 1) != loss)
    try trainer.setMask(nil, task: 0)
    try trainer.zero()
    try dense.zero()
    #expect(try network.pass(trainer, task: 0, step: 1) == network.pass(dense, task: 0, step: 1))
    #expect(try trainer.gradient() == dense.gradient())
  }

  /// With updates by the published code, momentum and decay move everything; the gradient is still 0 outside.
  @Test func ignoredMasksStillMaskGradients() async throws {
    let network = try await MaskedNetwork()
    let mask = Mask.random(network.layout, density: 0.3, seed: 4)
    var rule = Self.rule()
    rule.ignoresMasks = true
    let trainer = try network.trainer(masks: [mask, nil])
    var slow = SlowOptimizer(rule, parameters: network.parameters)
    for step in 0..<4 {
      try trainer.zero()
      try network.pass(trainer, task: 0, step: step)
      let gradient = try trainer.gradient()
      let gradients = Dictionary(
        uniqueKeysWithValues: network.tables.parameters.map {
          (
            $0.name,
            Matrix(rows: $0.rows, columns: $0.columns, elements: (gradient[$0.name] ?? []).map(Double.init))
          )
        })
      // Both tasks: no matter that one has a mask and the other none.
      try trainer.apply(tasks: TaskSet(tasks: [0, 1]), rule)
      slow.update(gradient.names, gradients: gradients) { _ in nil }
    }
    let final = try trainer.snapshot()
    for name in final.names
    where network.tables.parameters.contains(where: { $0.name == name && !$0.isRowSparse }) {
      let distance = Compiled.distance(final[name] ?? [], slow.parameters[name]?.elements ?? [])
      #expect(distance < 1e-5, "\(name) differs by \(distance)")
    }
  }
}
