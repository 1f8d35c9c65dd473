import Testing
import WeftSpec

@testable import WeftCorpus

@Suite("SpanTag schemes")
struct SchemeTests {
  static let spanSchemes: [TagScheme] = [.iob1, .bio, .bioes]

  /// All sequences over the tags of two types, of up to `length` tokens.
  static func sequences(_ scheme: TagScheme, length: Int, unlabelled: Bool = false) -> [[String?]] {
    let prefixes = scheme == .bioes ? ["B", "I", "E", "S"] : ["B", "I"]
    var symbols: [String?] = ["O"]
    if unlabelled { symbols.append(nil) }
    for type in ["X", "Y"] { symbols += prefixes.map { "\($0)-\(type)" } }
    var all: [[String?]] = [[]]
    var longest: [[String?]] = [[]]
    for _ in 0..<length {
      longest = longest.flatMap { start in symbols.map { start + [$0] } }
      all += longest
    }
    return all
  }

  @Test(arguments: [
    ("O", SpanTag(.outside)), ("B-PER", SpanTag(.begin, "PER")),
    ("I-creative-work", SpanTag(.inside, "creative-work")),
    ("B", SpanTag(.begin)), ("I", SpanTag(.inside)), ("L-ORG", SpanTag(.end, "ORG")),
    ("U-ORG", SpanTag(.single, "ORG")),
    ("S-", SpanTag(.single)), ("B--x", SpanTag(.begin, "-x")),
  ])
  func parsing(_ text: String, _ tag: SpanTag) { #expect(SpanTag(text) == tag) }

  @Test(arguments: ["", "NN", "BPER", "-PER", "X-PER", "O-PER", "b-PER", "Ö", "B_PER"])
  func whatIsNoTag(_ text: String) { #expect(SpanTag(text) == nil) }

  @Test(arguments: spanSchemes, spanSchemes)
  func convertingKeepsTheSpans(_ from: TagScheme, _ to: TagScheme) {
    for labels in Self.sequences(from, length: 4) where from.violation(in: labels) == nil {
      let tags = labels.map { $0.flatMap { SpanTag($0) } }
      let converted = from.convert(tags, to: to)
      #expect(TagScheme.spans(of: converted) == TagScheme.spans(of: tags))
      #expect(to.violation(in: converted.map { $0?.text }) == nil)
      #expect(to.convert(converted, to: from) == tags)
    }
  }

  @Test(arguments: spanSchemes)
  func exactlyWhatSpansGiveIsValid(_ scheme: TagScheme) {
    for labels in Self.sequences(scheme, length: 4) {
      let tags = labels.map { $0.flatMap { SpanTag($0) } }
      let written = scheme.tags(of: TagScheme.spans(of: tags), count: tags.count)
      #expect((scheme.violation(in: labels) == nil) == (written == tags.compactMap { $0 }), "\(labels)")
    }
  }

  /// With unlabelled tokens: a tag is converted as all ways to complete the sentence say, or not at all.
  @Test(arguments: [
    (TagScheme.iob1, TagScheme.bio), (.iob1, .bioes), (.bio, .iob1), (.bio, .bioes), (.bioes, .iob1),
    (.bioes, .bio),
  ])
  func partialSentencesConvertAsTheirCompletionsDo(_ from: TagScheme, _ to: TagScheme) {
    let complete = Dictionary(
      grouping: Self.sequences(from, length: 3).filter { from.violation(in: $0) == nil }, by: \.count)
    for partial in Self.sequences(from, length: 3, unlabelled: true) where partial.contains(nil) {
      let completions = (complete[partial.count] ?? []).filter { full in
        zip(partial, full).allSatisfy { $0 == nil || $0 == $1 }
      }
      #expect((from.violation(in: partial) == nil) == !completions.isEmpty, "\(partial)")
      if completions.isEmpty { continue }
      let outcomes = completions.map { from.convert($0, to: to) }
      let converted = from.convert(partial, to: to)
      for token in partial.indices where partial[token] != nil {
        let possible = Set(outcomes.map { $0[token] })
        if let tag = converted[token] { #expect(possible == [tag], "\(partial) at \(token)") }
        // What stands on the far side of a single unlabelled token can tell more than the token's neighbours do.
        let farBefore = token >= 2 && partial[token - 1] == nil && partial[token - 2] != nil
        let farAfter = token + 2 < partial.count && partial[token + 1] == nil && partial[token + 2] != nil
        let isDecidedFarAway = to == .iob1 ? farBefore : farAfter
        if possible.count == 1 && !isDecidedFarAway {
          #expect(converted[token] != nil, "\(partial) at \(token)")
        }
      }
      for token in partial.indices where partial[token] == nil { #expect(converted[token] == nil) }
    }
  }

  @Test(arguments: [
    (TagScheme.bio, ["O", "I-PER"], 1, "I-PER follows O, but a span must begin with B-PER"),
    (.bio, ["I-PER"], 0, "I-PER follows the beginning of the sentence, but a span must begin with B-PER"),
    (.bio, ["B-PER", "I-LOC"], 1, "I-LOC follows B-PER, but a span must begin with B-LOC"),
    (.bio, ["B-PER", "E-PER"], 1, "'E-PER' has the prefix E: expected O, B-type or I-type"),
    (.bio, ["NN"], 0, "'NN' is no tag of scheme bio: expected O, B-type or I-type"),
    (
      .iob1, ["O", "B-PER"], 1,
      "B-PER follows O, but B- is only for a span directly after another of its type"
    ),
    (.bioes, ["B-PER", "O"], 1, "O follows B-PER, but that span must go on to E-PER"),
    (.bioes, ["O", "I-PER"], 1, "I-PER follows O, but a span must begin with B-PER or be S-PER"),
    (.bioes, ["O", "B-PER"], 1, "the sentence ends after B-PER, but that span must go on to E-PER"),
  ])
  func violationsSayWhatWasExpected(_ scheme: TagScheme, _ labels: [String], _ token: Int, _ reason: String) {
    let violation = scheme.violation(in: labels)
    #expect(violation?.token == token)
    #expect(violation?.reason == reason)
  }

  @Test func inference() {
    func guess(_ sentences: [[String?]]) -> TagScheme { SchemeGuess(labels: sentences).scheme }
    #expect(guess([["O", "B-X", "I-X"], ["B-X", "O"]]) == .bio)
    #expect(guess([["O", "I-X", "I-X"], ["I-X", "B-X"]]) == .iob1)
    #expect(guess([["S-X", "O"], ["B-X", "E-X"]]) == .bioes)
    #expect(guess([["U-X", "O"], ["B-X", "L-X"]]) == .bioes)
    #expect(guess([["B", "I", "O"]]) == .bio)
    #expect(guess([["NN", "O"]]) == .none)
    #expect(guess([["O", "O"]]) == .none)
    #expect(guess([]) == .none)
    #expect(guess([["S", "E"]]) == .none)
    #expect(guess([[nil, "I-X"], ["B-X", nil]]) == .bio)
    let mixed = SchemeGuess(labels: [["B-X", "I-X"], ["B-Y"], ["O", "I-X"]])
    #expect(
      mixed.scheme == .bio && mixed.violations == 1 && mixed.sentences == 3 && mixed.types == ["X", "Y"])
  }

  @Test func labelSetsKnowWhatMayFollow() {
    let set = LabelSet(labels: ["O", "B-X", "I-X", "E-X", "S-X", "B-Y"], scheme: .bioes)
    func id(_ label: String) -> Int { set.id(of: label) ?? -1 }
    #expect(set.allows(id("B-X"), to: id("E-X")))
    #expect(!set.allows(id("B-X"), to: id("O")))
    #expect(!set.allows(id("O"), to: id("I-X")))
    #expect(!set.allows(id("B-Y"), to: id("E-X")))
    #expect(set.allows(id("E-X"), to: id("S-X")))
    #expect(set.allowsStart(id("S-X")) && !set.allowsStart(id("E-X")))
    #expect(set.allowsEnd(id("E-X")) && !set.allowsEnd(id("B-X")))
    let plain = LabelSet(labels: ["NN", "I-X"])
    #expect(plain.allows(0, to: 1) && plain.allowsStart(1) && plain.allowsEnd(1))
    let bio = LabelSet(labels: ["O", "B-X", "I-X"], scheme: .bio)
    #expect(!bio.allows(0, to: 2) && !bio.allowsStart(2) && bio.allows(1, to: 0) && bio.allowsEnd(1))
  }
}
