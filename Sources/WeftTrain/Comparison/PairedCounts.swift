import WeftCorpus
import WeftSpec

/// The counts of two systems on the same sentences, as what their scores are ratios of.
///
/// Accuracy is right / all; F1 is 2 · right / (gold + found). So a score is factor · right / all, and counts of
/// sentences add.
struct PairedCounts {
  struct Ratio: Equatable {
    var right = 0
    var all = 0

    static func += (left: inout Ratio, rhs: Ratio) {
      left.right += rhs.right
      left.all += rhs.all
    }
    static func - (left: Ratio, rhs: Ratio) -> Ratio {
      Ratio(right: left.right - rhs.right, all: left.all - rhs.all)
    }
  }

  let factor: Double
  let seedCount: Int
  let sentenceCount: Int
  /// A sentence's counts under each seed, sentence after sentence.
  let system: [Ratio]
  let baseline: [Ratio]
  /// Over all sentences, by seed.
  let systemTotals: [Ratio]
  let baselineTotals: [Ratio]

  init(
    metric: Metric, system: [[SentenceCounts]], baseline: [[SentenceCounts]]
  ) throws(TrainError) {
    guard system.count == baseline.count, !system.isEmpty else {
      throw TrainError(
        .data,
        "a paired test needs runs of both systems under the same seeds; there are \(system.count)"
          + " and \(baseline.count)")
    }
    let counts = Set((system + baseline).map(\.count))
    guard counts.count == 1, let sentences = counts.first else {
      throw TrainError(
        .data,
        "a paired test needs scores of the same sentences; the runs were scored on"
          + " \(counts.sorted().map(String.init).joined(separator: " and ")) sentences",
        suggestion: "train the runs that are of other data anew")
    }
    for (first, second) in zip(system, baseline) {
      for sentence in 0..<sentences
      where first[sentence].tokens != second[sentence].tokens
        || first[sentence].spans.gold != second[sentence].spans.gold
      {
        throw TrainError(
          .data,
          "a paired test needs scores of the same sentences; the gold labels of sentence"
            + " \(sentence + 1) differ between the runs",
          suggestion: "train the runs that are of other data anew")
      }
    }
    factor = metric == .spanF1 ? 2 : 1
    seedCount = system.count
    sentenceCount = sentences
    self.system = Self.flat(system, sentences, metric)
    self.baseline = Self.flat(baseline, sentences, metric)
    systemTotals = Self.totals(self.system, seeds: seedCount)
    baselineTotals = Self.totals(self.baseline, seeds: seedCount)
  }

  private static func flat(
    _ runs: [[SentenceCounts]], _ sentences: Int, _ metric: Metric
  ) -> [Ratio] {
    (0..<sentences).flatMap { sentence in
      runs.map { run in
        let counts = run[sentence]
        return switch metric {
        case .accuracy: Ratio(right: counts.correctTokens, all: counts.tokens)
        case .spanF1: Ratio(right: counts.spans.correct, all: counts.spans.gold + counts.spans.found)
        }
      }
    }
  }

  private static func totals(_ counts: [Ratio], seeds: Int) -> [Ratio] {
    var totals = Array(repeating: Ratio(), count: seeds)
    for (index, count) in counts.enumerated() { totals[index % seeds] += count }
    return totals
  }

  func score(_ ratio: Ratio) -> Double {
    ratio.all == 0 ? 0 : factor * Double(ratio.right) / Double(ratio.all)
  }

  /// Mean over seeds of the difference between the scores of some totals.
  func difference(_ system: [Ratio], _ baseline: [Ratio]) -> Double {
    zip(system, baseline).reduce(0) { $0 + score($1.0) - score($1.1) } / Double(seedCount)
  }

  var difference: Double { difference(systemTotals, baselineTotals) }

  /// Seeds under which the system's score is higher.
  var better: Int { zip(systemTotals, baselineTotals).count { score($0) > score($1) } }

  /// The 2.5 and 97.5 % points of the difference over sentences drawn anew with replacement.
  func interval(resamples: Int, _ stream: RandomStream) -> (lower: Double, upper: Double) {
    guard sentenceCount > 0, resamples > 0 else { return (difference, difference) }
    let zero = Array(repeating: Ratio(), count: seedCount)
    var differences: [Double] = []
    differences.reserveCapacity(resamples)
    for resample in 0..<resamples {
      let row = stream.row(sentence: UInt64(resample), position: 0)
      var (first, second) = (zero, zero)
      for draw in 0..<sentenceCount {
        let start = row.integer(below: sentenceCount, UInt32(draw)) * seedCount
        for seed in 0..<seedCount {
          first[seed] += system[start + seed]
          second[seed] += baseline[start + seed]
        }
      }
      differences.append(difference(first, second))
    }
    differences.sort()
    func quantile(_ share: Double) -> Double {
      differences[min(resamples - 1, max(0, Int((share * Double(resamples)).rounded(.down))))]
    }
    return (quantile(0.025), quantile(0.975))
  }
}
