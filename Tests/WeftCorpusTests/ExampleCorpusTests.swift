import Foundation
import Testing
import WeftSpec

@testable import WeftCorpus

/// The corpora that are shipped as examples.
enum ExampleData {
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("Examples/data").path

  static func spec(_ set: String = "sample") -> Spec {
    let columns = [("word", 0), ("upos", 1), ("xpos", 2), ("ner", 3), ("deprel", 5)]
    let data = CorpusSpec(
      name: set, train: ["\(set)/train.conll"], dev: ["\(set)/dev.conll"], test: ["\(set)/test.conll"],
      columns: columns.map { ColumnSpec(name: $0.0, source: .index($0.1)) })
    let ner = TaskSpec(
      name: "ner", data: set, column: "ner", dataScheme: .bio, modelScheme: .bioes, metric: .spanF1)
    return Spec(
      name: "example", data: [data],
      tasks: [
        TaskSpec(name: "pos", data: set, column: "xpos"), ner,
        TaskSpec(name: "deprel", data: set, column: "deprel"),
      ],
      network: NetworkSpec(chars: CharSpec()))
  }
}

@Suite("Example corpora")
struct ExampleCorpusTests {
  @Test func threeTasksOverTheColumnsOfOneFile() throws {
    let spec = ExampleData.spec()
    func read(_ split: Split) throws -> Corpus {
      try #require(try Corpus.read(spec.data[0], split: split, folder: ExampleData.folder))
    }
    let corpora = try Split.allCases.map(read)
    #expect(corpora.map(\.sentenceCount) == [200, 50, 50])
    #expect(corpora.map(\.tokenCount) == [2899, 693, 572])

    let (vocabularies, _) = try VocabularyBuilder(spec: spec).build(["sample": corpora[0]])
    #expect(vocabularies.labels.keys.sorted() == ["deprel", "ner", "pos"])
    #expect(vocabularies.labels["ner"]?.scheme == .bioes)
    let encoder = BatchEncoder(spec: spec, vocabularies: vocabularies)
    let train = try encoder.encode(corpora[0])
    #expect(train.unseenLabels.isEmpty)
    #expect(try encoder.encode(corpora[1]).unseenLabels["deprel"]?.isEmpty == false)
    let batches = BatchOrder(seed: 1, task: 0, epoch: 0)
      .batches(of: train.sentences(labelledFor: "ner"), lengths: train.lengths, size: 10)
    #expect(batches.map { train.pack($0).tokenCount }.reduce(0, +) == 2899)
  }

  @Test func perfectPredictionsScorePerfectly() throws {
    let spec = ExampleData.spec()
    let dev = try #require(try Corpus.read(spec.data[0], split: .dev, folder: ExampleData.folder))
    var scorer = Scorer(spec.tasks[1])
    for sentence in 0..<dev.sentenceCount {
      let gold = dev.values("ner", of: sentence)
      scorer.add(gold: gold, predicted: TagScheme.bio.convert(gold, to: .bioes).map { $0 ?? "O" })
    }
    #expect(scorer.score.value == 1 && scorer.score.accuracy == 1 && scorer.score.micro.gold > 0)
  }

  @Test func treebankHasItsPublishedCounts() throws {
    let spec = ExampleData.spec("ewt")
    let expected: [(Split, Int, Int, [String: Int])] = [
      (.train, 12544, 204577, ["PER": 2873, "LOC": 2698, "ORG": 1434]),
      (.dev, 2001, 25147, ["PER": 343, "LOC": 399, "ORG": 224]),
      (.test, 2077, 25094, ["PER": 449, "LOC": 317, "ORG": 322]),
    ]
    for (split, sentences, tokens, entities) in expected {
      let corpus = try #require(try Corpus.read(spec.data[0], split: split, folder: ExampleData.folder))
      #expect(corpus.sentenceCount == sentences && corpus.tokenCount == tokens)
      if split == .train { continue }
      var found: [String: Int] = [:]
      for sentence in 0..<corpus.sentenceCount {
        for span in TagScheme.spans(of: corpus.values("ner", of: sentence).map { $0.flatMap { SpanTag($0) } })
        {
          found[span.type, default: 0] += 1
        }
      }
      #expect(found == entities)
    }
  }

  @Test func noticesStandBesideTheData() throws {
    for file in ["ewt/NOTICE.md", "ewt/LICENSE.txt", "sample/NOTICE.md"] {
      #expect(FileManager.default.fileExists(atPath: "\(ExampleData.folder)/\(file)"))
    }
  }
}
