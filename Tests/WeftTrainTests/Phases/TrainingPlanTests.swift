import Testing
import WeftRuntime
import WeftSpec

@testable import WeftTrain

@Suite struct TrainingPlanTests {
  func spec(_ change: (inout Spec) -> Void = { _ in }) -> Spec {
    let word = ColumnSpec(name: "word", source: .index(0))
    var spec = Spec(
      name: "test", seed: 5,
      data: [CorpusSpec(name: "a", columns: [word]), CorpusSpec(name: "b", columns: [word])],
      tasks: [
        TaskSpec(name: "pos", data: "a", column: "pos"),
        TaskSpec(name: "ner", data: "b", column: "ner", weight: 0.5),
        TaskSpec(name: "chunk", data: "a", column: "chunk"),
      ])
    spec.train = .test { $0.batch = 10 }
    change(&spec)
    return spec
  }

  func plan(_ spec: Spec) -> TrainingPlan {
    TrainingPlan(spec: spec) { corpus, tasks in
      corpus == "a" ? (tasks.numbers.reduce(0) { n, _ in n + 1 } == 2 ? 35 : 25) : 101
    }
  }

  @Test func hardSharingIsOneJointPhase() {
    let plan = plan(spec())
    #expect(plan.phases.map(\.name) == ["joint"])
    #expect(plan.phases[0].streams.map(\.name) == ["pos", "ner", "chunk"])
    #expect(plan.phases[0].streams.map(\.key) == [0, 1, 2])
    #expect(plan.phases[0].decisive == .all(3))
    #expect(plan.phases[0].weights == [1, 0.5, 1])
    #expect(plan.phases[0].stepsPerEpoch == 3 + 11 + 3)
  }

  @Test func accumulationMakesFewerSteps() {
    let plan = plan(spec { $0.train.accumulate = 4 })
    #expect(plan.phases[0].stepsPerEpoch == 1 + 3 + 1)
  }

  @Test func jointStepsReadACorpusForAllItsTasks() {
    let plan = plan(spec { $0.train.step = .allTasks })
    #expect(plan.phases[0].streams.map(\.name) == ["a", "b"])
    #expect(plan.phases[0].streams.map { Array($0.tasks.numbers) } == [[0, 2], [1]])
    #expect(plan.phases[0].streams.map(\.key) == [3, 4])
    #expect(plan.phases[0].stepsPerEpoch == 4 + 11)
  }

  @Test func singleTaskSharingIsAPhaseForEachTask() {
    let plan = plan(spec { $0.sharing.kind = .single })
    #expect(plan.phases.map(\.name) == ["pos", "ner", "chunk"])
    #expect(plan.phases.map { Array($0.tasks.numbers) } == [[0], [1], [2]])
    #expect(plan.phases.map { Array($0.decisive.numbers) } == [[0], [1], [2]])
    #expect(plan.phases.map { $0.streams.map(\.key) } == [[0], [1], [2]])
  }

  @Test func theMainTaskDecidesAlone() {
    let plan = plan(spec { $0.train.mainTask = "ner" })
    #expect(Array(plan.phases[0].decisive.numbers) == [1])
  }

  @Test func sparseSharingTrainsEveryTaskUnderItsMask() {
    let plan = plan(spec { $0.sharing.kind = .sparse })
    #expect(plan.phases.map(\.masks) == [[0: "pos", 1: "ner", 2: "chunk"]])
    #expect(plan.phases[0].updates == .exact)
    #expect(plan.phases[0].clip == .norm(5))
  }

  @Test func maskFilesOfSomeTasksAreForThem() {
    let plan = plan(
      spec {
        $0.sharing.kind = .single
        $0.sharing.masks = .files(["ner": "ner.safetensors"])
      })
    #expect(plan.phases.map(\.masks) == [[:], [1: "ner"], [:]])
  }

  @Test(arguments: [(ClipSpec.norm(3), ClipSpec.value(3)), (.value(2), .value(2)), (.none, .none)])
  func compatibleUpdatesClipByValue(clip: ClipSpec, expected: ClipSpec) {
    let compat = spec {
      $0.sharing.kind = .sparse
      $0.sharing.updates = .compat
      $0.train.clip = clip
    }
    #expect(plan(compat).phases[0].clip == expected)
    #expect(plan(compat).phases[0].updates == .compat)
    // In the parallel phase alone.
    let stages = TrainingPlan.warmup(spec: compat.warmup) { _, _ in 10 }
    #expect(stages.phases[0].clip == clip)
    #expect(stages.phases[0].updates == .exact)
    let rounds = TrainingPlan.pruning(spec: compat.pruning(task: "ner"), task: 1, survivors: [5]) { _, _ in 10
    }
    #expect(rounds.phases.allSatisfy { $0.clip == clip && $0.updates == .exact })
  }

  @Test func theWarmUpIsHardSharingToItsLastEpoch() {
    let sparse = spec {
      $0.sharing.kind = .sparse
      $0.sharing.warmup = 7
      $0.train.patience = 3
    }
    let phase = TrainingPlan.warmup(spec: sparse.warmup) { _, _ in 10 }.phases[0]
    #expect(phase.epochs == 7)
    #expect(phase.patience == nil)
    #expect(phase.finish == .last)
    #expect(phase.masks.isEmpty)
    #expect(phase.streams.map(\.name) == ["pos", "ner", "chunk"])
  }

  @Test func pruningIsAPhaseForEachRound() {
    let sparse = spec {
      $0.sharing.kind = .sparse
      $0.sharing.prune.epochs = 12
      $0.sharing.prune.patience = 2
      $0.sharing.prune.decay = 0.1
    }
    let plan = TrainingPlan.pruning(spec: sparse.pruning(task: "ner"), task: 1, survivors: [80, 60]) { _, _ in
      10
    }
    #expect(plan.origin == "start")
    #expect(plan.phases.map(\.name) == ["ner round 0/2", "ner round 1/2", "ner round 2/2"])
    #expect(plan.phases.map(\.masks) == [[:], [1: "round-01"], [1: "round-02"]])
    #expect(plan.phases.map { $0.round?.next?.survivors } == [80, 60, nil])
    for phase in plan.phases {
      #expect(phase.start == .snapshot("start"))
      #expect(phase.seed == plan.phases[0].seed)
      #expect((phase.epochs, phase.patience) == (12, 2))
      #expect(phase.schedule == ScheduleSpec(kind: .inverseTime, decay: 0.1))
      #expect(Array(phase.tasks.numbers) == [1])
      #expect(phase.decisive == TaskSet(task: 1))
    }
  }
}
