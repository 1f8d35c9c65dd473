import Foundation
import Testing
import WeftSpec

@testable import WeftCorpus

@Suite("Scores")
struct ScorerTests {
  /// The table of `docs/scores.md`.
  @Test(arguments: [
    ("O I-X I-X O", "O B-X I-X O"), ("B-X I-Y", "B-X B-Y"), ("I-X B-X", "B-X B-X"), ("B-X O", "B-X O"),
    ("B-X B-X E-X", "B-X B-X I-X"), ("B-X E-Y", "B-X B-Y"), ("E-X E-X", "B-X B-X"),
    ("B-X E-X I-X", "B-X I-X B-X"),
    ("S-X I-X", "B-X B-X"), ("O S-X S-X", "O B-X B-X"),
  ])
  func oddSequences(_ tags: String, _ expected: String) {
    let parsed = tags.split(separator: " ").map { SpanTag(String($0)) }
    let written = TagScheme.bio.tags(of: TagScheme.spans(of: parsed), count: parsed.count)
    #expect(written.map(\.text).joined(separator: " ") == expected)
  }

  @Test func accuracyWithUnlabelledAndUnknown() {
    var scorer = Scorer(metric: .accuracy)
    scorer.add(gold: ["A", nil, "B", "NEW"], predicted: ["A", "A", "A", "A"])
    scorer.add(gold: [], predicted: [])
    scorer.add(gold: [nil], predicted: ["B"])
    let score = scorer.score
    #expect(score.tokens == 3 && score.correctTokens == 1)
    #expect(score.value == 1.0 / 3)
    #expect(score.classes["A"] == ClassCounts(gold: 1, found: 3, correct: 1))
    #expect(score.classes["NEW"] == ClassCounts(gold: 1, found: 0, correct: 0))
    #expect(score.confusion["B"] == ["A": 1])
    #expect(score.sentences.count == 3)
    #expect(abs(score.macro.f1 - (0.5 + 0 + 0) / 3) < 1e-12)
  }

  @Test func nothingToScoreIsZero() {
    for metric in Metric.allCases {
      let score = Scorer(metric: metric).score
      #expect(score.value == 0 && score.accuracy == 0 && score.macro.f1 == 0)
    }
  }

  @Test func modelAndDataMayDifferInScheme() {
    var scorer = Scorer(metric: .spanF1, scheme: .iob1)
    scorer.add(gold: ["I-X", "I-X", "B-X", "O", "I-Y"], predicted: ["B-X", "E-X", "S-X", "O", "S-X"])
    #expect(scorer.score.micro == ClassCounts(gold: 3, found: 3, correct: 2))
    #expect(scorer.score.correctTokens == 4)
    #expect(scorer.score.confusion == ["X": ["X": 3], "O": ["O": 1], "Y": ["X": 1]])
    #expect(abs(scorer.score.macro.f1 - (0.8 + 0) / 2) < 1e-12)
    var accuracy = Scorer(metric: .accuracy, scheme: .bio)
    accuracy.add(gold: ["B-X", "I-X", "O"], predicted: ["B-X", "E-X", "O"])
    #expect(accuracy.score.value == 1)
  }

  @Test func spansThatTouchAnUnlabelledTokenDoNotCount() {
    func micro(_ gold: [String?], _ predicted: [String]) -> ClassCounts {
      var scorer = Scorer(metric: .spanF1, scheme: .bio)
      scorer.add(gold: gold, predicted: predicted)
      return scorer.score.micro
    }
    // Held, before, after; and one that is far enough away.
    #expect(micro(["B-X", nil, "I-X"], ["B-X", "I-X", "I-X"]) == ClassCounts())
    #expect(micro([nil, "B-X", "O"], ["O", "B-X", "O"]) == ClassCounts())
    #expect(micro(["O", "B-X", nil], ["O", "B-X", "O"]) == ClassCounts())
    #expect(micro([nil, "O", "B-X"], ["B-X", "O", "B-X"]) == ClassCounts(gold: 1, found: 1, correct: 1))
    #expect(micro([nil, "O", "O"], ["B-X", "I-X", "B-X"]) == ClassCounts(gold: 0, found: 1, correct: 0))
    #expect(micro([nil, nil], ["B-X", "I-X"]) == ClassCounts())
  }

  @Test func tokensBesideUnlabelledOnes() {
    var scorer = Scorer(metric: .spanF1, scheme: .bio)
    scorer.add(gold: [nil, "I-X", "O"], predicted: ["B-X", "I-X", "O"])
    #expect(scorer.score.tokens == 2 && scorer.score.correctTokens == 2)
    var open = Scorer(metric: .spanF1, scheme: .iob1)
    open.add(gold: [nil, "I-X", "O"], predicted: ["B-X", "I-X", "O"])
    #expect(open.score.tokens == 1)
  }

  @Test func scoresAdd() throws {
    let sentences: [([String?], [String])] = [
      (["B-X", "I-X"], ["B-X", "I-X"]), (["O", "B-Y"], ["B-Y", "B-Y"]), (["B-Z"], ["O"]),
    ]
    var whole = Scorer(metric: .spanF1, scheme: .bio)
    var parts = Score(metric: .spanF1)
    for (gold, predicted) in sentences {
      whole.add(gold: gold, predicted: predicted)
      var part = Scorer(metric: .spanF1, scheme: .bio)
      part.add(gold: gold, predicted: predicted)
      parts += part.score
    }
    #expect(parts == whole.score)
    #expect(parts.sentences.map(\.spans.correct) == [1, 1, 0])
    let copy = try JSONDecoder().decode(Score.self, from: JSONEncoder().encode(parts))
    #expect(copy == parts)
  }

  @Test func labelsThatAreNoTagsAreOutside() {
    var scorer = Scorer(metric: .spanF1, scheme: .bio)
    scorer.add(gold: ["B-X", "O"], predicted: ["NN", "O"])
    #expect(scorer.score.micro == ClassCounts(gold: 1, found: 0, correct: 0))
    var bare = Scorer(metric: .spanF1, scheme: .bio)
    bare.add(gold: ["B", "I", "O"], predicted: ["B", "E", "O"])
    #expect(bare.score.classes == ["": ClassCounts(gold: 1, found: 1, correct: 1)])
  }
}
