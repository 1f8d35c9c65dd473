import Testing
import WeftCorpus
import WeftRuntime
import WeftSpec

@testable import WeftTrain

@Suite struct ExperimentDataTests {
  func problems(_ folder: TemporaryFolder, _ overrides: [String] = []) throws -> [String] {
    let loaded = try folder.load(Samples.spec, overrides: overrides)
    do {
      _ = try ExperimentData(loaded)
      return []
    } catch {
      return error.diagnostics.map { folder.relative($0.description) }
    }
  }

  @Test func readsEverySplitAndCountsLabelledSentences() throws {
    let folder = try Samples.folder()
    let data = try ExperimentData(folder.load(Samples.spec))
    #expect(data.corpora["news"]?[.train]?.sentenceCount == 5)
    #expect(data.corpora(.dev).count == 1)
    #expect(data.labelledSentences("news", TaskSet(task: 0)) == 4)
    #expect(data.labelledSentences("news", TaskSet(task: 1)) == 3)
    #expect(data.labelledSentences("news", .all(2)) == 4)
    #expect(data.vocabularies.labels["ner"]?.labels == ["O", "S-PER", "B-LOC", "I-LOC", "E-LOC", "S-LOC"])
    #expect(data.warnings == [])
  }

  @Test func problemsOfSeveralFilesAreReportedTogether() throws {
    let folder = try Samples.folder(dev: "", test: "Ann NNP\nsaw VBD O O\n")
    let problems = try problems(folder)
    #expect(problems.count == 2)
    #expect(problems.contains { $0.hasPrefix("dev.conll: error: the corpus is empty") })
    #expect(problems.contains { $0.hasPrefix("test.conll:1") })
    #expect(problems.allSatisfy { $0.contains("spec.yaml:") && $0.contains("note: the file is named here") })
  }

  @Test func aMissingFileIsNamedWithItsPlaceInTheSpec() throws {
    let folder = try Samples.folder()
    let problems = try problems(folder, ["data.news.dev=nowhere.conll"])
    #expect(problems.count == 1)
    #expect(problems[0].hasPrefix("nowhere.conll: error: "))
  }

  @Test func aSchemeThatTheDataContradictIsLocated() throws {
    let folder = try Samples.folder(train: "Ann NNP B-PER\nsaw VBD I-LOC\n")
    let problems = try problems(folder)
    #expect(problems.count == 1)
    #expect(problems[0].hasPrefix("train.conll:2:9: error: column 'ner' is not bio"))
  }

  @Test func aTaskWithoutLabelsIsAnError() throws {
    let folder = try Samples.folder(train: "Ann NNP ?\n")
    let problems = try problems(folder)
    #expect(problems.count == 1)
    #expect(
      problems[0].contains("no training token has a label for this task: column 'ner' of 'news' is empty"))
    #expect(problems[0].hasPrefix("spec.yaml:"))
  }

  @Test func aCorpusWithoutTrainingFilesIsAnErrorForItsTasks() throws {
    let folder = try Samples.folder()
    let problems = try problems(folder, ["data.news.train=[]"])
    #expect(problems.contains { $0.contains("no training files, which task 'pos' needs") })
    #expect(problems.contains { $0.contains("no training files, which task 'ner' needs") })
  }

  @Test func labelsThatTrainingLacksAreWarnings() throws {
    let folder = try Samples.folder(test: "Ann XYZ B-ORG\n")
    let data = try ExperimentData(folder.load(Samples.spec))
    let warnings = data.warnings.map { folder.relative($0.description) }
    #expect(warnings.count == 2)
    #expect(warnings[0].hasPrefix("spec.yaml:7:"))
    #expect(warnings[0].contains("1 token has a label of task 'pos' that training does not have"))
    #expect(warnings[1].contains("'S-ORG'"))
  }

  @Test func noDevFilesIsAWarning() throws {
    let folder = try Samples.folder()
    let data = try ExperimentData(folder.load(Samples.spec, overrides: ["data.news.dev=[]"]))
    #expect(data.warnings.contains { $0.message.hasPrefix("there are no dev files") })
  }

  @Test func vectorsReportHowManyWordsTheyHave() throws {
    let folder = try Samples.folder()
    try folder.write("ann 1 2 3 4 5 6 7 8\nzebra 1 2 3 4 5 6 7 8\n", "vectors.txt")
    let data = try ExperimentData(folder.load(Samples.spec, overrides: ["network.words.vectors=vectors.txt"]))
    let train = try #require(data.coverage.first { $0.split == .train })
    #expect(train.rate.tokenHits == 2)
    #expect(train.rate.tokens == 14)
    #expect(data.warnings == [])
  }

  @Test func vectorsThatNoWordHasAreAWarning() throws {
    let folder = try Samples.folder()
    try folder.write("zebra 1 2 3 4 5 6 7 8\n", "vectors.txt")
    let data = try ExperimentData(folder.load(Samples.spec, overrides: ["network.words.vectors=vectors.txt"]))
    #expect(data.warnings.contains { $0.message.hasPrefix("no word of the training files has a vector") })
  }

  @Test func aTrainedModelsVocabulariesReplaceThoseOfTraining() throws {
    let folder = try Samples.folder()
    let loaded = try folder.load(Samples.spec)
    let vocabularies = try ExperimentData(loaded).vocabularies
    try folder.write("gone", "train.conll")
    let data = try ExperimentData(loaded, vocabularies: vocabularies, splits: [.test])
    #expect(data.vocabularies == vocabularies)
    #expect(data.corpora["news"]?.keys.sorted { $0.rawValue < $1.rawValue } == [.test])
  }

  @Test func anotherSeedSharesTheData() throws {
    let folder = try Samples.folder()
    let data = try ExperimentData(folder.load(Samples.spec))
    #expect(data.seeded(9).spec.seed == 9)
    #expect(data.seeded(9).vocabularies == data.vocabularies)
  }
}
