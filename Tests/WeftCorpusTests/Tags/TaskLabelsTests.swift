import Testing
import WeftSpec

@testable import WeftCorpus

@Suite struct TaskLabelsTests {
  static let task = TaskSpec(name: "place", data: "c", labels: .synthetic(.position))

  static func corpus(_ lengths: [Int]) -> Corpus {
    Corpus(name: "c", sentences: lengths.map { Sentence(words: (0..<$0).map { "w\($0)" }) })
  }

  static func vocabularies(_ train: Corpus) throws -> Vocabularies {
    let spec = Spec(
      name: "s", data: [CorpusSpec(name: "c", columns: [ColumnSpec(name: "word", source: .index(0))])],
      tasks: [task])
    return try VocabularyBuilder(spec: spec).build(["c": train]).0
  }

  @Test func aColumnIsTheCorpusItself() throws {
    var sentence = Sentence(words: ["a", "b"])
    sentence.columns["pos"] = ["X", nil]
    let corpus = Corpus(name: "c", sentences: [sentence])
    #expect(corpus.labels(from: .column("pos"), of: 0) == ["X", nil])
    #expect(corpus.labels(from: .column("pos"))?.values == ["X"])
    #expect(corpus.labels(from: .column("none")) == nil)
  }

  @Test func positionsCountFromZeroInEverySentence() throws {
    let corpus = Self.corpus([2, 0, 3, 1])
    let column = try #require(corpus.labels(from: .synthetic(.position)))
    #expect(column.values == ["0", "1", "2"])
    #expect(column.cells == [0, 1, 0, 1, 2, 0])
    #expect(corpus.labels(from: .synthetic(.position), of: 2) == ["0", "1", "2"])
    #expect(corpus.labels(from: .synthetic(.position), of: 1) == [])
  }

  @Test func sentencesWithoutWordsHaveNoPositions() throws {
    let column = try #require(Self.corpus([0]).labels(from: .synthetic(.position)))
    #expect(column.values.isEmpty)
    #expect(column.cells.isEmpty)
  }

  @Test func aModelKnowsThePositionsOfItsTrainingSentences() throws {
    let vocabularies = try Self.vocabularies(Self.corpus([1, 4, 2]))
    #expect(vocabularies.labels["place"]?.labels == ["0", "1", "2", "3"])
  }

  /// The places beyond the longest training sentence can only be scored as wrong.
  @Test func aLongerSentenceHasLabelsThatTheModelLacks() throws {
    let vocabularies = try Self.vocabularies(Self.corpus([2, 3]))
    let encoder = BatchEncoder(vocabularies: vocabularies, tasks: [Self.task])
    let encoded = try encoder.encode(Self.corpus([5, 0, 1]))
    #expect(encoded.unseenLabels == ["place": ["3": 1, "4": 1]])
    #expect(encoded.sentences(labelledFor: "place") == [0, 2])
    #expect(encoded.gold(Self.task, sentence: 0) == ["0", "1", "2", "3", "4"])
    #expect(encoded.pack([0, 1, 2]).inputs["label.place"] == [0, 0, 1, 2, -1, -1])

    var scorer = Scorer(Self.task)
    scorer.add(gold: encoded.gold(Self.task, sentence: 0), predicted: ["0", "1", "2", "2", "2"])
    scorer.add(gold: encoded.gold(Self.task, sentence: 1), predicted: [])
    #expect(scorer.score.accuracy == 0.6)
  }
}
