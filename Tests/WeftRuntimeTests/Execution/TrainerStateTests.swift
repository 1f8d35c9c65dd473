import CWeftABI
import Foundation
import Testing
import WeftCorpus

@testable import WeftRuntime

@Suite struct TrainerStateTests {
  let batches = [
    TinyLibrary.batch([[1, 2, 3], [4, 1]], labels: [[0, 1, 2], [1, -1]]),
    TinyLibrary.batch([[2, 2]], labels: [[1, 1]]), TinyLibrary.batch([[4], [3]], labels: [[2], [0]]),
  ]
  let task = TaskSet(task: 0)

  private func trainer(adam: Bool = false, slots: Int = 2, threads: Int = 1) async throws -> TrainerState {
    let library = try await TinyLibrary.training()
    let trainer = try TrainerState(library: library, slots: slots, adam: adam, threads: threads)
    try trainer.setParameters(TinyLibrary.parameters(library.tables))
    return trainer
  }

  @discardableResult
  private func step(_ trainer: TrainerState, _ batch: PackedBatch, _ number: Int) throws -> Double {
    let loss = try trainer.forward(batch, random: RandomKey(seed: 1, task: 0, step: number))
    try trainer.zero()
    try trainer.backward()
    var rule = UpdateRule()
    rule.rate = 0.5
    rule.momentum = 0.5
    try trainer.apply(tasks: task, rule)
    return loss[0]
  }

  @Test func lossesFall() async throws {
    let trainer = try await trainer(threads: 2)
    let first = try step(trainer, batches[0], 0)
    for number in 1..<30 { try step(trainer, batches[0], number) }
    let last = try step(trainer, batches[0], 30)
    #expect(last < first / 2)
  }

  /// Against differences of the loss.
  @Test func gradientIsTheSlope() async throws {
    let trainer = try await trainer()
    let batch = batches[0]
    _ = try trainer.forward(batch, random: .off)
    try trainer.zero(slot: 1)
    try trainer.backward(seeds: [1], slot: 1)
    let gradient = try #require(try trainer.gradient(slot: 1)["heads.tag.bias"])
    for index in 0..<3 {
      func loss(_ change: Float) throws -> Double {
        try trainer.withParameters { $0[16 + index] += change }
        defer { try? trainer.withParameters { $0[16 + index] -= change } }
        return try trainer.forward(batch, random: .off)[0]
      }
      let slope = (try loss(0.01) - loss(-0.01)) / 0.02
      #expect(abs(slope - Double(gradient[index])) < 1e-3)
    }
    let squares = try trainer.sumOfSquares(slot: 1, tasks: task)
    try trainer.zero(slot: 0)
    try trainer.axpy(factor: -2, from: 1, to: 0, tasks: task)
    #expect(abs(try trainer.dot(slot: 0, other: 1, tasks: task) + 2 * squares) < 1e-6)
  }

  /// Saved in the middle and restored in another trainer, training goes on to the same bits.
  @Test func restoredTrainersGoOnExactly() async throws {
    let whole = try await trainer()
    let half = try await trainer()
    for number in 0..<11 { try step(whole, batches[number % 3], number) }
    for number in 0..<5 { try step(half, batches[number % 3], number) }
    let saved = try half.export()
    #expect(saved.clocks == [5, 5])
    #expect(saved.rowLags["words.weight"]?[0] == 5)
    #expect(saved.lagTables["words.weight"]?.count == 20)
    let resumed = try await trainer()
    try resumed.restore(saved)
    #expect(try resumed.export() == saved)
    for number in 5..<11 { try step(resumed, batches[number % 3], number) }
    #expect(try resumed.export() == whole.export())
  }

  @Test func snapshotsAndAverages() async throws {
    let trainer = try await trainer()
    let start = try trainer.snapshot()
    var average = start
    try step(trainer, batches[0], 0)
    let now = try trainer.snapshot()
    try trainer.average(decay: 0.75, into: &average)
    let (before, after) = (try #require(start["heads.tag.bias"]), try #require(now["heads.tag.bias"]))
    #expect(before != after)
    #expect(try #require(average["heads.tag.bias"]) == zip(before, after).map { 0.75 * $0 + 0.25 * $1 })
    trainer.catchUp()
    #expect(try trainer.export().lagTables["words.weight"] == [])
  }

  @Test func batchesWithoutLabelsOrTokens() async throws {
    let trainer = try await trainer()
    for batch in [TinyLibrary.batch([[1, 2]]), PackedBatch(inputs: ["word": []])] {
      #expect(try trainer.forward(batch, random: .off) == [0])
      try trainer.zero()
      try trainer.backward()
      #expect(try trainer.sumOfSquares(tasks: task) == 0)
    }
  }

  @Test func injectedValuesReplaceRandomOnes() async throws {
    let trainer = try await trainer()
    let batch = TinyLibrary.batch([[1]], labels: [[0]])
    let key = RandomKey(seed: 1, task: 0, step: 0)
    let plain = try trainer.forward(batch, random: key)
    let pushed = try trainer.forward(batch, random: key, injected: ["noise.input": [5, 0, 0]])
    #expect(pushed[0] < plain[0])
    let short = runtimeError {
      _ = try trainer.forward(batch, random: key, injected: ["noise.input": [5, 0]])
    }
    #expect(short?.message == "The site `noise.input` needs 1 × 3 values, but 2 were injected.")
    let unknown = runtimeError { _ = try trainer.forward(batch, random: key, injected: ["dropout": []]) }
    #expect(unknown?.message == "The network has no random site `dropout`.")
  }

  @Test func callsOutOfOrderAreRefused() async throws {
    let trainer = try await trainer()
    #expect(runtimeError { try trainer.backward() }?.kind == .invalidInput)
    _ = try trainer.forward(batches[0], random: .off)
    #expect(runtimeError { try trainer.backward(seeds: [1, 1]) }?.kind == .invalidInput)
    #expect(runtimeError { try trainer.backward(slot: 2) }?.kind == .invalidInput)
    #expect(runtimeError { try trainer.backward(tasks: TaskSet(task: 1)) }?.kind == .invalidInput)
    try trainer.backward()
    #expect(runtimeError { try trainer.backward() }?.kind == .invalidInput)
    _ = try trainer.forward(batches[0], random: .off)
    try trainer.apply(tasks: task, UpdateRule())
    #expect(runtimeError { try trainer.backward() }?.kind == .invalidInput)
    var adam = UpdateRule()
    adam.optimizer = .adam
    #expect(
      runtimeError { try trainer.apply(tasks: task, adam) }?.message
        == "Adam needs a trainer that keeps second moments.")
    let bad = TinyLibrary.batch([[1]], labels: [[3]])
    #expect(runtimeError { _ = try trainer.forward(bad, random: .off) }?.message.contains("label 3") == true)
    #expect(runtimeError { try trainer.backward() }?.kind == .invalidInput)
  }

  @Test func contradictoryStatesAreRefused() async throws {
    let trainer = try await trainer()
    for number in 0..<3 { try step(trainer, batches[number], number) }
    let state = try trainer.export()
    func problem(_ change: (inout TrainerSnapshot) throws -> Void) rethrows -> String? {
      var changed = state
      try change(&changed)
      return runtimeError { try trainer.restore(changed) }?.message
    }
    #expect(problem { $0.rowLags["words.weight"]?[2] = 4 }?.contains("contradict each other") == true)
    #expect(problem { $0.rowLags["words.weight"]?[2] = -1 }?.contains("contradict each other") == true)
    #expect(problem { $0.rowLags["words.weight"]?.removeLast() }?.contains("contradict each other") == true)
    #expect(
      problem { $0.lagTables["words.weight"] = Array(repeating: 0, count: 36) }?.contains("contradict")
        == true)
    #expect(problem { $0.rowLags = [:] }?.contains("does not say which updates") == true)
    #expect(problem { $0.clocks = [1] }?.contains("clocks") == true)
    #expect(
      try problem { $0.secondMoments = try ParameterBlock(trainer.tables) }?.contains("with Adam") == true)
    #expect(try trainer.export() == state)
  }

  @Test func secondMomentsAreKeptForAdam() async throws {
    let trainer = try await trainer(adam: true)
    var state = try trainer.export()
    var second = try #require(state.secondMoments)
    try second.set("heads.tag.bias", to: [1, 2, 3])
    state.secondMoments = second
    try trainer.restore(state)
    #expect(try trainer.export().secondMoments?["heads.tag.bias"] == [1, 2, 3])
    state.secondMoments = nil
    #expect(runtimeError { try trainer.restore(state) }?.message.contains("without Adam") == true)
  }

  @Test func callersFloatingPointModeStays() async throws {
    let trainer = try await trainer()
    let before = weft_float_mode()
    try step(trainer, batches[0], 0)
    _ = try trainer.snapshot()
    #expect(weft_float_mode() == before)
  }

  @Test func tooManySlotsAreRefused() async throws {
    let library = try await TinyLibrary.training()
    #expect(runtimeError { _ = try TrainerState(library: library, slots: 0) }?.kind == .invalidInput)
    let error = runtimeError { _ = try TrainerState(library: library, slots: 5) }
    #expect(error?.message.contains("refused an argument of opening a trainer") == true)
  }
}
