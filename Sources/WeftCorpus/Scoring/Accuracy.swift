import WeftSpec

/// Share of labelled tokens whose label is right.
///
/// If the data have a span scheme, both sides are compared as BIO2 tags, so that a model of another scheme than the
/// data's can be right.
enum Accuracy: TokenMetric {
  static let reference = "token accuracy"

  static func add(gold: [String?], predicted: [String], scheme: TagScheme, to score: inout Score) {
    var (gold, predicted) = (gold, predicted)
    if scheme != .none {
      let tags = BIO2Tags(gold: gold, predicted: predicted, scheme: scheme)
      gold = tags.gold.map { $0?.text }
      predicted = tags.predicted.map(\.text)
    }
    var counts = SentenceCounts()
    for (gold, predicted) in zip(gold, predicted) {
      guard let gold else { continue }
      let isRight = gold.utf8.elementsEqual(predicted.utf8)
      counts.tokens += 1
      if isRight { counts.correctTokens += 1 }
      score.classes[gold, default: ClassCounts()].gold += 1
      score.classes[predicted, default: ClassCounts()].found += 1
      if isRight { score.classes[gold, default: ClassCounts()].correct += 1 }
      score.confusion[gold, default: [:]][predicted, default: 0] += 1
    }
    score.sentences.append(counts)
  }

  static func value(_ score: Score) -> Double { score.accuracy }
}
