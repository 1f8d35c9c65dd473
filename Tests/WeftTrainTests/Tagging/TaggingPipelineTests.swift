import Foundation
import Testing
import WeftCorpus
import WeftRuntime
import WeftSpec

@testable import WeftTrain

@Suite struct TaggingPipelineTests {
  func model(_ overrides: [String] = []) async throws -> TrainedModel {
    let folder = try Samples.folder()
    let experiment = try await SampleExperiments.experiment(
      folder, overrides + ["data.news.dev=train.conll", "train.epochs=80", "train.patience=none"])
    let report = try await experiment.train(in: SampleExperiments.run(folder)).result
    return try await TrainedModel(contentsOf: report.folder.model, compiler: SampleExperiments.compiler())
  }

  func sentence(_ text: String) -> Sentence { Sentence(words: text.split(separator: " ").map(String.init)) }

  @Test func tagsAreInTheSchemeOfTheData() async throws {
    var pipeline = try TaggingPipeline(await model())
    let result = try pipeline.tag([sentence("Ann saw Île de Ré")])
    #expect(result[0]["ner"]?.labels == ["S-PER", "O", "B-LOC", "I-LOC", "E-LOC"])
    #expect(result[0]["ner"]?.tags == ["B-PER", "O", "B-LOC", "I-LOC", "I-LOC"])
    #expect(result[0]["pos"]?.tags == ["NNP", "VBD", "NNP", "NNP", "NNP"])
  }

  @Test func oddSentencesAreTaggedInTheirOrder() async throws {
    let long = Array(repeating: "Ann", count: 1000).joined(separator: " ")
    let sentences = ["Yes", "", long, "zzz 日本 🙂🙂 e\u{301}", "Ann saw Ré"].map(sentence)
    var pipeline = try TaggingPipeline(await model(), threads: 2)
    let together = try pipeline.tag(sentences)
    #expect(together.map(\.sentence) == sentences)
    for (index, result) in together.enumerated() {
      #expect(result.tasks.allSatisfy { $0.tags.count == sentences[index].words.count })
      let alone = try pipeline.tag([sentences[index]])[0]
      #expect(alone.tasks.map(\.tags) == result.tasks.map(\.tags))
    }
  }

  @Test func probabilitiesAddUpToOne() async throws {
    var options = TaggingOptions()
    options.probabilities = true
    var pipeline = try TaggingPipeline(await model(), options: options)
    let result = try pipeline.tag([sentence("Ann saw Bob"), sentence("Yes")])
    for tags in result.flatMap(\.tasks) {
      let probabilities = try #require(tags.probabilities)
      #expect(probabilities.count == tags.tags.count)
      for row in probabilities {
        #expect(row.count == pipeline.labels(of: tags.task).count)
        #expect(abs(row.reduce(0, +) - 1) < 1e-5)
      }
    }
  }

  @Test func alternativesAreRankedAndBeginWithTheBest() async throws {
    var options = TaggingOptions()
    options.alternatives = 4
    var pipeline = try TaggingPipeline(await model(), options: options)
    for tags in try pipeline.tag([sentence("Ann"), sentence("Ann saw Bob .")]).flatMap(\.tasks) {
      let alternatives = try #require(tags.alternatives)
      #expect(alternatives.count == 4)
      #expect(alternatives[0].tags == tags.tags)
      #expect(alternatives.map(\.logProbability) == alternatives.map(\.logProbability).sorted(by: >))
      #expect(alternatives.reduce(0) { $0 + exp(Double($1.logProbability)) } <= 1 + 1e-5)
    }
  }

  @Test func streamsAreTaggedInTheirOrder() async throws {
    let model = try await model()
    let sentences = (0..<100).map {
      sentence(Array(repeating: "Ann", count: $0 % 7 + 1).joined(separator: " "))
    }
    for chunk in [1, 8, 1000] {
      var options = TaggingOptions()
      options.tasks = ["ner"]
      options.chunk = chunk
      var pipeline = try TaggingPipeline(model, options: options)
      var rest = sentences[...]
      var results: [TaggedSentence] = []
      try pipeline.run(next: { rest.popFirst() }, write: { results.append($0) })
      #expect(results.map(\.sentence) == sentences)
      #expect(results.allSatisfy { $0.tasks.map(\.task) == ["ner"] })
    }
  }

  @Test func anUnknownTaskIsNamed() async throws {
    let model = try await model()
    var options = TaggingOptions()
    options.tasks = ["chunk"]
    let error = #expect(throws: TrainError.self) { _ = try TaggingPipeline(model, options: options) }
    #expect(error?.description == "error: the model has no task 'chunk'\n  hint: it has pos, ner")
  }

  @Test func aSentenceBeyondTheLimitsIsRefused() async throws {
    var pipeline = try TaggingPipeline(await model(["limits.tokens=5"]))
    #expect(try pipeline.tag([sentence("a b c d e")])[0].tasks[0].tags.count == 5)
    #expect(throws: CorpusError.self) { try pipeline.tag([sentence("a b c d e f")]) }
  }
}
