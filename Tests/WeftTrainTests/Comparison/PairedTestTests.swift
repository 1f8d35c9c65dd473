import Testing
import WeftCorpus
import WeftSpec

@testable import WeftTrain

struct PairedTestTests {
  /// A sentence of so many tokens, of which some are right.
  private func tokens(_ right: Int, of all: Int = 10) -> SentenceCounts {
    SentenceCounts(tokens: all, correctTokens: right)
  }

  private func spans(gold: Int, found: Int, correct: Int) -> SentenceCounts {
    SentenceCounts(
      tokens: 10, correctTokens: 10, spans: ClassCounts(gold: gold, found: found, correct: correct))
  }

  @Test func fiveWinsOfFiveAreOneOfSixteen() throws {
    // Every sentence differs by one: only the observed signs and their opposite are as extreme, 2 of 2⁵.
    let test = try PairedTest(
      metric: .accuracy, system: [Array(repeating: tokens(8), count: 5)],
      baseline: [Array(repeating: tokens(7), count: 5)])
    #expect(test.isExact)
    #expect(test.permutations == 32)
    #expect(test.pValue == 2.0 / 32)
    #expect(abs(test.difference - 0.1) < 1e-12)
    #expect(test.better == 1 && test.seeds == 1 && test.sentences == 5)
    #expect(abs(test.lower - 0.1) < 1e-12 && abs(test.upper - 0.1) < 1e-12)
  }

  @Test func equalSystemsHaveAPValueOfOne() throws {
    let runs = [[tokens(3), tokens(9), tokens(5)]]
    let test = try PairedTest(metric: .accuracy, system: runs, baseline: runs)
    #expect(test.pValue == 1)
    #expect(test.difference == 0)
    #expect(test.better == 0)
  }

  /// p by going through all sign patterns of the sentences, with scores computed anew each time.
  private func exact(_ metric: Metric, _ system: [[SentenceCounts]], _ baseline: [[SentenceCounts]]) -> Double
  {
    func score(_ run: [SentenceCounts]) -> Double {
      switch metric {
      case .accuracy:
        return Double(run.reduce(0) { $0 + $1.correctTokens }) / Double(run.reduce(0) { $0 + $1.tokens })
      case .spanF1:
        var sum = ClassCounts()
        for sentence in run { sum += sentence.spans }
        return sum.f1
      }
    }
    func difference(_ a: [[SentenceCounts]], _ b: [[SentenceCounts]]) -> Double {
      zip(a, b).reduce(0) { $0 + score($1.0) - score($1.1) } / Double(a.count)
    }
    let observed = abs(difference(system, baseline))
    let sentences = system[0].count
    var extreme = 0
    for pattern in 0..<(1 << sentences) {
      var (a, b) = (system, baseline)
      for sentence in 0..<sentences where pattern >> sentence & 1 == 1 {
        for seed in a.indices {
          let kept = a[seed][sentence]
          a[seed][sentence] = b[seed][sentence]
          b[seed][sentence] = kept
        }
      }
      if abs(difference(a, b)) >= observed - 1e-12 { extreme += 1 }
    }
    return Double(extreme) / Double(1 << sentences)
  }

  private func randomRuns(seeds: Int, sentences: Int, salt: UInt64) -> [[SentenceCounts]] {
    (0..<seeds).map { seed in
      (0..<sentences).map { sentence in
        let row = RandomStream(seed: salt, site: "test", task: UInt64(seed), step: UInt64(sentence))
          .row(sentence: 0, position: 0)
        let found = 1 + row.integer(below: 3, 1)
        return SentenceCounts(
          tokens: 8, correctTokens: row.integer(below: 9, 0),
          spans: ClassCounts(gold: 2, found: found, correct: min(2, row.integer(below: found + 1, 2))))
      }
    }
  }

  @Test(arguments: [Metric.accuracy, .spanF1], [1, 3])
  func allExchangesAgreeWithExchangingSentences(metric: Metric, seeds: Int) throws {
    for salt in 0..<4 as Range<UInt64> {
      let a = randomRuns(seeds: seeds, sentences: 9, salt: 2 * salt)
      let b = randomRuns(seeds: seeds, sentences: 9, salt: 2 * salt + 1)
      let test = try PairedTest(metric: metric, system: a, baseline: b, resamples: 10)
      #expect(test.isExact)
      #expect(abs(test.pValue - exact(metric, a, b)) < 1e-12)
    }
  }

  @Test(arguments: [Metric.accuracy, .spanF1])
  func drawnExchangesApproachAllOfThem(metric: Metric) throws {
    let a = randomRuns(seeds: 2, sentences: 12, salt: 7)
    let b = randomRuns(seeds: 2, sentences: 12, salt: 8)
    let expected = exact(metric, a, b)
    // Fewer draws than the 4,096 exchanges that there are, so they are drawn.
    let draws = 4_000
    let test = try PairedTest(metric: metric, system: a, baseline: b, permutations: draws, resamples: 10)
    #expect(!test.isExact)
    // Four standard errors of a share of so many draws.
    #expect(abs(test.pValue - expected) < 4 * (expected * (1 - expected) / Double(draws)).squareRoot() + 1e-3)
  }

  @Test func theSignTestIsAKnownCase() throws {
    // 20 sentences that differ by one token, 15 of them in favour: two-sided binomial p = 0.04138947.
    let a = (0..<20).map { $0 < 15 ? tokens(6) : tokens(5) }
    let b = (0..<20).map { $0 < 15 ? tokens(5) : tokens(6) }
    let test = try PairedTest(metric: .accuracy, system: [a], baseline: [b], resamples: 10)
    #expect(!test.isExact)
    #expect(abs(test.pValue - 0.04138947) < 4 * (0.0414 * 0.9586 / 10_000).squareRoot())
  }

  @Test func seedsOfOneSentenceChangePlacesTogether() throws {
    // Three seeds that do the same make three times the counts, not three times the evidence.
    let a = (0..<5).map { _ in tokens(8) }
    let b = (0..<5).map { _ in tokens(7) }
    let one = try PairedTest(metric: .accuracy, system: [a], baseline: [b])
    let three = try PairedTest(metric: .accuracy, system: [a, a, a], baseline: [b, b, b])
    #expect(one.pValue == three.pValue)
    #expect(three.better == 3)
  }

  @Test func equalSeedsGiveEqualResults() throws {
    let a = randomRuns(seeds: 2, sentences: 40, salt: 1)
    let b = randomRuns(seeds: 2, sentences: 40, salt: 2)
    func test(_ seed: UInt64) throws -> PairedTest {
      try PairedTest(
        metric: .spanF1, system: a, baseline: b, permutations: 500, resamples: 200, seed: seed)
    }
    #expect(try test(3) == test(3))
    #expect(try test(3) != test(4))
    let result = try test(3)
    #expect(result.lower <= result.difference && result.difference <= result.upper)
    #expect(result.lower < result.upper)
  }

  @Test func systemsWithoutSpansScoreZero() throws {
    let none = [[spans(gold: 0, found: 0, correct: 0)]]
    let test = try PairedTest(metric: .spanF1, system: none, baseline: none)
    #expect(test.difference == 0 && test.pValue == 1)
  }

  @Test func otherSentencesAreAnError() throws {
    let three = [[tokens(1), tokens(2), tokens(3)]]
    func message(_ other: [[SentenceCounts]]) -> String {
      do {
        _ = try PairedTest(metric: .accuracy, system: three, baseline: other)
        return ""
      } catch {
        return error.message
      }
    }
    #expect(message([[tokens(1)]]).contains("scored on 1 and 3 sentences"))
    #expect(message([[tokens(1), tokens(2, of: 9), tokens(3)]]).contains("gold labels of sentence 2"))
    #expect(message([]).contains("same seeds"))
  }
}
