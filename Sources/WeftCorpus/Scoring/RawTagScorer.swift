import WeftSpec

/// Span counts on tags as they are written, exactly as the scorer of the CoNLL-2000 shared task counts them
/// (`conlleval` of 2004-01-26), its peculiarities included: `S` is no prefix to it, and two adjacent BIOES spans of
/// one type are one span.
public struct RawTagScorer: Sendable {
  public private(set) var score = Score(metric: .spanF1)

  public init() {}

  /// A tag as conlleval splits it: the text before the first hyphen, and the text after it.
  private struct RawTag: Equatable {
    var prefix: Substring
    var type: Substring

    init(_ text: String) {
      let parts = text.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
      prefix = parts[0]
      type = parts.count > 1 ? parts[1] : ""
    }

    static let outside = RawTag("O")

    /// A span ends between this tag and the next.
    func ends(before next: RawTag) -> Bool {
      switch (prefix, next.prefix) {
      case ("B", "B"), ("B", "O"), ("I", "B"), ("I", "O"), ("E", "E"), ("E", "I"), ("E", "O"): true
      case ("[", _), ("]", _): true
      default: prefix != "O" && prefix != "." && type != next.type
      }
    }

    /// A span begins with this tag after the one before.
    func starts(after previous: RawTag) -> Bool {
      switch (previous.prefix, prefix) {
      case ("B", "B"), ("I", "B"), ("O", "B"), ("O", "I"), ("E", "E"), ("E", "I"), ("O", "E"): true
      case (_, "["), (_, "]"): true
      default: prefix != "O" && prefix != "." && previous.type != type
      }
    }
  }

  /// Counts one sentence; a token without gold label counts as `O` on both sides and not as a token.
  public mutating func add(gold: [String?], predicted: [String]) {
    var counts = SentenceCounts()
    var lastGold = RawTag.outside
    var lastFound = RawTag.outside
    var inCorrect = false

    func step(_ gold: RawTag, _ found: RawTag) {
      let goldEnds = lastGold.ends(before: gold)
      let foundEnds = lastFound.ends(before: found)
      if inCorrect {
        if goldEnds && foundEnds && lastFound.type == lastGold.type {
          inCorrect = false
          counts.spans.correct += 1
          score.classes[String(lastGold.type), default: ClassCounts()].correct += 1
        } else if goldEnds != foundEnds || found.type != gold.type {
          inCorrect = false
        }
      }
      let goldStarts = gold.starts(after: lastGold)
      let foundStarts = found.starts(after: lastFound)
      if goldStarts && foundStarts && found.type == gold.type { inCorrect = true }
      if goldStarts {
        counts.spans.gold += 1
        score.classes[String(gold.type), default: ClassCounts()].gold += 1
      }
      if foundStarts {
        counts.spans.found += 1
        score.classes[String(found.type), default: ClassCounts()].found += 1
      }
      lastGold = gold
      lastFound = found
    }

    for (gold, predicted) in zip(gold, predicted) {
      guard let gold else {
        step(.outside, .outside)
        continue
      }
      let (goldTag, foundTag) = (RawTag(gold), RawTag(predicted))
      step(goldTag, foundTag)
      counts.tokens += 1
      if goldTag == foundTag { counts.correctTokens += 1 }
      let foundName = foundTag.type.isEmpty ? foundTag.prefix : foundTag.type
      let goldName = goldTag.type.isEmpty ? goldTag.prefix : goldTag.type
      score.confusion[String(goldName), default: [:]][String(foundName), default: 0] += 1
    }
    // The boundary of a sentence is an O on both sides.
    step(.outside, .outside)
    score.sentences.append(counts)
  }
}
