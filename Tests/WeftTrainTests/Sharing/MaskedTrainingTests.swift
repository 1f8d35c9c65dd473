import Foundation
import Testing
import WeftRuntime
import WeftSpec

@testable import WeftTrain

/// Training under given masks, with generated code.
@Suite struct MaskedTrainingTests {
  /// 4 steps an epoch.
  static let twoHundredSteps = ["train.epochs=50", "train.patience=none"]

  /// The parameters and momentum of a run, and its best epoch.
  private func tensors(_ run: RunFolder) throws -> [String: [String: [Float]]] {
    var tensors = ["model": try SparseRuns.parameters(run)]
    let file = try Safetensors.File(contentsOf: run.state)
    var state: [String: [Float]] = [:]
    for name in file.names where try file.info(name).type == .float32 { state[name] = try file.floats(name) }
    tensors["state"] = state
    return tensors
  }

  @Test(arguments: [
    ["train.clip={norm: 0.5}"], ["train.clip={value: 0.01}"], ["train.clip={norm: 0.5}", "train.threads=2"],
    ["train.clip={value: 0.01}", "train.threads=2"], ["train.optimizer=adam", "train.rate=0.01"],
    ["tasks.pos.head={layer: 0}", "network.encoder=[{hidden: 8}, {hidden: 8}]"],
  ])
  func masksOfEverythingReachedAreHardSharing(overrides: [String]) async throws {
    let folder = try Samples.folder()
    let overrides = overrides + Self.twoHundredSteps
    let hard = try await SampleExperiments.experiment(folder, overrides)
    let engine = try TrainerEngine(
      library: hard.training, recipe: hard.spec.train, shapes: hard.design.shapes)
    // With a head on a lower layer the masks are zero above it: hierarchical sharing as masks.
    let masks = ["pos": engine.wholeMask(task: 0), "ner": engine.wholeMask(task: 1)]
    try SparseRuns.write(masks, of: hard, to: folder.url.appending(path: "masks"))
    let masked = try await SampleExperiments.experiment(
      folder, overrides + ["sharing={kind: hard, masks: masks}"])
    let sparse = try await SampleExperiments.experiment(
      folder, overrides + ["sharing={kind: sparse, masks: masks}"])
    let runs = ["hard", "masked", "sparse"].map { SampleExperiments.run(folder, $0) }
    var reports: [TrainingReport] = []
    for (experiment, run) in zip([hard, masked, sparse], runs) {
      reports.append(try await experiment.train(in: run).result)
    }
    guard case .finished(let summary) = reports[0].end else {
      Issue.record("not finished")
      return
    }
    #expect(summary.steps == 200)
    let expected = try tensors(runs[0])
    #expect(try tensors(runs[1]) == expected)
    #expect(try tensors(runs[2]) == expected)
    #expect(reports[1].dev?.values == reports[0].dev?.values)
    #expect(try Data(contentsOf: runs[0].sentences) == Data(contentsOf: runs[1].sentences))
  }

  @Test(arguments: [MaskedUpdates.exact, .compat])
  func aStepOfATaskLeavesTheRestAloneOrNot(updates: MaskedUpdates) async throws {
    let folder = try Samples.folder()
    let experiment = try await SampleExperiments.experiment(folder, ["network.dropout=0"])
    let engine = try TrainerEngine(
      library: experiment.training, recipe: experiment.spec.train, shapes: experiment.design.shapes)
    try engine.trainer.setParameters(experiment.design.initialParameters(engine.trainer.tables, vectors: nil))
    let layout = experiment.design.maskLayout
    let masks = try [0, 1].map {
      try Mask.random(layout, density: 0.5, seed: 3, task: "task \($0)")
    }
    try engine.setMasks([0: masks[0], 1: masks[1]])
    var source = CorpusBatches(
      tasks: experiment.spec.tasks, corpora: experiment.data.corpora.compactMapValues { $0[.train] })
    let phase = experiment.plan.phases[0]

    func step(_ task: Int) throws {
      let batch = try source.batch(0, of: phase.streams[task], in: phase)
      var losses = [0.0, 0.0]
      try engine.zeroGradient()
      try engine.forward(
        batch.packed, tasks: TaskSet(task: task), random: StepRandom(seed: 1, stream: UInt64(task), step: 0),
        losses: &losses)
      try engine.backward(batch.packed, tasks: TaskSet(task: task), seeds: [1, 1])
      var update = StepUpdate(optimizer: phase.optimizer, rate: 0.1, clip: .none, squaredNorm: 0)
      update.ignoresMasks = updates == .compat
      try engine.apply(update, tasks: updates == .compat ? .all(2) : TaskSet(task: task))
    }

    try step(0)
    let before = try engine.exportState()
    try step(1)
    let after = try engine.exportState()
    var leaks = 0
    for parameter in layout.parameters {
      let old = try #require(before.parameters[parameter.name])
      let new = try #require(after.parameters[parameter.name])
      let (oldMoment, moment) = (
        try #require(before.firstMoments[parameter.name]), try #require(after.firstMoments[parameter.name])
      )
      for index in 0..<parameter.count where !masks[1][parameter.offset + index] {
        switch updates {
        case .exact:
          #expect(new[index].bitPattern == old[index].bitPattern)
          #expect(moment[index].bitPattern == oldMoment[index].bitPattern)
        case .compat:
          // Gradients outside the mask are 0, not absent: momentum goes on.
          #expect(moment[index] == 0.9 * oldMoment[index])
          #expect(abs(new[index] - (old[index] - 0.1 * moment[index])) <= 1e-7)
          if oldMoment[index] != 0 { leaks += 1 }
        }
      }
    }
    let head = "heads.pos.weight"
    #expect((before.parameters[head] == after.parameters[head]) == (updates == .exact))
    if updates == .compat { #expect(leaks > 100) }
  }

  @Test func throughAWholeRunWeightsOutsideAllMasksStayAsTheyWere() async throws {
    let folder = try Samples.folder()
    let base = try await SampleExperiments.experiment(folder)
    let masks = try ["pos", "ner"].map {
      ($0, try Mask.random(base.design.maskLayout, density: 0.4, seed: 9, task: $0))
    }
    try SparseRuns.write(
      Dictionary(uniqueKeysWithValues: masks), of: base, to: folder.url.appending(path: "masks"))
    for updates in ["exact", "compat"] {
      let experiment = try await SampleExperiments.experiment(
        folder, ["sharing={kind: sparse, masks: masks, updates: \(updates)}", "train.epochs=10"])
      let run = SampleExperiments.run(folder, updates)
      _ = try await experiment.train(in: run).result
      let initial = try experiment.design.initialParameters(experiment.training.tables, vectors: nil)
      let trained = try SparseRuns.parameters(run)
      let union = try masks[0].1.union(masks[1].1)
      for parameter in union.layout.parameters {
        let (old, new) = (try #require(initial[parameter.name]), try #require(trained[parameter.name]))
        let isOutside = (0..<parameter.count).filter { !union[parameter.offset + $0] }
        #expect(isOutside.allSatisfy { old[$0].bitPattern == new[$0].bitPattern })
        #expect(!isOutside.isEmpty)
        #expect(old != new)
      }
    }
    let runs = ["exact", "compat"].map { SampleExperiments.run(folder, $0) }
    #expect(try SparseRuns.parameters(runs[0]) != SparseRuns.parameters(runs[1]))
  }

  @Test func aTaskNeverFeelsWhatIsOutsideItsMask() async throws {
    // Two runs that differ in the weights that the only trained task does not use end alike in those it uses.
    let folder = try Samples.folder()
    let base = try await SampleExperiments.experiment(folder)
    let mask = try Mask.random(base.design.maskLayout, density: 0.5, seed: 4, task: "pos")
    func trained(_ disturbance: Float) throws -> ParameterBlock {
      let engine = try TrainerEngine(
        library: base.training, recipe: base.spec.train, shapes: base.design.shapes)
      var start = try base.design.initialParameters(engine.trainer.tables, vectors: nil)
      for parameter in mask.layout.parameters {
        var values = try #require(start[parameter.name])
        for index in values.indices where !mask[parameter.offset + index] { values[index] += disturbance }
        try start.set(parameter.name, to: values)
      }
      try engine.trainer.setParameters(start)
      var plan = base.plan
      plan.phases[0].streams = [plan.phases[0].streams[0]]
      plan.phases[0].masks = [0: "pos"]
      plan.phases[0].epochs = 20
      plan.phases[0].finish = .last
      let task = TrainingTask(experiment: base, folder: RunFolder(name: "none", in: folder.url))
      let loop = try TrainingLoop(
        plan: plan, engine: engine,
        source: CorpusBatches(
          tasks: base.spec.tasks, corpora: base.data.corpora.compactMapValues { $0[.train] }),
        scorer: task.scorer, store: TraceStore(masks: ["pos": mask]))
      guard case .finished(let parameters, _) = try loop.run(observe: { _ in }) else {
        throw CancellationError()
      }
      return parameters
    }
    let (plain, disturbed) = (try trained(0), try trained(0.25))
    #expect(try plain.masked(by: mask) == disturbed.masked(by: mask))
    #expect(plain != disturbed)
  }

  @Test func singleTasksTrainOnTheSubnetsOfASharedNetwork() async throws {
    let folder = try Samples.folder()
    let shared = try await SampleExperiments.experiment(folder)
    let masks = try ["pos", "ner"].map {
      ($0, try Mask.random(shared.design.maskLayout, density: 0.5, seed: 1, task: $0))
    }
    try SparseRuns.write(
      Dictionary(uniqueKeysWithValues: masks), of: shared, to: folder.url.appending(path: "masks"))
    let single = try await SampleExperiments.experiment(folder, ["sharing={kind: single, masks: masks}"])
    let run = SampleExperiments.run(folder)
    let report = try await single.train(in: run).result
    let initial = try single.design.initialParameters(single.training.tables, vectors: nil)
    let trained = try SparseRuns.parameters(run)
    for (task, mask) in masks {
      for parameter in mask.layout.parameters {
        let name = "\(task).\(parameter.name)"
        let (old, new) = (try #require(initial[name]), try #require(trained[name]))
        for index in 0..<parameter.count where !mask[parameter.offset + index] {
          #expect(old[index] == new[index])
        }
        #expect(old != new)
      }
    }
    let model = try await TrainedModel(contentsOf: run.url, compiler: SampleExperiments.compiler())
    #expect(try model.evaluate(single.data.corpora(.dev)).values == report.dev?.values)
    _ = try await single.train(in: run, start: .resume).result
  }

  @Test func masksOfSomeTasksLeaveTheOthersWhole() async throws {
    let folder = try Samples.folder()
    let base = try await SampleExperiments.experiment(folder)
    let mask = try Mask.random(base.design.maskLayout, density: 0.5, seed: 1, task: "ner")
    try SparseRuns.write(["ner": mask], of: base, to: folder.url)
    let experiment = try await SampleExperiments.experiment(
      folder, ["sharing={kind: hard, masks: {ner: ner.safetensors}}"])
    #expect(experiment.plan.phases[0].masks == [1: "ner"])
    let run = SampleExperiments.run(folder)
    _ = try await experiment.train(in: run).result
    let model = try await TrainedModel(contentsOf: run.url, compiler: SampleExperiments.compiler())
    #expect(model.subnets.members.map(\.tasks) == [TaskSet(task: 0), TaskSet(task: 1)])
  }

  @Test func randomMasksHaveTheirDensityAndSeed() async throws {
    let folder = try Samples.folder()
    let experiment = try await SampleExperiments.experiment(
      folder, ["sharing={kind: hard, masks: {random: 0.25}}"])
    let masks = try experiment.givenMasks()
    for (task, file) in masks {
      let reached = experiment.training.tables.reached(by: task)
      let count = Double(experiment.design.maskLayout.count(of: reached))
      #expect(file.keptCount == Int((0.25 * count).rounded(.toNearestOrEven)))
    }
    #expect(masks[0]?.mask != masks[1]?.mask)
    #expect(try experiment.givenMasks().mapValues(\.mask) == masks.mapValues(\.mask))
    #expect(try experiment.seeded(2).givenMasks()[0]?.mask != masks[0]?.mask)
  }

  @Test func masksThatDoNotServeAreRefused() async throws {
    let folder = try Samples.folder()
    let base = try await SampleExperiments.experiment(folder)
    let layout = base.design.maskLayout
    let masks = folder.url.appending(path: "masks")
    let run = SampleExperiments.run(folder)
    func message(_ overrides: [String] = ["sharing={kind: sparse, masks: masks}"]) async throws -> String {
      let experiment = try await SampleExperiments.experiment(folder, overrides)
      do {
        _ = try await experiment.train(in: run).result
      } catch let error as TrainError {
        return error.message
      } catch let error as RuntimeError {
        return error.message
      }
      return "none"
    }
    #expect(try await message().contains("there is no mask of task pos"))

    let ones = Mask(layout, all: true)
    try SparseRuns.write(["pos": ones, "ner": Mask(layout, all: false)], of: base, to: masks)
    #expect(try await message().contains("ner.safetensors has density 0"))

    var lost = ones
    for parameter in layout.parameters where parameter.name.hasPrefix("encoder.0.weight_ih") {
      for index in parameter.range { lost[index] = false }
    }
    try SparseRuns.write(["pos": ones, "ner": lost], of: base, to: masks)
    let layer = try await message()
    #expect(layer.contains("encoder.0"))
    #expect(layer.contains("head of task ner"))

    // Of another network, and of another task.
    let wide = try await SampleExperiments.experiment(folder, ["network.encoder=[{hidden: 9}]"])
    try SparseRuns.write(
      ["ner": Mask(wide.design.maskLayout, all: true)], of: wide, to: masks)
    #expect(try await message().contains("encoder.0.weight_hh_l0 is"))
    try SparseRuns.write(["pos": ones], of: wide, to: masks)
    #expect(try await message().contains("is a mask of a network with the architecture"))
    try SparseRuns.write(["pos": ones], of: base, to: masks)
    let (pos, ner) = (masks.appending(path: "pos.safetensors"), masks.appending(path: "ner.safetensors"))
    try FileManager.default.removeItem(at: ner)
    try FileManager.default.copyItem(at: pos, to: ner)
    #expect(try await message().contains("is the mask of task pos, not of task ner"))
    #expect(!FileManager.default.fileExists(atPath: run.state.path))
  }

  @Test func aRunGoesOnUnderTheMasksThatItBeganWith() async throws {
    let folder = try Samples.folder()
    let base = try await SampleExperiments.experiment(folder)
    let masks = folder.url.appending(path: "masks")
    func write(_ seed: UInt64) throws {
      for task in ["pos", "ner"] {
        let mask = try Mask.random(base.design.maskLayout, density: 0.5, seed: seed, task: task)
        try SparseRuns.write([task: mask], of: base, to: masks)
      }
    }
    try write(1)
    let experiment = try await SampleExperiments.experiment(folder, ["sharing={kind: sparse, masks: masks}"])
    let (whole, stopped) = (SampleExperiments.run(folder, "whole"), SampleExperiments.run(folder, "stopped"))
    _ = try await experiment.train(in: whole).result
    let stop = experiment.train(in: stopped)
    stop.cancel()
    _ = try await stop.result
    try write(2)
    let error = await #expect(throws: TrainError.self) {
      try await experiment.train(in: stopped, start: .resume).result
    }
    #expect(error?.message.contains("mask of task pos is not the one that the run") == true)
    try write(1)
    _ = try await experiment.train(in: stopped, start: .resume).result
    #expect(try stopped.allContents() == whole.allContents())
  }
}
