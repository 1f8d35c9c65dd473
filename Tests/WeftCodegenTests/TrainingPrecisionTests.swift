import Testing
import WeftCorpus
import WeftGraph
import WeftRuntime
import WeftSpec

@testable import WeftCodegen

/// Training in bf16 against PyTorch in double precision: the same up to the rounding of factors to eight bits.
@Suite(.serialized) struct TrainingPrecisionTests {
  /// Eight bits are half a percent; sums of products of both signs stay within a few times that of the largest element.
  private static let tolerance = 0.02

  private struct Step {
    var loss: Double
    var gradient: ParameterBlock
  }

  private static func firstStep(
    _ fixture: TorchFixture, _ library: TrainingLibrary, isa: String, threads: Int
  ) throws -> Step {
    let recipe = try fixture.recipe()
    let trainer = try TrainerState(
      library: library, adam: recipe.rule.optimizer != .sgd, instructionSet: isa, threads: threads)
    var block = try ParameterBlock(library.tables)
    for (name, matrix) in fixture.parameters { try block.set(name, to: matrix.elements.map(Float.init)) }
    try trainer.setParameters(block)
    let task = Int(try fixture.tensor("steps.task").values[0])
    let injected = fixture.injected(0).mapValues { $0.elements.map(Float.init) }
    let losses = try trainer.forward(
      fixture.batch(0), tasks: TaskSet(task: task), random: RandomKey(seed: 1, task: 0, step: 0),
      injected: injected)
    try trainer.zero()
    try trainer.backward(tasks: TaskSet(task: task))
    return Step(loss: losses[task], gradient: try trainer.gradient())
  }

  /// A character CNN under one layer, and a character BiLSTM under two with a CRF.
  @Test(arguments: ["cnn-softmax", "two-layers-crf"]) func isNearDoublePrecision(name: String) async throws {
    let fixture = try TorchFixture(name)
    let spec = try fixture.spec()
    let graph = try Graph(spec: spec, sizes: try fixture.sizes())
    let narrow = try await Compiled.training(graph, name: spec.name, precision: .bf16)
    let single = try await Compiled.training(graph, name: spec.name)
    let loss = try fixture.tensor("expect.0.loss").values[0]
    for isa in narrow.tables.instructionSets
    where InstructionSet(rawValue: isa).map(HostFeatures.supports) == true {
      let step = try Self.firstStep(fixture, narrow, isa: isa, threads: 1)
      #expect(abs(step.loss - loss) < Self.tolerance * max(1, loss), "\(isa)")
      for (parameter, expected) in fixture.group("expect.grad.") {
        let found = try #require(step.gradient[parameter])
        guard found.count == expected.values.count else { continue }
        let largest = expected.values.reduce(0) { max($0, abs($1)) }
        let difference = zip(found, expected.values).reduce(0) { max($0, abs(Double($1.0) - $1.1)) }
        #expect(difference <= Self.tolerance * largest, "\(parameter) on \(isa)")
      }
      // Both directions at the same time: the same bits.
      let parallel = try Self.firstStep(fixture, narrow, isa: isa, threads: 2)
      #expect(parallel.loss == step.loss && parallel.gradient == step.gradient)
    }
    // It is not simply single precision.
    let portable = InstructionSet.portable.rawValue
    let rounded = try Self.firstStep(fixture, narrow, isa: portable, threads: 1)
    #expect(try Self.firstStep(fixture, single, isa: portable, threads: 1).loss != rounded.loss)
  }

  /// For one machine nothing is compiled in that it would not choose, not even of what an addition adds to.
  @Test func oneInstructionSet() throws {
    let network = Networks.hard()
    let graph = try Graph(spec: network.spec, sizes: network.sizes)
    for (precision, set, expected) in [
      (TrainingPrecision.fp32, InstructionSet.avx512amx, InstructionSet.avx512),
      (.bf16, .avx512amx, .avx512amx),
      (.bf16, .avx512vnni, .avx512vnni), (.bf16, .avx512, .avx512), (.bf16, .portable, .portable),
    ] {
      let generator = CodeGenerator(
        graph: graph, name: "toy", architectureHash: "0123456789abcdef",
        options: CodegenOptions(instructionSets: [set], isForOneMachine: true, trainingPrecision: precision))
      let text = try #require(try generator.trainingFiles().last).contents
      #expect(text.contains("instruction sets  \(expected)\n"))
      let steps = text.matches(of: /lstm_step_(?:f32|bf16)_h\d+__(\w+)/)
      #expect(Set(steps.map { String($0.1) }) == [expected.rawValue])
    }
  }

  /// What an addition to AVX-512 is for is compiled in beside it.
  @Test func instructionSets() throws {
    for (precision, asked, expected) in [
      (TrainingPrecision.fp32, [InstructionSet.avx512, .portable], "avx512 portable"),
      (.bf16, [.avx512, .portable], "avx512amx avx512vnni avx512 portable"),
      (.fp32, [.avx512amx, .portable], "avx512 portable"),
      (.bf16, [.portable, .avx512amx], "portable avx512amx avx512vnni avx512"),
    ] {
      var options = CodegenOptions(instructionSets: asked)
      options.trainingPrecision = precision
      let network = Networks.hard()
      let generator = CodeGenerator(
        graph: try Graph(spec: network.spec, sizes: network.sizes), name: "toy",
        architectureHash: "0123456789abcdef", options: options)
      let text = try #require(try generator.trainingFiles().last).contents
      #expect(text.contains("instruction sets  \(expected)\n"))
    }
  }
}
