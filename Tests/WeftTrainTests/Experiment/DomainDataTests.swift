import Foundation
import Testing
import WeftCorpus
import WeftRuntime
import WeftSpec

@testable import WeftTrain

@Suite struct DomainDataTests {
  /// The five training sentences: two of news, three of mail; dev and test: one of news, one of mail, one of chat.
  static let table = """
    split\tdomain\tfirst\tlast
    train\tnews\t0\t1
    train\tmail\t2\t4
    dev\tnews\t0\t0
    dev\tmail\t1\t1
    dev\tchat\t2\t2
    test\tnews\t0\t0
    test\tmail\t1\t1
    test\tchat\t2\t2

    """
  static let dev = Samples.dev + "\nonly NN O\n\nhi UH O\n"

  static func folder(table: String = table) throws -> TemporaryFolder {
    let folder = try Samples.folder(dev: dev, test: dev)
    try folder.write(table, "domains.tsv")
    return folder
  }

  static let overrides = ["data.news.domains={file: domains.tsv}"]

  func problems(_ folder: TemporaryFolder, _ overrides: [String]) throws -> [String] {
    let loaded = try folder.load(Samples.spec, overrides: overrides)
    do {
      _ = try ExperimentData(loaded)
      return []
    } catch { return error.diagnostics.map { folder.relative($0.description) } }
  }

  @Test func onlySentencesOfTheDomainAreTrainedOn() throws {
    let folder = try Self.folder()
    let data = try ExperimentData(
      folder.load(Samples.spec, overrides: Self.overrides + ["data.news.train-on=news"]))
    let news = try #require(data.corpora["news"])
    #expect(news[.train]?.sentenceCount == 2)
    #expect(news[.dev]?.sentenceCount == 1)
    #expect(news[.test]?.sentenceCount == 3)
    // `日本`, `no`, `labels` and `only` are words of mail.
    let words = try #require(data.vocabularies.words)
    #expect(words.entries == ["yes", "ann", "saw", "île", "de", "ré"])
    #expect(data.vocabularies.labels["pos"]?.labels == ["UH", "NNP", "VBD"])
    #expect(data.domains["news"]?[.train]?.map(\.tokens) == [6, 8])
    #expect(data.domains["news"]?[.dev]?.map(\.domain) == ["news", "mail", "chat"])
  }

  @Test func severalDomainsAndALimit() throws {
    let folder = try Self.folder()
    func sentences(_ more: [String]) throws -> Int? {
      try ExperimentData(folder.load(Samples.spec, overrides: Self.overrides + more))
        .corpora["news"]?[.train]?.sentenceCount
    }
    #expect(try sentences(["data.news.train-on=[news, mail]"]) == 5)
    #expect(try sentences(["data.news.train-on=[news]", "data.news.limit=1"]) == 1)
    #expect(try sentences(["data.news.limit=99"]) == 5)
  }

  @Test func allDomainsOfDevAreKeptForScoring() throws {
    let folder = try Self.folder()
    let loaded = try folder.load(Samples.spec, overrides: Self.overrides + ["data.news.train-on=news"])
    let data = try ExperimentData(loaded, keepsAllDomains: true)
    #expect(data.corpora["news"]?[.dev]?.sentenceCount == 3)
    #expect(data.corpora["news"]?[.train]?.sentenceCount == 2)
    #expect(data.corpora["news"]?[.dev]?.isTrainedOn("mail") == false)
  }

  @Test func anUnknownDomainIsLocatedWithTheKnownOnes() throws {
    let folder = try Self.folder()
    let problems = try problems(folder, Self.overrides + ["data.news.train-on=[mail, newz, chat]"])
    #expect(problems.count == 2)
    #expect(
      problems[0].hasPrefix(
        "--set data.news.train-on: error: no training sentence of 'news' is of the domain 'newz'"))
    #expect(problems[0].hasSuffix("help: did you mean 'news'? The domains are news, mail"))
    #expect(problems[1].contains("is of the domain 'chat'"))
  }

  @Test func aDomainWithoutDevSentencesIsAnError() throws {
    let table = Self.table.replacing("dev\tmail", with: "dev\tchat")
    let problems = try problems(try Self.folder(table: table), Self.overrides + ["data.news.train-on=mail"])
    #expect(problems.count == 1)
    #expect(problems[0].contains("no dev sentence is of a domain that is trained on ('mail')"))
    #expect(problems[0].hasPrefix("spec.yaml:6:"))
  }

  @Test func problemsOfTheTableAreReported() throws {
    let problems = try problems(
      try Self.folder(table: Self.table.replacing("train\tmail\t2", with: "train\tmail\t1")), Self.overrides)
    #expect(problems.count == 1)
    #expect(problems[0].hasPrefix("domains.tsv:3:1: error: sentences 1 to 4 of train overlap"))
  }

  @Test func labelsByChanceAreOfTrainingOnly() throws {
    let folder = try Self.folder()
    let data = try ExperimentData(
      folder.load(Samples.spec, overrides: ["tasks.pos.random-labels={seed: 3}"]))
    let plain = try ExperimentData(folder.load(Samples.spec))
    func gold(_ data: ExperimentData, _ split: Split) -> [[String?]] {
      let corpus = data.corpora["news"]![split]!
      return (0..<corpus.sentenceCount).map { corpus.gold(data.spec.tasks[0], sentence: $0) }
    }
    #expect(gold(data, .train) != gold(plain, .train))
    #expect(gold(data, .dev) == gold(plain, .dev))
  }

  @Test func trainingOnOneDomainScoresAll() async throws {
    let folder = try Self.folder()
    let experiment = try await SampleExperiments.experiment(
      folder, Self.overrides + ["data.news.train-on=news", "train.score-training=true"])
    let run = SampleExperiments.run(folder)
    let report = try await experiment.train(in: run).result
    let test = try #require(report.test?["ner"])
    #expect(test.domains.map(\.domain) == ["news", "mail", "chat"])
    #expect(test.domains.map(\.isTrainedOn) == [true, false, false])
    // The parts add up to the whole.
    #expect(test.domains.map(\.score.tokens).reduce(0, +) == test.score.tokens)
    #expect(test.domains[0].score.sentences == [test.score.sentences[0]])
    #expect(report.dev?["ner"]?.score.sentences.count == 1)
    let record = EvaluationRecord(try #require(report.test))
    #expect(record.tasks[0].domains?["chat"]?.isTrainedOn == false)
    #expect(record.tasks[0].domains?["chat"]?.sentences == 1)

    let lines = try String(contentsOf: run.log, encoding: .utf8).split(separator: "\n")
    let epochs = lines.filter { $0.contains("\"kind\":\"epoch\"") }
    #expect(!epochs.isEmpty && epochs.allSatisfy { $0.contains("\"trainingScores\":{\"ner\":") })
  }
}
