import WeftCorpus
import WeftSpec

/// Two systems on the same sentences: how large their difference is, and how easily chance would make it.
///
/// **Statistic**: the mean over seeds of score(system) − score(baseline), each over the whole test set.
///
/// **p**: approximate randomisation (Noreen 1989; for F1: Yeh 2000), two-sided. If the systems were alike, what
/// either did with a sentence might as well have been done by the other. So for each sentence a coin decides whether
/// the two change places, for all seeds at once: what the seeds make of one sentence is alike, and coins of their own
/// would count one sentence several times. p = (n + 1) / (permutations + 1), where n permutations differ at least as
/// much as the systems do. If few sentences differ, all exchanges are counted instead and p is exact.
///
/// **Interval**: the 2.5 and 97.5 % points of the difference over sentences drawn anew with replacement (bootstrap;
/// Efron and Tibshirani 1993, section 13.3).
///
/// Both speak of other sentences, not of other seeds: the deviation over seeds stands beside them.
public struct PairedTest: Sendable, Equatable, Codable {
  /// Mean difference over seeds, in −1 ... 1; positive if the system is better than the baseline.
  public var difference: Double
  public var pValue: Double
  /// Exchanges that were looked at.
  public var permutations: Int
  /// Were those all that there are?
  public var isExact: Bool
  /// Ends of the 95 % interval of the difference.
  public var lower: Double
  public var upper: Double
  /// Pairs of runs.
  public var seeds: Int
  /// Seeds under which the system has the higher score.
  public var better: Int
  public var sentences: Int

  public init(
    difference: Double, pValue: Double, permutations: Int, isExact: Bool = false, lower: Double,
    upper: Double, seeds: Int, better: Int, sentences: Int
  ) {
    self.difference = difference
    self.pValue = pValue
    self.permutations = permutations
    self.isExact = isExact
    self.lower = lower
    self.upper = upper
    self.seeds = seeds
    self.better = better
    self.sentences = sentences
  }
}

extension PairedTest {
  /// Compares runs of two systems.
  ///
  /// - Parameters:
  ///   - system, baseline: for each seed the counts of each sentence; the same seeds and sentences in the same order.
  ///   - permutations: exchanges that are drawn.
  ///   - resamples: draws for the interval.
  ///   - seed: of the coins; equal seeds give equal results.
  /// - Throws: `TrainError` if the two were not scored on the same sentences.
  public init(
    metric: Metric, system: [[SentenceCounts]], baseline: [[SentenceCounts]], permutations: Int = 10_000,
    resamples: Int = 2_000, seed: UInt64 = 1
  ) throws(TrainError) {
    let pair = try PairedCounts(metric: metric, system: system, baseline: baseline)
    let observed = pair.difference
    let exchanges = RandomExchanges(pair)
    let key = RandomStream(seed: seed, site: "significance", task: 0, step: 0).key
    let outcome =
      exchanges.count <= permutations
      ? exchanges.all() : exchanges.drawn(permutations, bits: RandomBits(key: key))
    let interval = pair.interval(
      resamples: resamples, RandomStream(seed: seed, site: "bootstrap", task: 0, step: 0))
    self.init(
      difference: observed, pValue: outcome.pValue, permutations: outcome.permutations,
      isExact: outcome.isExact, lower: interval.lower, upper: interval.upper, seeds: pair.seedCount,
      better: pair.better, sentences: pair.sentenceCount)
  }
}
