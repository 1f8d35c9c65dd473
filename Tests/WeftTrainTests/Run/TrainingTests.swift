import Foundation
import Synchronization
import Testing
import WeftRuntime
import WeftSpec

@testable import WeftTrain

/// Runs of generated code, from data files to a model.
@Suite struct TrainingTests {
  @Test func aRunLeavesAModelWithItsScores() async throws {
    let folder = try Samples.folder()
    let experiment = try await SampleExperiments.experiment(
      folder, ["train.epochs=30", "train.patience=none"])
    let run = experiment.train(in: SampleExperiments.run(folder))
    var losses: [Double] = []
    for await event in run.events {
      if case .epochFinished(let epoch) = event { losses.append(epoch.losses.compactMap { $0 }.reduce(0, +)) }
    }
    let report = try await run.result
    #expect(losses.count == 30)
    #expect(losses[29] < losses[0] / 4)
    let results = try JSONDecoder().decode(RunResults.self, from: Data(contentsOf: report.folder.results))
    #expect(results.dev?.tasks.map(\.name) == ["pos", "ner"])
    #expect(results.dev?.mean == report.dev?.mean)
    #expect(results.training.steps == 30 * 4)

    let model = try await TrainedModel(
      contentsOf: report.folder.url, compiler: SampleExperiments.compiler())
    let again = try model.evaluate(experiment.data.corpora(.dev))
    #expect(again.values == report.dev?.values)
    #expect(model.scores["dev"] == report.dev?.values)
  }

  @Test(arguments: [
    ["train.optimizer=adam", "train.rate=0.01"], ["train.step=all-tasks", "train.accumulate=2"],
    ["train.averaging=0.9"], ["sharing=single"], ["train.clip={value: 0.1}", "train.sampling=round-robin"],
  ])
  func equalRunsWriteEqualBytesAlsoWhenResumed(overrides: [String]) async throws {
    let folder = try Samples.folder()
    let experiment = try await SampleExperiments.experiment(folder, overrides + ["train.save-every=2"])
    let (first, second) = (SampleExperiments.run(folder, "first"), SampleExperiments.run(folder, "second"))
    _ = try await experiment.train(in: first).result

    // Copies of the folder as a kill after each save would leave it.
    let copies = Mutex<[RunFolder]>([])
    let task = TrainingTask(experiment: experiment, folder: second)
    _ = try task.run(
      .new,
      emit: { event in
        guard case .saved(.state, let step) = event else { return }
        let copy = SampleExperiments.run(folder, "copy-\(step)")
        try? FileManager.default.removeItem(at: copy.url)
        try? FileManager.default.copyItem(at: second.url, to: copy.url)
        copies.withLock { $0.append(copy) }
      }, isCancelled: { false })
    let expected = try first.contents()
    #expect(try second.contents() == expected)

    let killed = copies.withLock { $0 }
    #expect(killed.count >= 3)
    for copy in killed {
      _ = try TrainingTask(experiment: experiment, folder: copy).run(
        .resume, emit: { _ in }, isCancelled: { false })
      #expect(try copy.contents() == expected, "resumed from \(copy.url.lastPathComponent)")
    }
  }

  @Test func aCancelledRunGoesOnToEqualBytes() async throws {
    let folder = try Samples.folder()
    let experiment = try await SampleExperiments.experiment(folder)
    let (whole, stopped) = (SampleExperiments.run(folder, "whole"), SampleExperiments.run(folder, "stopped"))
    _ = try await experiment.train(in: whole).result
    var asked = 0
    let report = try TrainingTask(experiment: experiment, folder: stopped).run(
      .new, emit: { _ in },
      isCancelled: {
        asked += 1
        return asked > 5
      })
    #expect(report.end == .cancelled(step: 5))
    #expect(!FileManager.default.fileExists(atPath: stopped.model.path))
    _ = try await experiment.train(in: stopped, start: .resume).result
    #expect(try stopped.contents() == whole.contents())
  }

  @Test func moreEpochsAreNoOtherExperiment() async throws {
    let folder = try Samples.folder()
    let (short, long) = (SampleExperiments.run(folder, "short"), SampleExperiments.run(folder, "long"))
    _ = try await SampleExperiments.experiment(folder).train(in: short).result
    let longer = try await SampleExperiments.experiment(folder, ["train.epochs=5"])
    _ = try await longer.train(in: short, start: .resume).result
    _ = try await longer.train(in: long).result
    #expect(try short.contents()["model.safetensors"] == long.contents()["model.safetensors"])
  }

  @Test func anotherRecipeCannotResume() async throws {
    let folder = try Samples.folder()
    let run = SampleExperiments.run(folder)
    _ = try await SampleExperiments.experiment(folder).train(in: run).result
    let other = try await SampleExperiments.experiment(folder, ["train.rate=0.05"])
    let error = await #expect(throws: RuntimeError.self) {
      try await other.train(in: run, start: .resume).result
    }
    #expect(error?.kind == .checkpointMismatch)
    #expect(error?.message.contains("train.rate: 0.1 against 0.05") == true)
  }

  @Test func otherWordsCannotResume() async throws {
    let folder = try Samples.folder()
    let run = SampleExperiments.run(folder)
    _ = try await SampleExperiments.experiment(folder).train(in: run).result
    try folder.write(Samples.train + "\nnew NN O\n", "train.conll")
    let other = try await SampleExperiments.experiment(folder)
    let error = await #expect(throws: RuntimeError.self) {
      try await other.train(in: run, start: .resume).result
    }
    #expect(error?.kind == .checkpointMismatch)
    #expect(error?.message.contains("vocabularies") == true)
  }

  @Test func aFolderWithARunIsNotOverwritten() async throws {
    let folder = try Samples.folder()
    let run = SampleExperiments.run(folder)
    let experiment = try await SampleExperiments.experiment(folder)
    _ = try await experiment.train(in: run).result
    let before = try run.contents()
    let error = await #expect(throws: TrainError.self) { try await experiment.train(in: run).result }
    #expect(error?.message.hasSuffix("holds a run already") == true)
    #expect(try run.contents() == before)
    _ = try await experiment.train(in: run, start: .replace).result
    #expect(try run.contents() == before)
  }

  @Test func thereMustBeAStateToResume() async throws {
    let folder = try Samples.folder()
    let experiment = try await SampleExperiments.experiment(folder)
    let error = await #expect(throws: TrainError.self) {
      try await experiment.train(in: SampleExperiments.run(folder), start: .resume).result
    }
    #expect(error?.kind == .unreadable)
  }

  @Test func aTruncatedStateIsRefused() async throws {
    let folder = try Samples.folder()
    let run = SampleExperiments.run(folder)
    let experiment = try await SampleExperiments.experiment(folder)
    _ = try await experiment.train(in: run).result
    let state = try Data(contentsOf: run.state)
    try state.prefix(state.count - 5).write(to: run.state)
    let error = await #expect(throws: RuntimeError.self) {
      try await experiment.train(in: run, start: .resume).result
    }
    #expect(error?.kind == .invalidFile)
  }

  @Test func parametersOfAnotherRunAreTakenOverByName() async throws {
    let folder = try Samples.folder()
    let run = SampleExperiments.run(folder, "old")
    _ = try await SampleExperiments.experiment(folder).train(in: run).result
    // Another network over more words: a larger vocabulary, a task less, other heads.
    try folder.write(Samples.train + "\nnew XX O\n", "train.conll")
    let experiment = try await SampleExperiments.experiment(
      folder, ["train.initialize=old", "tasks.pos.head={hidden: [4]}", "train.epochs=1", "train.rate=1e-30"])
    let transfers = Mutex<[ParameterTransfer]>([])
    _ = try TrainingTask(experiment: experiment, folder: SampleExperiments.run(folder, "new")).run(
      .new,
      emit: { event in
        if case .initialized(_, let transfer) = event { transfers.withLock { $0.append(transfer) } }
      }, isCancelled: { false })
    let transfer = try #require(transfers.withLock { $0.first })
    #expect(transfer.loaded.contains("encoder.0.weight_ih_l0"))
    #expect(transfer.matched.contains { $0.name == "words.weight" && $0.new == 1 && $0.dropped == 0 })
    #expect(transfer.new.contains("heads.pos.mlp.0.weight"))
  }

  @Test func singleTaskNetworksTakeWhatASharedOneHas() async throws {
    let folder = try Samples.folder()
    let run = SampleExperiments.run(folder, "shared")
    _ = try await SampleExperiments.experiment(folder).train(in: run).result
    let experiment = try await SampleExperiments.experiment(
      folder, ["sharing=single", "train.initialize=shared", "train.epochs=1", "train.rate=1e-30"])
    let own = SampleExperiments.run(folder, "own")
    _ = try await experiment.train(in: own).result
    let shared = try Checkpoint(contentsOf: run.model).parameters
    let single = try Checkpoint(contentsOf: own.model).parameters
    #expect(single["ner.encoder.0.weight_hh_l0"] == shared["encoder.0.weight_hh_l0"])
    #expect(single["pos.words.weight"] == shared["words.weight"])
  }

  @Test func givenVectorsAreInTheWordTable() async throws {
    let folder = try Samples.folder()
    try folder.write("ann 1 2 3 4 5 6 7 8\n", "vectors.txt")
    let experiment = try await SampleExperiments.experiment(folder, ["network.words.vectors=vectors.txt"])
    let parameters = try experiment.design.initialParameters(
      experiment.training.tables, vectors: experiment.data.vectors)
    let id = try #require(experiment.data.vocabularies.words?.id(of: "Ann"))
    #expect(parameters["words.weight"].map { Array($0[id * 8..<id * 8 + 8]) } == [1, 2, 3, 4, 5, 6, 7, 8])
  }

  @Test func seedsGiveASpread() async throws {
    let folder = try Samples.folder()
    let experiment = try await SampleExperiments.experiment(folder)
    let study = SeedStudy(experiment, count: 3, folder: SampleExperiments.run(folder, "study"))
    let seen = Mutex<[UInt64]>([])
    let summary = try await study.run { seed, _ in seen.withLock { $0.append(seed) } }
    #expect(seen.withLock { $0 } == [1, 2, 3])
    #expect(summary?.dev["pos"]?.values.count == 3)
    #expect(FileManager.default.fileExists(atPath: study.folder(seed: 2).model.path))
    // Nothing is trained again.
    let again = try await study.run(start: .resumeOrNew) { _, _ in }
    #expect(again == summary)
  }

  @Test func tasksReadDifferentSentencesOfDifferentFiles() async throws {
    let folder = try TemporaryFolder()
    try folder.write("Ann NNP\nsaw VBD\n\nYes UH\n\nBob NNP\n", "pos.conll")
    try folder.write("Oslo B-LOC\n\nAnn B-PER\nlives O\nin O\nOslo B-LOC\n", "ner.conll")
    let spec = """
      weft: 1
      name: parts
      data:
        a: {train: pos.conll, dev: pos.conll, columns: {word: 0, tag: 1}}
        b: {train: ner.conll, test: ner.conll, columns: {word: 0, tag: 1}}
      tasks:
        pos: {data: a, column: tag}
        ner: {data: b, column: tag, scheme: {data: bio, model: bio}, metric: span-f1}
      network:
        words: {dim: 4}
        encoder: [{kind: bilstm, hidden: 4}]
      train: {batch: 2, epochs: 2, step: STEP}
      """
    for (step, steps) in [("one-task", 6), ("all-tasks", 6)] {
      let loaded = try folder.load(spec.replacing("STEP", with: step))
      let experiment = try await Experiment(ExperimentData(loaded), compiler: SampleExperiments.compiler())
      let report = try await experiment.train(in: SampleExperiments.run(folder, step)).result
      guard case .finished(let summary) = report.end else {
        Issue.record("not finished")
        return
      }
      #expect(summary.steps == steps)
      #expect(report.dev?.tasks.map(\.task) == ["pos"])
      #expect(report.test?.tasks.map(\.task) == ["ner"])
      #expect(experiment.data.vocabularies.words?.contains("oslo") == true)
    }
  }

  @Test(arguments: [1, 2])
  func oneSentenceTrains(threads: Int) async throws {
    let folder = try Samples.folder(train: "Ann NNP B-PER\n", dev: "Ann NNP B-PER\n", test: "x NNP O\n")
    let experiment = try await SampleExperiments.experiment(folder, ["train.threads=\(threads)"])
    let report = try await experiment.train(in: SampleExperiments.run(folder)).result
    #expect(report.dev?["pos"]?.score.tokens == 1)
    #expect(experiment.warnings.contains { $0.message.contains("'O'") })
  }
}
