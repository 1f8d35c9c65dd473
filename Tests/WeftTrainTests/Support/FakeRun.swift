import WeftRuntime
import WeftSpec

@testable import WeftTrain

typealias FakeLoop = TrainingLoop<FakeEngine, FakeSource, FakeScorer, FakeStore>

extension FakeStore {
  /// A loop that goes on from what the store holds, as a new process would make it.
  func loop(
    _ plan: TrainingPlan, fuse: Fuse = Fuse(), script: [[Double?]] = [], source: FakeSource = FakeSource()
  )
    throws -> FakeLoop
  {
    self.fuse = fuse
    var engine = FakeEngine(tasks: plan.taskNames.count, fuse: fuse)
    if let saved { engine.importState(saved.engine) }
    return try FakeLoop(
      plan: plan, engine: engine, source: source, scorer: FakeScorer(fuse: fuse, script: script), store: self,
      resuming: saved.map { ($0.loop, $0.average) })
  }
}

extension TrainSpec {
  static func test(_ change: (inout TrainSpec) -> Void = { _ in }) -> TrainSpec {
    var recipe = TrainSpec()
    recipe.batch = 4
    recipe.epochs = 5
    recipe.patience = nil
    change(&recipe)
    return recipe
  }
}

/// A joint phase over tasks of these sizes.
func jointPlan(sizes: [Int], recipe: TrainSpec = .test(), saveEvery: Int = 0) -> TrainingPlan {
  let streams = sizes.enumerated().map { task, size in
    BatchStream(name: "task\(task)", tasks: TaskSet(task: task), key: UInt64(task), sentenceCount: size)
  }
  let phase = Phase(
    name: "joint", seed: 7, streams: streams, decisive: .all(sizes.count), weights: sizes.map { _ in 1 },
    recipe: recipe)
  return TrainingPlan(
    taskNames: sizes.indices.map { "task\($0)" }, phases: [phase], averaging: recipe.averaging,
    saveEvery: saveEvery)
}

/// A phase for each task, as single-task sharing has it.
func singlePlan(sizes: [Int], recipe: TrainSpec = .test(), saveEvery: Int = 0) -> TrainingPlan {
  var plan = jointPlan(sizes: sizes, recipe: recipe, saveEvery: saveEvery)
  let joint = plan.phases[0]
  plan.phases = sizes.indices.map { task in
    Phase(
      name: "task\(task)", seed: 7, streams: [joint.streams[task]], decisive: TaskSet(task: task),
      weights: joint.weights, recipe: recipe)
  }
  return plan
}

/// Rounds of pruning of the second task.
func pruningPlan(sizes: [Int], survivors: [Int], saveEvery: Int = 0) -> TrainingPlan {
  var spec = Spec(
    name: "fake", seed: 7, data: [],
    tasks: sizes.indices.map { TaskSpec(name: "task\($0)", data: "fake", column: "tag") })
  spec.train = .test { $0.patience = 2 }
  spec.train.saveEvery = saveEvery
  return TrainingPlan.pruning(spec: spec, task: 1, survivors: survivors) { _, tasks in
    tasks.numbers.reduce(0) { $0 + sizes[$1] }
  }
}
