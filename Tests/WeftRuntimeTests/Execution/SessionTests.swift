import Foundation
import Testing
import WeftCorpus

@testable import WeftRuntime

@Suite struct SessionTests {
  private func model() async throws -> Model {
    let library = try await TinyLibrary.inference()
    return try Model(library: library, parameters: TinyLibrary.parameters(library.tables))
  }

  /// Scores of a word by definition: its row plus the bias.
  private func scores(_ block: ParameterBlock, _ words: [Int32]) throws -> [Float] {
    let table = try #require(block["words.weight"])
    let bias = try #require(block["heads.tag.bias"])
    return words.flatMap { word in (0..<3).map { table[Int(word) * 3 + $0] + bias[$0] } }
  }

  @Test(arguments: [1, 2]) func scoresPredictionsAndProbabilities(threads: Int) async throws {
    let model = try await model()
    #expect(model.instructionSet == "portable")
    var session = try Session(model: model, threads: threads)
    let batch = TinyLibrary.batch([[1, 2, 3], [4, 0], [2]])
    try session.run(batch, wanted: [.prediction, .probabilities])
    let expected = try scores(TinyLibrary.parameters(model.tables), try #require(batch.inputs["word"]))
    #expect(try session.scores(task: 0) == expected)
    let best = try session.prediction(task: 0)
    let probabilities = try session.probabilities(task: 0)
    for token in 0..<6 {
      let row = expected[3 * token..<3 * token + 3]
      #expect(expected[3 * token + Int(best[token])] == row.max())
      #expect(abs(probabilities[3 * token..<3 * token + 3].reduce(0, +) - 1) < 1e-6)
    }
    let first = try session.withScores(task: 0) { $0[0] }
    #expect(first == expected[0])
    let counts = try session.withPrediction(task: 0) { $0.count }
    #expect(counts == 6)
  }

  @Test func emptyAndLongBatches() async throws {
    var session = try Session(model: try await model())
    try session.run(PackedBatch(inputs: ["word": [], "form": []]))
    #expect(try session.scores(task: 0).isEmpty)
    var empty = TinyLibrary.batch([])
    empty.sentenceCount = 1
    empty.sentences = [3]
    empty.order = [0]
    try session.run(empty)
    #expect(try session.prediction(task: 0).isEmpty)
    #expect(try session.nBest(task: 0, sentence: 0, count: 3).isEmpty)
    for length in [1, 1000, 17] {
      try session.run(TinyLibrary.batch([(0..<length).map { Int32($0 % 5) }]))
      #expect(try session.prediction(task: 0).count == length)
    }
  }

  @Test func resultsBelongToTheLastRun() async throws {
    var session = try Session(model: try await model())
    #expect(runtimeError { _ = try session.scores(task: 0) }?.kind == .invalidInput)
    try session.run(TinyLibrary.batch([[1]]))
    let error = runtimeError { _ = try session.probabilities(task: 0) }
    #expect(error?.message == "The last run did not compute probabilities of the task `tag`.")
    #expect(runtimeError { _ = try session.scores(task: 1) }?.message == "The model has no task number 1.")
    #expect(runtimeError { _ = try session.scores(task: -1) }?.kind == .invalidInput)
    var bad = TinyLibrary.batch([[1]])
    bad.inputs["word"] = [5]
    #expect(runtimeError { try session.run(bad) }?.kind == .invalidInput)
    #expect(runtimeError { _ = try session.scores(task: 0) }?.kind == .invalidInput)
    let unknown = runtimeError { try session.run(TinyLibrary.batch([[1]]), tasks: TaskSet(tasks: [0, 4])) }
    #expect(unknown?.message == "The model has 1 tasks, and another one was asked for.")
  }

  @Test func rankedPathsOfASentence() async throws {
    var session = try Session(model: try await model())
    try session.run(TinyLibrary.batch([[3, 1], [2], [4]]))
    let paths = try session.nBest(task: 0, sentence: 2, count: 5)
    let expected = try scores(TinyLibrary.parameters(session.model.tables), [4])
    let order = (0..<3).sorted { expected[$0] > expected[$1] }.map { [Int32($0)] }
    #expect(paths.map(\.labels) == order)
    #expect(abs(paths.reduce(0) { $0 + exp($1.logProbability) } - 1) < 1e-6)
    #expect(try session.nBest(task: 0, sentence: 3, count: 5).isEmpty)
    #expect(runtimeError { _ = try session.nBest(task: 0, sentence: -1, count: 5) }?.kind == .invalidInput)
    #expect(runtimeError { _ = try session.nBest(task: 0, sentence: 0, count: 0) }?.kind == .invalidInput)
    #expect(runtimeError { _ = try session.nBest(task: 0, scores: [1, 2], count: 1) }?.kind == .invalidInput)
  }

  @Test func sessionsOnThreadsShareAModel() async throws {
    let model = try await model()
    let results = try await withThrowingTaskGroup(of: [Int32].self) { group in
      for _ in 0..<4 {
        group.addTask {
          var session = try Session(model: model)
          for _ in 0..<50 { try session.run(TinyLibrary.batch([[1, 2, 3, 4], [0, 1]])) }
          return try session.prediction(task: 0)
        }
      }
      return try await group.reduce(into: Set<[Int32]>()) { $0.insert($1) }
    }
    #expect(results.count == 1)
  }

  @Test func modelChecksItsParametersAndInstructionSet() async throws {
    let library = try await TinyLibrary.inference()
    let parameters = try TinyLibrary.parameters(library.tables)
    let unknown = runtimeError {
      _ = try Model(library: library, parameters: parameters, instructionSet: "avx9")
    }
    #expect(unknown?.message.contains("`avx9`; it has fast, portable.") == true)
    let absent = runtimeError {
      _ = try Model(library: library, parameters: parameters, instructionSet: "fast")
    }
    #expect(absent?.kind == .notSupported)
    let other = try ParameterBlock(
      table: [ParameterInfo(name: "words.weight", offset: 0, shape: [5, 3])], count: 16)
    #expect(runtimeError { _ = try Model(library: library, parameters: other) }?.kind == .invalidInput)
  }

  /// A model keeps its weights when the block it was made from is changed.
  @Test func modelsAreImmutable() async throws {
    let library = try await TinyLibrary.inference()
    var parameters = try TinyLibrary.parameters(library.tables)
    let model = try Model(library: library, parameters: parameters)
    try parameters.set("heads.tag.bias", to: [9, 9, 9])
    var session = try Session(model: model)
    try session.run(TinyLibrary.batch([[1]]))
    #expect(try session.scores(task: 0) == scores(TinyLibrary.parameters(library.tables), [1]))
  }
}
