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
}
