import Foundation
import Synchronization
import Testing
import WeftRuntime
import WeftSpec

@testable import WeftTrain

/// Warm-up, pruning, choice and parallel training, with generated code.
@Suite struct StagedTrainingTests {
  @Test func everyStageLeavesWhatItFound() async throws {
    let folder = try Samples.folder()
    let experiment = try await SparseRuns.experiment(folder)
    let run = SampleExperiments.run(folder)
    let report = try await experiment.train(in: run).result
    guard case .finished = report.end else {
      Issue.record("not finished")
      return
    }
    let training = StagedTraining(experiment: experiment, folder: run)
    let layout = experiment.design.maskLayout
    for (number, task) in ["pos", "ner"].enumerated() {
      let reached = experiment.training.tables.reached(by: number)
      let schedule = PruningSchedule(
        spec: experiment.spec.sharing.prune, prunable: layout.count(of: reached))
      let record = try training.rounds(of: task)
      #expect(record.reached == schedule.prunable)
      #expect(record.rounds.map(\.number) == [0, 1, 2, 3])
      var wider: Mask?
      for round in record.rounds {
        let file = try MaskFile(contentsOf: run.pruning(task: task).mask(round.mask), layout: layout)
        // To the weight.
        #expect(file.keptCount == schedule.surviving(afterRound: round.number))
        #expect(round.kept == file.keptCount)
        #expect(file.devScore == round.score)
        #expect(file.provenance.round == round.number)
        if let wider { #expect(try file.mask.intersection(wider) == file.mask) }
        wider = file.mask
      }
      let chosen = try MaskFile(contentsOf: run.mask(task), layout: layout)
      #expect(chosen.provenance.round == (try record.choice(.best).number))
    }
    let warmup = try Checkpoint(contentsOf: run.warmup.model)
    #expect(warmup.scores["test"] == nil)

    // The model by itself is the same subnets.
    let copy = folder.url.appending(path: "alone.safetensors")
    try FileManager.default.copyItem(at: run.model, to: copy)
    let model = try await TrainedModel(contentsOf: copy, compiler: SampleExperiments.compiler())
    #expect(model.subnets.members.count == 2)
    #expect(try model.evaluate(experiment.data.corpora(.test)).values == report.test?.values)

    let timing = try JSONDecoder().decode(RunTiming.self, from: Data(contentsOf: run.timing))
    #expect(timing.stages.keys.sorted() == ["prune/ner", "prune/pos", "train", "warmup"])
    #expect(timing.stages["warmup"]?.epochs == 2)
    #expect(timing.total.tokens == timing.stages.values.reduce(0) { $0 + $1.tokens })
  }

  @Test func everyRoundStartsFromTheWarmUp() async throws {
    let folder = try Samples.folder()
    let experiment = try await SparseRuns.experiment(folder)
    let run = SampleExperiments.run(folder)
    _ = try await experiment.train(in: run).result
    let warm = try Checkpoint(contentsOf: run.warmup.model).parameters
    let start = try Checkpoint(contentsOf: run.pruning(task: "ner").snapshot("start")).parameters
    #expect(warm == start)
    // The last round's best epoch: what its mask leaves out is still what the warm-up left.
    let mask = try MaskFile(
      contentsOf: run.pruning(task: "ner").mask("round-03"), layout: experiment.design.maskLayout
    ).mask
    let last = try Checkpoint(contentsOf: run.pruning(task: "ner").best).parameters
    for parameter in mask.layout.parameters {
      let (old, new) = (try #require(warm[parameter.name]), try #require(last[parameter.name]))
      for index in 0..<parameter.count where !mask[parameter.offset + index] {
        #expect(old[index] == new[index])
      }
    }
    #expect(warm["heads.pos.weight"] == last["heads.pos.weight"])
    #expect(warm["heads.ner.weight"] != last["heads.ner.weight"])
  }

  @Test func stagesByThemselvesGiveTheSameBytes() async throws {
    let folder = try Samples.folder()
    let experiment = try await SparseRuns.experiment(folder)
    let (whole, parts) = (SampleExperiments.run(folder, "whole"), SampleExperiments.run(folder, "parts"))
    let jobs = SampleExperiments.run(folder, "jobs")
    _ = try await experiment.train(in: whole).result
    let expected = try whole.allContents()

    #expect(try await experiment.warmUp(in: parts).result.end == .finished)
    async let first = experiment.prune(["ner"], in: parts).result
    async let second = experiment.prune(["pos"], in: parts).result
    #expect(try await [first.end, second.end] == [.finished, .finished])
    let skipped = Mutex<[SharingStage]>([])
    let run = experiment.train(in: parts)
    for await event in run.events {
      if case .stageBegan(let start) = event, start.isFinished { skipped.withLock { $0.append(start.stage) } }
    }
    _ = try await run.result
    #expect(skipped.withLock { $0 } == [.warmup, .pruning(task: "pos"), .pruning(task: "ner")])
    #expect(try parts.allContents() == expected)

    _ = try await experiment.train(in: jobs, jobs: 2).result
    #expect(try jobs.allContents() == expected)
  }

  @Test func killedAfterAnySaveItEndsTheSame() async throws {
    let folder = try Samples.folder()
    let experiment = try await SparseRuns.experiment(folder)
    let (first, second) = (SampleExperiments.run(folder, "first"), SampleExperiments.run(folder, "second"))
    _ = try await experiment.train(in: first).result
    let expected = try first.allContents()

    let copies = Mutex<[RunFolder]>([])
    _ = try StagedTraining(experiment: experiment, folder: second).run(
      .new,
      emit: { event in
        switch event {
        // A kill leaves no more than this: between rounds, between stages, within epochs.
        case .saved, .roundFinished, .phaseFinished, .stageBegan:
          let copy = copies.withLock { SampleExperiments.run(folder, "copy-\($0.count)") }
          if (try? FileManager.default.copyItem(at: second.url, to: copy.url)) != nil {
            copies.withLock { $0.append(copy) }
          }
        default: break
        }
      }, isCancelled: { false })
    #expect(try second.allContents() == expected)
    let killed = copies.withLock { $0 }
    #expect(killed.count > 40)
    for (number, copy) in killed.enumerated() where number % 3 == 0 {
      let report = try StagedTraining(experiment: experiment, folder: copy).run(
        .resumeOrNew, emit: { _ in }, isCancelled: { false })
      guard case .finished = report.end else {
        Issue.record("not finished")
        return
      }
      #expect(try copy.allContents() == expected, "resumed from \(copy.url.lastPathComponent)")
    }
  }

  @Test(arguments: [1, 2])
  func stoppedAgainAndAgainItEndsTheSame(jobs: Int) async throws {
    let folder = try Samples.folder()
    let experiment = try await SparseRuns.experiment(folder)
    let (whole, stopped) = (SampleExperiments.run(folder, "whole"), SampleExperiments.run(folder, "stopped"))
    _ = try await experiment.train(in: whole).result
    var stops = 0
    while true {
      let asked = Atomic<Int>(0)
      let report = try StagedTraining(experiment: experiment, folder: stopped, jobs: jobs).run(
        stops == 0 ? .new : .resume, emit: { _ in },
        isCancelled: { asked.add(1, ordering: .relaxed).newValue > 9 })
      if case .finished = report.end { break }
      stops += 1
      try #require(stops < 100)
    }
    #expect(stops > 3)
    #expect(try stopped.allContents() == whole.allContents())
  }

  @Test func oneTaskWithoutWarmUp() async throws {
    let folder = try Samples.folder()
    let spec = Samples.spec.replacing(/(?m)^  ner: .*\n/, with: "")
    let loaded = try folder.load(
      spec, overrides: ["sharing={kind: sparse, warmup: 0, prune: {final: 0.5, rounds: 1, epochs: 1}}"])
    let experiment = try await Experiment(ExperimentData(loaded), compiler: SampleExperiments.compiler())
    let run = SampleExperiments.run(folder)
    _ = try await experiment.train(in: run).result
    #expect(!FileManager.default.fileExists(atPath: run.warmup.url.path))
    let initial = try experiment.design.initialParameters(experiment.training.tables, vectors: nil)
    #expect(
      try Checkpoint(contentsOf: run.pruning(task: "pos").snapshot("start")).parameters.names.sorted()
        == initial.names.sorted())
    let start = try Checkpoint(contentsOf: run.pruning(task: "pos").snapshot("start")).parameters
    for name in initial.names { #expect(start[name] == initial[name], "\(name)") }
    let error = await #expect(throws: TrainError.self) { try await experiment.warmUp(in: run).result }
    #expect(error?.message.contains("sharing.warmup is 0") == true)
  }

  @Test func withoutDevDataTheChoiceNeedsARule() async throws {
    // The dev file is there, and has labels of one task only.
    let folder = try Samples.folder(dev: "Ann ? B-PER\nsaw ? O\n")
    func experiment(_ select: String) async throws -> Experiment {
      let sharing =
        "sharing={kind: sparse, warmup: 1, prune: {final: 0.3, rounds: 2, epochs: 1, select: \(select)}}"
      return try await Experiment(
        ExperimentData(folder.load(Samples.spec, overrides: [sharing])),
        compiler: SampleExperiments.compiler())
    }
    let run = SampleExperiments.run(folder)
    let best = try await experiment("best")
    let error = await #expect(throws: TrainError.self) { try await best.train(in: run).result }
    #expect(error?.message == "task pos has no dev score, by which its subnet could be chosen")
    #expect(error?.suggestion?.contains("select: {density") == true)
    // What was found so far serves another choice.
    let round = try await experiment("{round: 1}")
    let kept = Mutex(0)
    let again = round.train(in: run)
    for await event in again.events {
      if case .stageBegan(let start) = event, start.isFinished { kept.withLock { $0 += 1 } }
    }
    _ = try await again.result
    #expect(kept.withLock { $0 } == 3)
    #expect(try MaskFile(contentsOf: run.mask("ner")).provenance.round == 1)
  }

  @Test(arguments: [
    ("    dev: dev.conll\n", "{density: 0.5}", ""), ("", "best", "train.main-task=pos"),
    ("", "{round: 2}", "sharing.prunable=['*.weight_hh_*']"),
    ("", "best", "sharing.prune.granularity=units"), ("", "best", "sharing.prune.scope=layer"),
    ("", "best", "train.averaging=0.9"), ("", "best", "sharing.updates=compat"),
  ])
  func everyStageSaysByWhichSpecItWasMade(removed: String, select: String, override: String) async throws {
    let folder = try Samples.folder()
    let text = Samples.spec.replacing(removed.isEmpty ? "\u{0}" : removed, with: "")
    let sharing =
      "sharing={kind: sparse, warmup: 1, prune: {final: 0.4, rounds: 2, epochs: 1, select: \(select)}}"
    let overrides = [sharing] + (override.isEmpty ? [] : [override])
    let experiment = try await Experiment(
      ExperimentData(folder.load(text, overrides: overrides)), compiler: SampleExperiments.compiler())
    let run = SampleExperiments.run(folder)
    _ = try await experiment.train(in: run).result
    let expected = try run.allContents()
    for stage in [run, run.warmup, run.pruning(task: "pos"), run.pruning(task: "ner")] {
      let text = try String(contentsOf: stage.spec, encoding: .utf8)
      #expect(try Spec(resolvedJSON: text).resolvedJSON() + "\n" == text)
    }
    _ = try await experiment.train(in: run, start: .resume).result
    #expect(try run.allContents() == expected)
  }

  @Test func anotherSpecIsAnErrorThatSaysWhatDiffers() async throws {
    let folder = try Samples.folder()
    let run = SampleExperiments.run(folder)
    _ = try await SparseRuns.experiment(folder).train(in: run).result
    let before = try run.allContents()
    for (change, difference) in [
      ("sharing.warmup=3", "sharing.warmup: 2 against 3"),
      ("sharing.prune.final=0.2", "sharing.prune.final: 0.3 against 0.2"),
      ("sharing.prune.epochs=4", "sharing.prune.epochs: 3 against 4"),
      ("train.rate=0.2", "train.rate: 0.1 against 0.2"), ("seed=5", "seed: 1 against 5"),
    ] {
      let other = try await SparseRuns.experiment(folder, [change])
      let error = await #expect(throws: TrainError.self) {
        try await other.train(in: run, start: .resume).result
      }
      #expect(error?.kind == .mismatch)
      #expect(error?.message.contains(difference) == true, "\(error?.message ?? "")")
    }
    // Other weights are chosen; but the training has begun under the old ones.
    let other = try await SparseRuns.experiment(folder, ["sharing.prune.select={round: 1}"])
    await #expect(throws: RuntimeError.self) { try await other.train(in: run, start: .resume).result }
    #expect(try run.allContents() == before)
    // More epochs are no other experiment.
    let longer = try await SparseRuns.experiment(folder, ["train.epochs=4"])
    let report = try await longer.train(in: run, start: .resume).result
    guard case .finished = report.end else {
      Issue.record("not finished")
      return
    }
  }

  @Test func pruningNeedsAWarmUp() async throws {
    let folder = try Samples.folder()
    let experiment = try await SparseRuns.experiment(folder)
    let run = SampleExperiments.run(folder)
    let error = await #expect(throws: TrainError.self) { try await experiment.prune(in: run).result }
    #expect(error?.message.contains("holds no finished warm-up") == true)
    let unknown = await #expect(throws: TrainError.self) {
      _ = try await experiment.warmUp(in: run).result
      return try await experiment.prune(["xyz"], in: run).result
    }
    #expect(unknown?.message == "the spec has no task 'xyz'")
    for start in [RunStart.resume] {
      let nothing = await #expect(throws: TrainError.self) {
        try await experiment.prune(["ner"], in: run, start: start).result
      }
      #expect(nothing?.message.contains("no state to go on from") == true)
    }
  }

  @Test func aStageThatWasInterruptedGoesOnOnlyIfAsked() async throws {
    let folder = try Samples.folder()
    let experiment = try await SparseRuns.experiment(folder)
    let run = SampleExperiments.run(folder)
    let stop = experiment.warmUp(in: run)
    stop.cancel()
    #expect(try await stop.result.end == .cancelled(step: 0))
    let error = await #expect(throws: TrainError.self) { try await experiment.train(in: run).result }
    #expect(error?.message.contains("was interrupted") == true)
    _ = try await experiment.train(in: run, start: .resume).result
    let held = await #expect(throws: TrainError.self) { try await experiment.train(in: run).result }
    #expect(held?.message.hasSuffix("holds a run already") == true)
  }

  @Test func replacingRemovesTheStagesAndNothingElse() async throws {
    let folder = try Samples.folder()
    let experiment = try await SparseRuns.experiment(folder)
    let run = SampleExperiments.run(folder)
    _ = try await experiment.train(in: run).result
    for name in ["notes.txt", "masks/mine.safetensors", "prune/ner/notes.txt", "prune/other/notes.txt"] {
      let file = run.url.appending(path: name)
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data("mine".utf8).write(to: file)
    }
    let hard = try await SampleExperiments.experiment(folder)
    _ = try await hard.train(in: run, start: .replace).result
    let left = try FileManager.default.subpathsOfDirectory(atPath: run.url.path).sorted()
    #expect(
      left == [
        "best.safetensors", "log.jsonl", "masks", "masks/mine.safetensors", "model.safetensors", "notes.txt",
        "prune", "prune/ner", "prune/ner/notes.txt", "prune/other", "prune/other/notes.txt", "results.json",
        "sentences.json", "spec.json", "state.safetensors", "timing.json",
      ])
  }

  @Test func aFailureOfOneTaskStopsTheOthers() throws {
    struct Broken: Error {}
    let ended = Atomic<Int>(0)
    #expect(throws: Broken.self) {
      _ = try WorkerThreads.map(Array(0..<6), threads: 3) { item, hasFailed in
        if item == 1 { throw Broken() }
        while !hasFailed() { usleep(100) }
        ended.add(1, ordering: .relaxed)
      }
    }
    #expect(ended.load(ordering: .relaxed) <= 3)
    #expect(try WorkerThreads.map([3, 1, 2], threads: 2) { item, _ in item * 2 } == [6, 2, 4])
    #expect(try WorkerThreads.map([Int](), threads: 2) { item, _ in item } == [])
  }
}
