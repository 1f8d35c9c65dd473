import Testing
import WeftGraph
import WeftRuntime

@testable import WeftCodegen

/// Masked training against the reference in double precision, run on parameters with zeros outside the mask.
@Suite struct MaskReferenceTests {
  static let tolerance = 2e-5

  static let rules: [UpdateRule] = {
    var plain = UpdateRule()
    plain.rate = 0.2
    var nesterov = UpdateRule()
    nesterov.momentum = 0.9
    nesterov.isNesterov = true
    nesterov.decay = 0.02
    nesterov.clipValue = 0.05
    var adam = UpdateRule()
    adam.optimizer = .adam
    adam.isDense = true
    adam.rate = 0.01
    adam.decay = 0.01
    // Far from rounding: single precision cannot tell tiny second moments apart.
    adam.epsilon = 1e-3
    return [plain, nesterov, adam]
  }()

  /// Masks of both tasks.
  private static func masks(_ layout: MaskLayout) -> [[Mask]] {
    [0.01, 0.5, 1].map { density in (0..<2).map { Mask.random(layout, density: density, seed: $0 + 7) } }
      + [
        (0..<2).map {
          Mask.random(layout, density: 0.5, seed: $0 + 7).without($0 == 0 ? "encoder.0" : "chars")
        }
      ]
  }

  @Test(arguments: [false, true], [0, 1, 2])
  func tenUpdates(isRich: Bool, rule number: Int) async throws {
    let network = try await MaskedNetwork(isRich: isRich)
    for masks in Self.masks(network.layout) {
      for isa in network.tables.instructionSets {
        try Self.train(network, masks, isa: isa, Self.rules[number])
      }
    }
  }

  private static func train(_ network: MaskedNetwork, _ masks: [Mask], isa: String, _ rule: UpdateRule) throws
  {
    let graph = try network.compiled.graph.differentiated()
    let trainer = try network.trainer(isa: isa, threads: 2, adam: rule.optimizer != .sgd, masks: masks)
    var slow = SlowOptimizer(rule, parameters: network.parameters)
    for step in 0..<10 {
      let task = step % 2
      var effective = slow.parameters
      for parameter in network.layout.parameters {
        guard let kept = masks[task].kept(of: parameter.name) else { continue }
        for (index, isKept) in kept.enumerated() where !isKept {
          effective[parameter.name]?.elements[index] = 0
        }
      }
      let random = RandomKeys(seed: 3, task: task, step: step)
      let batch = network.batches[step % network.batches.count]
      var run = try ReferenceInterpreter(graph, parameters: effective)
        .train(batch, seeds: [graph.tasks[task].name: 1], random: random)
      for parameter in network.layout.parameters {
        guard let kept = masks[task].kept(of: parameter.name) else { continue }
        for (index, isKept) in kept.enumerated() where !isKept {
          run.gradients[parameter.name]?.elements[index] = 0
        }
      }
      try trainer.zero()
      let loss = try network.pass(trainer, task: task, step: step)
      let expected = run.losses[graph.tasks[task].name] ?? .nan
      #expect(abs(loss - expected) < tolerance * max(1, abs(expected)), "loss of step \(step) on \(isa)")
      let gradient = try trainer.gradient()
      for (name, matrix) in run.gradients where !network.isRowSparse(name) {
        let distance = Compiled.distance(gradient[name] ?? [], matrix.elements)
        #expect(distance < tolerance, "gradient of \(name) on \(isa) differs by \(distance)")
        guard let kept = masks[task].kept(of: name) else { continue }
        #expect(zip(kept, gradient[name] ?? []).allSatisfy { $0 || $1.bitPattern == 0 })
      }
      try trainer.apply(tasks: TaskSet(task: task), rule)
      slow.update(
        graph.updateSet(ofTask: task).map { graph[$0].name }, gradients: run.gradients
      ) { masks[task].kept(of: $0) }
    }
    let final = try trainer.snapshot()
    for name in final.names {
      let distance = Compiled.distance(final[name] ?? [], slow.parameters[name]?.elements ?? [])
      #expect(distance < tolerance, "\(name) after ten updates on \(isa) differs by \(distance)")
    }
  }
}

extension MaskedNetwork {
  fileprivate func isRowSparse(_ name: String) -> Bool {
    tables.parameters.contains { $0.name == name && $0.isRowSparse }
  }
}
