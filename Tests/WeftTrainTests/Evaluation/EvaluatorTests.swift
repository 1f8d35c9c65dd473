import Testing
import WeftSpec

@testable import WeftTrain

@Suite struct EvaluatorTests {
  @Test func batchesHoldSentencesOfSimilarLength() {
    let lengths = [3, 0, 9, 4, 4, 30, 1]
    #expect(Evaluator.batches(lengths: lengths, tokens: 10) == [[5], [2], [3, 4], [0, 6, 1]])
  }

  @Test func batchesHoldEverySentenceOnce() {
    let lengths = (0..<500).map { ($0 * 7919) % 83 }
    let batches = Evaluator.batches(lengths: lengths, tokens: 256)
    #expect(batches.flatMap { $0 }.sorted() == Array(0..<500))
    #expect(batches.allSatisfy { batch in batch.count == 1 || batch.reduce(0) { $0 + lengths[$1] } <= 256 })
  }

  @Test func noSentenceMakesNoBatch() { #expect(Evaluator.batches(lengths: []) == []) }
}

@Suite struct SpreadTests {
  @Test func isTheSampleStandardDeviation() {
    let spread = SeedSummary.Spread([2, 4, 4, 4, 5, 5, 7, 9])
    #expect(spread.mean == 5)
    #expect(abs(spread.standardDeviation - (32.0 / 7).squareRoot()) < 1e-15)
  }

  @Test func ofOneValueIsZero() {
    #expect(SeedSummary.Spread([0.5]).standardDeviation == 0)
    #expect(SeedSummary.Spread([]).mean == 0)
  }
}
