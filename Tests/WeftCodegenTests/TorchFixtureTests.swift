import Foundation
import Testing
import WeftCorpus
import WeftGraph
import WeftRuntime
import WeftSpec

/// Generated C in single precision against PyTorch in double precision: scores, losses, gradients and ten updates, from
/// equal parameters and random values.
@Suite(.serialized) struct TorchFixtureTests {
  /// Single precision over a whole network; gradients and ten steps of training add up a little more.
  static let tolerance = 2e-5

  @Test(arguments: TorchFixture.names) func inUse(name: String) async throws {
    let fixture = try TorchFixture(name)
    let spec = try fixture.spec()
    let compiled = try await Compiled(spec: spec, sizes: try fixture.sizes())
    for isa in compiled.inference.tables.instructionSets {
      var block = try ParameterBlock(compiled.inference.tables)
      for (name, matrix) in fixture.parameters { try block.set(name, to: matrix.elements.map(Float.init)) }
      let model = try Model(library: compiled.inference, parameters: block, instructionSet: isa)
      var session = try Session(model: model)
      try session.run(fixture.batch(0), wanted: [.prediction, .probabilities])
      for (index, task) in spec.tasks.enumerated() {
        let scores = try fixture.tensor("expect.use.scores.\(task.name)").values
        #expect(Compiled.distance(try session.scores(task: index), scores) < Self.tolerance)
        let probabilities = try fixture.tensor("expect.use.probabilities.\(task.name)").values
        #expect(Compiled.distance(try session.probabilities(task: index), probabilities) < Self.tolerance)
        let labels = try fixture.tensor("expect.use.labels.\(task.name)").values.map { Int32($0) }
        #expect(try session.prediction(task: index) == labels)
      }
    }
  }

  @Test(arguments: TorchFixture.names) func tenSteps(name: String) async throws {
    let fixture = try TorchFixture(name)
    let spec = try fixture.spec()
    let compiled = try await Compiled(spec: spec, sizes: try fixture.sizes())
    for isa in compiled.training.tables.instructionSets {
      for threads in [1, 2] { try train(fixture, spec, compiled.training, isa: isa, threads: threads) }
    }
  }

  private func train(
    _ fixture: TorchFixture, _ spec: Spec, _ library: TrainingLibrary, isa: String, threads: Int
  ) throws {
    let recipe = try fixture.recipe()
    let trainer = try TrainerState(
      library: library, adam: recipe.rule.optimizer != .sgd, instructionSet: isa, threads: threads)
    var block = try ParameterBlock(library.tables)
    for (name, matrix) in fixture.parameters { try block.set(name, to: matrix.elements.map(Float.init)) }
    try trainer.setParameters(block)

    let order = try fixture.tensor("steps.task").values.map { Int($0) }
    let rates = try fixture.tensor("steps.rate").values
    for step in order.indices {
      let tasks = TaskSet(task: order[step])
      let injected = fixture.injected(step)
        .mapValues { $0.elements.map(Float.init) }
      let losses = try trainer.forward(
        fixture.batch(step), tasks: tasks, random: RandomKey(seed: 1, task: 0, step: 0), injected: injected)
      let loss = try fixture.tensor("expect.\(step).loss").values[0]
      #expect(abs(losses[order[step]] - loss) < Self.tolerance * max(1, abs(loss)), "step \(step) \(isa)")
      try trainer.zero()
      try trainer.backward(tasks: tasks)
      let norm = try trainer.sumOfSquares(tasks: tasks).squareRoot()
      let expectedNorm = try fixture.tensor("expect.\(step).norm").values[0]
      #expect(abs(norm - expectedNorm) < Self.tolerance * max(1, expectedNorm))
      if step == 0 {
        let gradient = try trainer.gradient()
        for (name, expected) in fixture.group("expect.grad.") where library.tables.isDense(name) {
          let distance = Compiled.distance(try #require(gradient[name]), expected.values)
          #expect(distance < Self.tolerance, "gradient of \(name) on \(isa) differs by \(distance)")
        }
      }
      var rule = recipe.rule
      rule.rate = Float(rates[step])
      if let limit = recipe.clipNorm { rule.gradientScale = Float(min(1, limit / (norm + 1e-6))) }
      try trainer.apply(tasks: tasks, rule)
    }
    let final = try trainer.snapshot()
    for (name, expected) in fixture.group("expect.final.") {
      let distance = Compiled.distance(try #require(final[name]), expected.values)
      #expect(distance < Self.tolerance, "\(name) after ten steps on \(isa) differs by \(distance)")
    }
  }
}

extension LibraryTables {
  fileprivate func isDense(_ name: String) -> Bool {
    parameters.first { $0.name == name }.map { !$0.isRowSparse } ?? false
  }
}

extension TorchFixture {
  /// How the steps of a fixture update.
  func recipe() throws -> (rule: UpdateRule, clipNorm: Double?) {
    let text = try #require(metadata["recipe"])
    let json = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    var rule = UpdateRule()
    rule.optimizer = try #require(UpdateRule.Optimizer(rawValue: json["optimizer"] as? String ?? ""))
    rule.isDense = true
    rule.momentum = Float(json["momentum"] as? Double ?? 0)
    rule.isNesterov = json["nesterov"] as? Bool ?? false
    rule.decay = Float(json["weight_decay"] as? Double ?? 0)
    let clip = json["clip"] as? [String: Double] ?? [:]
    rule.clipValue = clip["value"].map { Float($0) } ?? .infinity
    return (rule, clip["norm"])
  }
}
