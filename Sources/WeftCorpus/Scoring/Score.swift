import WeftSpec

/// How many of a kind the gold has, how many were found, and how many of those are right.
public struct ClassCounts: Sendable, Equatable, Codable {
  public var gold: Int
  public var found: Int
  public var correct: Int

  public init(gold: Int = 0, found: Int = 0, correct: Int = 0) {
    self.gold = gold
    self.found = found
    self.correct = correct
  }

  /// correct / found, 0 if nothing was found; in 0 ... 1.
  public var precision: Double { found == 0 ? 0 : Double(correct) / Double(found) }
  /// correct / gold, 0 if there is no gold; in 0 ... 1.
  public var recall: Double { gold == 0 ? 0 : Double(correct) / Double(gold) }
  /// Harmonic mean of precision and recall, 0 if both are; in 0 ... 1.
  public var f1: Double { gold + found == 0 ? 0 : 2 * Double(correct) / Double(gold + found) }

  public static func += (left: inout ClassCounts, right: ClassCounts) {
    left.gold += right.gold
    left.found += right.found
    left.correct += right.correct
  }
}

/// The counts of one sentence: what paired significance tests resample.
public struct SentenceCounts: Sendable, Equatable, Codable {
  /// Labelled tokens.
  public var tokens = 0
  public var correctTokens = 0
  /// Spans; all 0 for a metric without spans.
  public var spans = ClassCounts()

  public init(tokens: Int = 0, correctTokens: Int = 0, spans: ClassCounts = ClassCounts()) {
    self.tokens = tokens
    self.correctTokens = correctTokens
    self.spans = spans
  }
}

/// The score of a task over some sentences, held as counts, so that scores can be added.
public struct Score: Sendable, Equatable, Codable {
  public let metric: Metric
  /// In the order in which the sentences were added.
  public var sentences: [SentenceCounts] = []
  /// Span metrics: spans by type. Accuracy: tokens by label.
  public var classes: [String: ClassCounts] = [:]
  /// Labelled tokens by gold label and by predicted label; for span metrics by type, `O` outside spans.
  public var confusion: [String: [String: Int]] = [:]

  public init(metric: Metric) { self.metric = metric }

  /// What the metric is named for, in 0 ... 1; higher is better.
  public var value: Double { metric.implementation.value(self) }

  /// ``value`` as it is usually printed.
  public var percent: Double { 100 * value }

  /// Labelled tokens.
  public var tokens: Int { sentences.reduce(0) { $0 + $1.tokens } }
  public var correctTokens: Int { sentences.reduce(0) { $0 + $1.correctTokens } }

  /// Share of labelled tokens with the right label (span metrics: the right BIO2 tag); 0 without tokens.
  public var accuracy: Double {
    let tokens = tokens
    return tokens == 0 ? 0 : Double(correctTokens) / Double(tokens)
  }

  /// Counts over all classes together (micro average).
  public var micro: ClassCounts {
    var sum = ClassCounts()
    for counts in classes.values { sum += counts }
    return sum
  }

  /// Unweighted means over the classes that the gold or the prediction has (macro average); 0 without any.
  public var macro: (precision: Double, recall: Double, f1: Double) {
    let present = classes.filter { $0.value.gold + $0.value.found > 0 }.sorted { $0.key < $1.key }.map(
      \.value)
    if present.isEmpty { return (0, 0, 0) }
    let count = Double(present.count)
    return (
      present.reduce(0) { $0 + $1.precision } / count, present.reduce(0) { $0 + $1.recall } / count,
      present.reduce(0) { $0 + $1.f1 } / count
    )
  }

  /// Adds the score of further sentences, of the same metric.
  public static func += (left: inout Score, right: Score) {
    left.sentences += right.sentences
    left.classes.merge(right.classes) {
      var sum = $0
      sum += $1
      return sum
    }
    left.confusion.merge(right.confusion) { $0.merging($1, uniquingKeysWith: +) }
  }

  public static func + (left: Score, right: Score) -> Score {
    var sum = left
    sum += right
    return sum
  }
}
