import Testing
import WeftSpec

@testable import WeftTrain

@Suite struct TaskSamplerTests {
  /// Shares of the streams over many steps.
  func shares(_ sampler: TaskSampler, steps: Int = 20_000) -> [Double] {
    var counts = Array(repeating: 0, count: sampler.probabilities.count)
    for step in 0..<steps { counts[sampler.stream(at: step)] += 1 }
    return counts.map { Double($0) / Double(steps) }
  }

  static let third = 1.0 / 3
  // Square roots of 1, 3 and 6 as shares of their sum.
  static let cases: [(SamplingSpec, [Double])] = [
    (.proportional, [0.1, 0.3, 0.6]),
    (.uniform, [third, third, third]),
    (.temperature(0.5), [0.192_993, 0.334_273, 0.472_734]),
    (.temperature(0), [third, third, third]),
    (.roundRobin, [third, third, third]),
    (.roundRobinUntilExhausted, [0.1, 0.3, 0.6]),
  ]

  @Test(arguments: cases)
  func drawsInProportion(sampling: SamplingSpec, expected: [Double]) {
    let shares = shares(
      TaskSampler(sampling, sizes: [100, 300, 600], steps: [10, 30, 60], seed: 3, phase: 0))
    for (share, expected) in zip(shares, expected) {
      // Six standard deviations of a binomial share over 20,000 draws.
      #expect(abs(share - expected) < 6 * (expected * (1 - expected) / 20_000).squareRoot() + 1e-4)
    }
  }

  @Test func aDrawDependsOnItsStepAlone() {
    let sampler = TaskSampler(.proportional, sizes: [5, 9, 2], steps: [1, 1, 1], seed: 3, phase: 0)
    let forward = (0..<500).map { sampler.stream(at: $0) }
    let backward = (0..<500).reversed().map { sampler.stream(at: $0) }
    #expect(forward == backward.reversed())
  }

  @Test func seedsAndPhasesDrawIndependently() {
    let draws = [(UInt64(3), 0), (4, 0), (3, 1)].map { seed, phase in
      let sampler = TaskSampler(.uniform, sizes: [1, 1], steps: [1, 1], seed: seed, phase: phase)
      return (0..<64).map { sampler.stream(at: $0) }
    }
    #expect(Set(draws).count == 3)
  }

  @Test func roundRobinTakesTurns() {
    let sampler = TaskSampler(.roundRobin, sizes: [5, 500, 1], steps: [1, 50, 1], seed: 1, phase: 0)
    #expect((0..<7).map { sampler.stream(at: $0) } == [0, 1, 2, 0, 1, 2, 0])
  }

  @Test func aStreamWithoutSentencesIsNeverDrawn() {
    let sampler = TaskSampler(.proportional, sizes: [0, 3, 0], steps: [0, 1, 0], seed: 1, phase: 0)
    #expect((0..<1000).allSatisfy { sampler.stream(at: $0) == 1 })
  }

  @Test func turnsSkipStreamsWithoutSentences() {
    for sampling in [SamplingSpec.roundRobin, .roundRobinUntilExhausted] {
      let sampler = TaskSampler(sampling, sizes: [4, 0, 4], steps: [2, 0, 2], seed: 1, phase: 0)
      #expect((0..<5).map { sampler.stream(at: $0) } == [0, 2, 0, 2, 0])
    }
  }

  /// Short streams start again: the length of an epoch, 8 steps, is what it is without turns.
  @Test func turnsWithRestart() {
    let sampler = TaskSampler(.roundRobin, sizes: [50, 20, 10], steps: [5, 2, 1], seed: 1, phase: 0)
    #expect((0..<16).map { sampler.stream(at: $0) } == [0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0])
  }

  /// Each epoch of 8 steps goes through every stream once.
  @Test func turnsUntilExhausted() {
    let sampler = TaskSampler(
      .roundRobinUntilExhausted, sizes: [50, 20, 10], steps: [5, 2, 1], seed: 1, phase: 0)
    let epoch = [0, 1, 2, 0, 1, 0, 0, 0]
    #expect((0..<24).map { sampler.stream(at: $0) } == epoch + epoch + epoch)
  }

  @Test func oneStreamNeedsNoTurns() {
    for sampling in [SamplingSpec.proportional, .roundRobin, .roundRobinUntilExhausted] {
      let sampler = TaskSampler(sampling, sizes: [7], steps: [2], seed: 1, phase: 0)
      #expect((0..<5).allSatisfy { sampler.stream(at: $0) == 0 })
    }
  }
}
