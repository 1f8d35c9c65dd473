import Foundation
import Testing
import Weft

/// One tiny model for all tests, trained through the library.
private struct Sample: Sendable {
  let folder: URL
  let spec: String
  let events: [TrainingEvent]
  let report: TrainingReport

  static let shared = Task { try await Sample() }

  private init() async throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    folder = FileManager.default.temporaryDirectory.appending(path: "weft-library-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let data = root.appending(path: "Examples/data/sample").path
    spec = folder.appending(path: "tiny.yaml").path
    try """
    weft: 1
    name: tiny
    data:
      sample: {train: \(data)/train.conll, dev: \(data)/dev.conll, columns: {word: 0, xpos: 2, ner: 3}}
    tasks:
      pos: {column: xpos}
      ner: {scheme: {data: bio, model: bioes}, decoder: crf}
    network: {words: {dim: 10}, chars: {dim: 4, filters: 6}, encoder: [{hidden: 16}]}
    train: {epochs: 8, patience: none, optimizer: adam, rate: 0.01}
    """.write(toFile: spec, atomically: true, encoding: .utf8)
    let run = try await Trainer(spec: spec).train(in: folder.appending(path: "run"))
    var events: [TrainingEvent] = []
    for await event in run.events { events.append(event) }
    self.events = events
    report = try await run.result
  }
}

struct TaggerTests {
  let words = ["Google", "is", "in", "Oslo", "."]

  private func tagger() async throws -> Tagger {
    try await Tagger(contentsOf: Sample.shared.value.folder.appending(path: "run"))
  }

  @Test func itKnowsItsTasksAndScores() async throws {
    let tagger = try await tagger()
    #expect(tagger.tasks.map(\.name) == ["pos", "ner"])
    #expect(tagger.tasks[0].labels.contains("NNP"))
    #expect(tagger.tasks[1].scheme == .bio)
    #expect(try #require(tagger.scores["dev"]?["pos"]) > 0.2)
    #expect(tagger.spec.name == "tiny")
  }

  @Test func everyWordGetsATag() async throws {
    let result = try await tagger().tag(words)
    #expect(result["pos"]?.tags.count == 5)
    #expect(result["ner"]?.tags.count == 5)
    #expect(result["chunk"] == nil)
    #expect(result["pos"]?.probabilities == nil)
  }

  @Test func optionsAskForMore() async throws {
    let tagger = try await tagger()
    var options = TaggingOptions()
    options.tasks = ["ner"]
    options.probabilities = true
    options.alternatives = 3
    let result = try tagger.tag(words, options: options)
    #expect(result.tasks.map(\.task) == ["ner"])
    let ner = try #require(result["ner"])
    let rows = try #require(ner.probabilities)
    #expect(rows.map(\.count) == Array(repeating: tagger.tasks[1].labels.count, count: 5))
    for row in rows { #expect(abs(row.reduce(0, +) - 1) < 1e-4) }
    #expect(ner.alternatives?.count == 3)
    #expect(ner.alternatives?.first?.tags == ner.tags)
  }

  @Test func textIsSplitAtSpacesAndLines() async throws {
    let results = try await tagger().tag(text: "Ann lives\n\n\tin   東京\n")
    #expect(results.map(\.sentence.words) == [["Ann", "lives"], ["in", "東京"]])
  }

  @Test func anEmptySentenceHasNoTags() async throws {
    #expect(try await tagger().tag([])["pos"]?.tags == [])
    #expect(try await tagger().tag([Sentence]()).isEmpty)
  }

  @Test func unknownTasksAndLongSentencesAreErrors() async throws {
    let tagger = try await tagger()
    var options = TaggingOptions()
    options.tasks = ["chunk"]
    #expect(throws: TrainError.self) { try tagger.tag(words, options: options) }
    #expect(throws: CorpusError.self) { try tagger.tag(Array(repeating: "a", count: 5001)) }
    // And it goes on working.
    #expect(try tagger.tag(words)["pos"]?.tags.count == 5)
  }

  @Test func manyThreadsShareIt() async throws {
    let tagger = try await tagger()
    let sentences = (1...40).map { number in (0..<number).map { "word\($0 * number)" } }
    let expected = try sentences.map { try tagger.tag($0)["ner"]?.tags }
    let found = try await withThrowingTaskGroup(of: (Int, [String]?).self) { group in
      for (index, sentence) in sentences.enumerated() {
        group.addTask { (index, try tagger.tag(sentence)["ner"]?.tags) }
      }
      return try await group.reduce(into: [Int: [String]?]()) { $0[$1.0] = $1.1 }
    }
    #expect(sentences.indices.map { found[$0] ?? nil } == expected)
  }

  @Test func tagsOfASchemeStandForSpans() async throws {
    let tagger = try await tagger()
    let result = try tagger.tag(words)
    let tags = try #require(result["ner"]?.tags)
    let spans = result.spans(tagger.tasks[1])
    #expect(spans.reduce(0) { $0 + $1.end - $1.start } == tags.count { $0 != "O" })
    #expect(result.spans(tagger.tasks[0]).isEmpty)
  }

  @Test func aMissingModelIsNamed() async throws {
    await #expect(throws: RuntimeError.self) {
      try await Tagger(contentsOf: URL(filePath: "no-such-run"))
    }
  }
}

struct TrainerTests {
  @Test func eventsTellTheWholeRun() async throws {
    let sample = try await Sample.shared.value
    guard case .started? = sample.events.first, case .finished? = sample.events.last else {
      Issue.record("a run begins with `started` and ends with `finished`: \(sample.events)")
      return
    }
    let epochs = sample.events.compactMap {
      if case .epochFinished(let epoch) = $0 { epoch.epoch } else { nil }
    }
    #expect(epochs == Array(0..<8))
    #expect(sample.report.dev?["pos"] != nil)
    #expect(sample.report.test == nil)
  }

  @Test func aCancelledRunGoesOnToTheSameModel() async throws {
    let sample = try await Sample.shared.value
    let trainer = try await Trainer(spec: sample.spec)
    let folder = sample.folder.appending(path: "stopped")
    let first = trainer.train(in: folder)
    first.cancel()
    guard case .cancelled(let step) = try await first.result.end else {
      Issue.record("the run was not stopped")
      return
    }
    #expect(step < 160)
    let second = trainer.train(in: folder, start: .resume)
    _ = try await second.result
    let model = "model.safetensors"
    #expect(
      try Data(contentsOf: folder.appending(path: model))
        == Data(contentsOf: sample.folder.appending(path: "run/\(model)")))
  }

  @Test func aBadSpecIsToldAsAWhole() async throws {
    await #expect(throws: SpecError.self) { try await Trainer(spec: "missing.yaml") }
    let sample = try await Sample.shared.value
    await #expect(throws: SpecError.self) {
      try await Trainer(spec: sample.spec, overrides: ["train.rate=fast", "network.wrods=1"])
    }
  }

  @Test func anExistingRunIsNotReplacedByChance() async throws {
    let sample = try await Sample.shared.value
    let run = try await Trainer(spec: sample.spec).train(in: sample.folder.appending(path: "run"))
    await #expect(throws: TrainError.self) { try await run.result }
  }
}
