import Foundation
import Testing
import WeftCorpus
import WeftGraph
import WeftRuntime

@testable import WeftTrain

/// The first steps of a run, as a file for other implementations.
@Suite struct StepTraceTests {
  private let steps = 6

  private func trace(_ overrides: [String] = []) async throws -> (Experiment, StepTrace, Safetensors.File) {
    let folder = try Samples.folder()
    let experiment = try await SampleExperiments.experiment(
      folder, ["train.epochs=2", "network.words.unk-dropout=0.3"] + overrides)
    let trace = try experiment.trace(steps: steps)
    let url = folder.url.appending(path: "steps.safetensors")
    try trace.write(to: url)
    return (experiment, trace, try Safetensors.File(contentsOf: url))
  }

  @Test func itsLossesAreThoseOfTraining() async throws {
    let folder = try Samples.folder()
    let experiment = try await SampleExperiments.experiment(folder, ["train.epochs=2"])
    // An epoch has four steps: the trace goes on into the second.
    let trace = try experiment.trace(steps: 8)
    #expect(trace.losses.count == 8)
    var sums: [[Double]] = []
    let run = experiment.train(in: SampleExperiments.run(folder))
    for await event in run.events {
      if case .epochFinished(let epoch) = event { sums.append(epoch.losses.map { $0 ?? 0 }) }
    }
    _ = try await run.result
    for epoch in 0..<2 {
      for (task, name) in trace.tasks.enumerated() {
        let own = (4 * epoch..<4 * epoch + 4).filter { trace.stepTasks[$0] == name }.map { trace.losses[$0] }
        let mean = own.isEmpty ? 0 : own.reduce(0, +) / Double(own.count)
        #expect(mean == sums[epoch][task])
      }
    }
  }

  @Test func itEndsWithTheRun() async throws {
    let experiment = try await SampleExperiments.experiment(Samples.folder(), ["train.epochs=2"])
    #expect(try experiment.trace(steps: 100).losses.count == 8)
  }

  /// The double-precision reference, given the file's parameters, batch and random values and none of its own, finds
  /// the losses of the first step of each task's network.
  @Test(arguments: [
    [], ["network.dropout={input: 0.2, output: 0.2, variational: true}", "network.noise=0.1"],
    ["sharing=single"],
  ])
  func theReferenceFindsTheFirstLoss(overrides: [String]) async throws {
    let (experiment, trace, file) = try await trace(overrides)
    let inputs = try file.names.filter { $0.hasPrefix("batch.0.") }.reduce(into: [String: [Int32]]()) {
      $0[String($1.dropFirst("batch.0.".count))] = try file.int32s($1)
    }
    let (tokens, scalars) = (try #require(inputs["token_offset"]), try #require(inputs["scalar_offset"]))
    let sentences = try #require(inputs["sentence"])
    let batch = PackedBatch(
      sentenceCount: sentences.count, tokenCount: Int(tokens[tokens.count - 1]), formCount: Int(scalars[1]),
      scalarCount: Int(scalars[scalars.count - 1]), tokenOffsets: tokens, scalarOffsets: scalars,
      sentences: sentences, order: Array(sentences.indices), inputs: inputs)
    func matrix(_ name: String) throws -> Matrix {
      let shape = try file.info(name).shape
      return Matrix(
        rows: shape[0], columns: shape.dropFirst().reduce(1, *),
        elements: try file.floats(name).map(Double.init))
    }
    func group(_ prefix: String) throws -> [String: Matrix] {
      try file.names.filter { $0.hasPrefix(prefix) }.reduce(into: [:]) {
        $0[String($1.dropFirst(prefix.count))] = try matrix($1)
      }
    }
    let injected = try group("inject.0.")
    #expect(injected.count >= 3)
    var random = RandomKeys.off
    random.injected = injected
    let task = trace.stepTasks[0]
    let losses = try ReferenceInterpreter(experiment.design.graph, parameters: group("param."))
      .losses(batch, tasks: [task], random: random)
    #expect(abs(try #require(losses[task]) - trace.losses[0]) < 1e-5)
    #expect(try file.doubles("trace.0.loss") == [trace.losses[0]])
  }

  @Test func theFileSaysWhatItIsOf() async throws {
    let (_, trace, file) = try await trace()
    #expect(file.metadata["tasks"] == #"["pos","ner"]"#)
    #expect(Set(file.metadata.keys) == ["tasks", "network", "recipe", "sizes", "spec"])
    #expect(try file.int32s("steps.epoch") == [0, 0, 0, 0, 1, 1])
    #expect(try file.int32s("steps.task").map { trace.tasks[Int($0)] } == trace.stepTasks)
    #expect(try file.doubles("steps.rate") == Array(repeating: 0.1, count: steps))
    for step in 0..<steps {
      let rows = try file.info("batch.\(step).word").shape[0]
      #expect(try file.info("inject.\(step).dropout.words").shape == [rows, 1])
      #expect(try file.info("inject.\(step).dropout.input").shape == [rows, 14])
      #expect(Set(try file.floats("inject.\(step).dropout.input")).isSubset(of: [0, 1.25]))
    }
  }

  @Test(arguments: ["train.step=all-tasks", "train.accumulate=2"])
  func otherStepsAreRefused(override: String) async throws {
    let experiment = try await SampleExperiments.experiment(Samples.folder(), [override])
    let error = #expect(throws: TrainError.self) { try experiment.trace(steps: 2) }
    #expect(error?.message.contains("one mini-batch of one task") == true)
  }
}
