import WeftSpec

/// Micro-averaged F1 over labelled spans: a span is right if both its ends and its type are.
///
/// Gold and prediction are read as spans by ``TagScheme/spans(of:)``, which on BIO2 counts as the scorer of the
/// CoNLL-2000 shared task does (Tjong Kim Sang and Buchholz 2000, `conlleval` of 2004-01-26). A span that holds an
/// unlabelled token or stands directly beside one counts neither as gold nor as found.
enum SpanF1: TokenMetric {
  static let reference = "conlleval, 2004-01-26, on BIO2 sequences"

  static func add(gold: [String?], predicted: [String], scheme: TagScheme, to score: inout Score) {
    let tags = BIO2Tags(gold: gold, predicted: predicted, scheme: scheme)
    func isCounted(_ span: TagSpan) -> Bool {
      !(max(0, span.start - 1)..<min(gold.count, span.end + 1)).contains { gold[$0] == nil }
    }
    let goldSpans = tags.goldSpans.filter(isCounted)
    let foundSpans = tags.predictedSpans.filter(isCounted)
    let correct = Set(goldSpans).intersection(foundSpans)

    var counts = SentenceCounts()
    counts.spans = ClassCounts(gold: goldSpans.count, found: foundSpans.count, correct: correct.count)
    for span in goldSpans { score.classes[span.type, default: ClassCounts()].gold += 1 }
    for span in foundSpans { score.classes[span.type, default: ClassCounts()].found += 1 }
    for span in correct { score.classes[span.type, default: ClassCounts()].correct += 1 }

    for token in gold.indices where gold[token] != nil {
      let found = tags.predicted[token]
      if let tag = tags.gold[token] {
        counts.tokens += 1
        if tag == found { counts.correctTokens += 1 }
      }
      let goldType = tags.goldType[token]
      score.confusion[goldType, default: [:]][BIO2Tags.typeName(found), default: 0] += 1
    }
    score.sentences.append(counts)
  }

  static func value(_ score: Score) -> Double { score.micro.f1 }
}

/// Gold and predicted tags of a sentence as BIO2.
struct BIO2Tags {
  /// nil where unlabelled, and where an unlabelled neighbour leaves open whether the tag is B or I.
  let gold: [SpanTag?]
  let predicted: [SpanTag]
  let goldSpans: [TagSpan]
  let predictedSpans: [TagSpan]
  /// Type of the gold span at each token; `O` outside, and where unlabelled.
  let goldType: [String]

  init(gold: [String?], predicted: [String], scheme: TagScheme) {
    let known = gold.map { $0.map { SpanTag($0) ?? SpanTag(.outside) } }
    goldSpans = TagScheme.spans(of: known)
    predictedSpans = TagScheme.spans(of: predicted.map { SpanTag($0) ?? SpanTag(.outside) })
    let asBIO = TagScheme.bio.tags(of: goldSpans, count: gold.count)
    let converted = scheme.convert(known, to: .bio)
    self.gold = gold.indices.map { token in
      if known[token] == nil { return nil }
      // Beside an unlabelled token only the conversion knows what the tag is; elsewhere spans do, odd ones included.
      return token > 0 && known[token - 1] == nil ? converted[token] : asBIO[token]
    }
    self.predicted = TagScheme.bio.tags(of: predictedSpans, count: predicted.count)
    goldType = asBIO.map(Self.typeName)
  }

  /// What the tables call the type of a tag: `O` outside spans, `(no type)` for spans of bare tags.
  static func typeName(_ tag: SpanTag) -> String {
    tag.prefix == .outside ? "O" : tag.type.isEmpty ? "(no type)" : tag.type
  }
}
