import Foundation
import Testing
import WeftSpec

@testable import WeftCorpus

/// What the published CoNLL-2000 scorer prints for 400 random tag sequences.
struct ConllevalCase: Decodable, Sendable {
  struct Expected: Decodable {
    struct TypeRow: Decodable { let precision, recall, f1: Double, found: Int }
    let tokens, gold, found, correct: Int
    let accuracy, precision, recall, f1: Double
    let types: [String: TypeRow]
  }
  let id: Int
  let prefixes: String
  let sentences: [[[String]]]
  let expected: Expected

  static func all() throws -> [ConllevalCase] {
    let url = try #require(Bundle.module.url(forResource: "Fixtures/conlleval-cases", withExtension: "jsonl"))
    return try String(contentsOf: url, encoding: .utf8).split(separator: "\n").map {
      try JSONDecoder().decode(ConllevalCase.self, from: Data($0.utf8))
    }
  }
}

@Suite("Scores against conlleval")
struct ConllevalTests {
  @Test func rawTagsMatchAllCases() throws {
    let cases = try ConllevalCase.all()
    #expect(cases.count == 400)
    for item in cases {
      var scorer = RawTagScorer()
      for sentence in item.sentences {
        scorer.add(gold: sentence.map { $0[0] }, predicted: sentence.map { $0[1] })
      }
      let score = scorer.score
      let micro = score.micro
      let expected = ClassCounts(
        gold: item.expected.gold, found: item.expected.found, correct: item.expected.correct)
      #expect(micro == expected, "case \(item.id)")
      #expect(score.tokens == item.expected.tokens, "case \(item.id)")
      #expect(printed(score.accuracy) == item.expected.accuracy, "case \(item.id)")
      #expect(printed(micro.precision) == item.expected.precision, "case \(item.id)")
      #expect(printed(micro.recall) == item.expected.recall, "case \(item.id)")
      #expect(printed(micro.f1) == item.expected.f1, "case \(item.id)")
      #expect(Set(score.classes.keys) == Set(item.expected.types.keys), "case \(item.id)")
      for (type, row) in item.expected.types {
        let counts = try #require(score.classes[type])
        #expect(counts.found == row.found, "case \(item.id) \(type)")
        #expect(
          [counts.precision, counts.recall, counts.f1].map(printed) == [row.precision, row.recall, row.f1],
          "case \(item.id) \(type)")
      }
    }
  }

  /// Written as BIO2 first, the same sequences score as conlleval scores their BIO2 form.
  @Test func spansMatchConllevalOnTheBIO2Form() throws {
    for item in try ConllevalCase.all() {
      let scheme: TagScheme = item.prefixes == "iob1" ? .iob1 : item.prefixes == "bio" ? .bio : .bioes
      var spans = Scorer(metric: .spanF1, scheme: scheme)
      var raw = RawTagScorer()
      for sentence in item.sentences {
        let (gold, predicted) = (sentence.map { $0[0] }, sentence.map { $0[1] })
        spans.add(gold: gold, predicted: predicted)
        raw.add(gold: bio2(gold), predicted: bio2(predicted))
      }
      #expect(spans.score.classes == raw.score.classes, "case \(item.id)")
      #expect(spans.score.sentences == raw.score.sentences, "case \(item.id)")
      // Sequences of B, I and O need no conversion to count the same.
      if scheme != .bioes && item.prefixes != "wild" {
        #expect(spans.score.micro.correct == item.expected.correct, "case \(item.id)")
        #expect(spans.score.micro.found == item.expected.found, "case \(item.id)")
        #expect(printed(spans.score.value) == item.expected.f1, "case \(item.id)")
      }
    }
  }

  private func bio2(_ labels: [String]) -> [String] {
    let spans = TagScheme.spans(of: labels.map { SpanTag($0) })
    return TagScheme.bio.tags(of: spans, count: labels.count).map(\.text)
  }

  private func printed(_ ratio: Double) -> Double {
    Double(String(format: "%.2f", 100 * ratio)) ?? -1
  }
}
