import Testing
import WeftSpec

@testable import WeftCorpus

@Suite struct RandomLabelTests {
  private static func corpus(_ count: Int, gap: Int? = nil) -> Corpus {
    Corpus(
      name: "c",
      sentences: (0..<count).map { number in
        var sentence = Sentence(words: (0..<10).map { "w\($0)" })
        sentence.columns["pos"] = (0..<10).map { $0 == gap ? nil : ["A", "B", "C", "D"][(number + $0) % 4] }
        return sentence
      })
  }

  private static func task(_ name: String = "t", random: RandomLabelsSpec?) -> TaskSpec {
    var task = TaskSpec(name: name, data: "c", column: "pos")
    task.randomLabels = random
    return task
  }

  private static func labels(_ corpus: Corpus, _ task: TaskSpec) -> [String?] {
    (0..<corpus.sentenceCount).flatMap { corpus.labels(of: task, sentence: $0) }
  }

  private static func changed(share: Double, seed: UInt64 = 1) -> Double {
    let corpus = corpus(500)
    let task = task(random: RandomLabelsSpec(share: share, seed: seed))
    let pairs = zip(labels(corpus.relabelled(for: [task]), task), labels(corpus, task))
    return Double(pairs.count { $0 != $1 }) / 5000
  }

  /// One in four draws gives the label that was there. Deviation of 5,000 draws: 0.006.
  @Test func theShareIsDrawnEvenly() {
    #expect(abs(Self.changed(share: 1) - 0.75) < 0.025)
    #expect(abs(Self.changed(share: 0.5) - 0.375) < 0.025)
    let task = Self.task(random: RandomLabelsSpec())
    let found = Self.labels(Self.corpus(500).relabelled(for: [task]), task)
    for label in ["A", "B", "C", "D"] {
      #expect(abs(Double(found.count { $0 == label }) / 5000 - 0.25) < 0.025)
    }
  }

  @Test func drawsDependOnTheirSeedAndTaskAlone() {
    let corpus = Self.corpus(20)
    func drawn(_ name: String, seed: UInt64) -> [String?] {
      let task = Self.task(name, random: RandomLabelsSpec(seed: seed))
      return Self.labels(corpus.relabelled(for: [task]), task)
    }
    #expect(drawn("t", seed: 1) == drawn("t", seed: 1))
    #expect(drawn("t", seed: 1) != drawn("t", seed: 2))
    #expect(drawn("t", seed: 1) != drawn("u", seed: 1))
    // A longer corpus begins like a shorter one.
    let task = Self.task(random: RandomLabelsSpec())
    let longer = Self.labels(Self.corpus(30).relabelled(for: [task]), task)
    #expect(Array(longer.prefix(200)) == drawn("t", seed: 1))
  }

  @Test func anotherTaskKeepsTheLabelsOfTheColumn() {
    let corpus = Self.corpus(5)
    let (random, plain) = (Self.task("r", random: RandomLabelsSpec()), Self.task("p", random: nil))
    let relabelled = corpus.relabelled(for: [random, plain])
    #expect(Self.labels(relabelled, plain) == Self.labels(corpus, plain))
    #expect(Self.labels(relabelled, random) != Self.labels(corpus, random))
    #expect(relabelled.values("pos", of: 0) == corpus.values("pos", of: 0))
  }

  @Test func whatHasNoLabelGetsNone() {
    let task = Self.task(random: RandomLabelsSpec())
    let found = Self.labels(Self.corpus(3, gap: 4).relabelled(for: [task]), task)
    #expect(found.indices.filter { found[$0] == nil } == [4, 14, 24])
    let none = Self.corpus(3).selecting([]).relabelled(for: [task])
    #expect(none.labels(of: task)?.cells == [])
  }

  @Test func aTextThatStandsForNoLabelIsNeverDrawn() throws {
    let spec = CorpusSpec(
      name: "c",
      columns: [ColumnSpec(name: "word", source: .index(0)), ColumnSpec(name: "pos", source: .index(1))],
      unlabelled: ["?"])
    let text = "a ?\n" + String(repeating: "a A\nb B\nc C\n", count: 50)
    let task = Self.task(random: RandomLabelsSpec())
    let corpus = try Corpus.read(spec, text: Array(text.utf8), path: "x").relabelled(for: [task])
    #expect(Set(Self.labels(corpus, task)) == [nil, "A", "B", "C"])
    #expect(Self.labels(corpus, task)[0] == nil)
  }

  @Test func trainingSeesThem() throws {
    let task = Self.task(random: RandomLabelsSpec())
    let corpus = Self.corpus(8).relabelled(for: [task])
    let spec = Spec(
      name: "s", data: [CorpusSpec(name: "c", columns: [ColumnSpec(name: "word", source: .index(0))])],
      tasks: [task])
    let vocabularies = try VocabularyBuilder(spec: spec).build(["c": corpus]).0
    let encoded = try BatchEncoder(spec: spec, vocabularies: vocabularies).encode(corpus)
    let labels = try #require(vocabularies.labels["t"])
    let packed = try #require(encoded.pack([3]).inputs["label.t"])
    #expect(packed.map { labels.labels[Int($0)] } == encoded.gold(task, sentence: 3))
    #expect(encoded.gold(task, sentence: 3) == corpus.labels(of: task, sentence: 3))
  }
}
