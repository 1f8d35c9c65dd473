import Foundation
import Testing
import WeftCorpus

@testable import WeftTrain

@Suite struct SentenceScoresTests {
  @Test func rowsAreGoldFoundCorrectTokensCorrectTokens() throws {
    let text = #"{"test": {"ner": [[2, 1, 1, 14, 13], [0, 0, 0, 3, 3]]}}"#
    let scores = try JSONDecoder().decode(SentenceScores.self, from: Data(text.utf8))
    let first = try #require(scores.counts("test", task: "ner")?.first)
    #expect(
      first
        == SentenceCounts(tokens: 14, correctTokens: 13, spans: ClassCounts(gold: 2, found: 1, correct: 1)))
    let again = try JSONDecoder().decode(SentenceScores.self, from: JSONEncoder().encode(scores))
    #expect(again == scores)
  }

  @Test(arguments: ["[[1, 2, 3, 4]]", "[[1, 2, 3, 4, 5, 6]]", "[[1, 2, -3, 4, 5]]", "[1]"])
  func damagedRowsAreRefused(rows: String) {
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(SentenceScores.self, from: Data("{\"dev\": {\"t\": \(rows)}}".utf8))
    }
  }

  @Test func aRunsSentencesAddUpToItsScores() async throws {
    let folder = try Samples.folder()
    let report = try await SampleExperiments.experiment(folder).train(in: SampleExperiments.run(folder))
      .result
    let scores = try JSONDecoder().decode(
      SentenceScores.self, from: Data(contentsOf: report.folder.sentences))
    for (part, evaluation) in [("dev", report.dev), ("test", report.test)] {
      for task in try #require(evaluation).tasks {
        var score = Score(metric: task.score.metric)
        score.sentences = try #require(scores.counts(part, task: task.task))
        #expect(score.sentences.count == 1)
        #expect(score.tokens == task.score.tokens)
        #expect(score.correctTokens == task.score.correctTokens)
        #expect(
          score.sentences.reduce(0) { $0 + $1.spans.correct } == task.score.micro.correct
            || task.task == "pos")
      }
    }
  }

  @Test func timingAddsUpTheEpochsOfTheLog() async throws {
    let folder = try Samples.folder()
    let report = try await SampleExperiments.experiment(folder).train(in: SampleExperiments.run(folder))
      .result
    let timing = try JSONDecoder().decode(RunTiming.self, from: Data(contentsOf: report.folder.timing))
    #expect(timing.total == timing.stages["train"])
    #expect(timing.total.epochs == 3)
    #expect(timing.total.tokens > 0)
    #expect(timing.total.trainingSeconds > 0)
    #expect(timing.total.tokensPerSecond == Double(timing.total.tokens) / timing.total.trainingSeconds)
  }
}
