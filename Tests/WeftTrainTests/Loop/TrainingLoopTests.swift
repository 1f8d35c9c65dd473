import Testing
import WeftRuntime
import WeftSpec

@testable import WeftTrain

@Suite struct TrainingLoopTests {
  @Test func anEpochIsOnePassOverTheDataOfAllTasks() throws {
    let store = FakeStore()
    var epochs: [EpochSummary] = []
    let loop = try store.loop(jointPlan(sizes: [10, 21]))
    _ = try loop.run { if case .epochFinished(let epoch) = $0 { epochs.append(epoch) } }
    #expect(epochs.map(\.step) == [9, 18, 27, 36, 45])
    #expect(loop.state.streamBatches.reduce(0, +) == 45)
  }

  @Test func aStepChangesOnlyWhatItsTaskReaches() throws {
    // Three tasks, of which the plan trains one.
    let store = FakeStore()
    var plan = jointPlan(sizes: [9, 9, 9])
    plan.phases[0].streams = [plan.phases[0].streams[1]]
    plan.phases[0].decisive = TaskSet(task: 1)
    let loop = try store.loop(plan)
    let before = loop.engine.state
    _ = try loop.run { _ in }
    for head in [0, 2] {
      #expect(loop.engine.state.weights[FakeEngine.shared + head] == before.weights[FakeEngine.shared + head])
      #expect(loop.engine.state.momentum[FakeEngine.shared + head] == 0)
    }
    #expect(loop.engine.state.weights[FakeEngine.shared + 1] != before.weights[FakeEngine.shared + 1])
  }

  @Test func theBestEpochIsWhatFinishes() throws {
    let store = FakeStore()
    let script: [[Double?]] = [[0.1, 0.2], [0.5, 0.9], [0.6, 0.7], [0.2, 0.3], [0.4, 0.4]]
    let loop = try store.loop(jointPlan(sizes: [8, 8]), script: script)
    guard case .finished(let parameters, let summary) = try loop.run(observe: { _ in }) else {
      Issue.record("not finished")
      return
    }
    #expect(summary.best?.epoch == 1)
    #expect(summary.best?.score == 0.7)
    #expect(parameters == store.best)
    #expect(parameters != loop.engine.snapshot())
  }

  @Test func theMainTaskChoosesTheBestEpoch() throws {
    let store = FakeStore()
    var plan = jointPlan(sizes: [8, 8])
    plan.phases[0].decisive = TaskSet(task: 0)
    let loop = try store.loop(plan, script: [[0.5, 0.9], [0.6, 0.7], [0.2, 0.3]])
    _ = try loop.run { _ in }
    #expect(store.bestInfo?.epoch == 1)
  }

  @Test func patienceEndsAPhaseEarly() throws {
    let store = FakeStore()
    var plan = jointPlan(sizes: [8, 8])
    plan.phases[0].patience = 2
    var stop: EarlyStop?
    let loop = try store.loop(
      plan, script: [[0.5, 0.5], [0.6, 0.6], [0.6, 0.6], [0.1, 0.1], [0.9, 0.9]])
    _ = try loop.run { if case .stoppedEarly(let event) = $0 { stop = event } }
    #expect(loop.state.epoch == 4)
    #expect(stop?.best?.epoch == 1)
  }

  @Test func aTaskWithoutDevDataIsLeftOutOfTheMean() throws {
    let store = FakeStore()
    let loop = try store.loop(jointPlan(sizes: [8, 8]), script: [[0.25, nil]])
    _ = try loop.run { _ in }
    #expect(store.bestInfo?.score == 0.25)
  }

  @Test func jointStepsTrainTheTasksThatABatchIsLabelledFor() throws {
    let store = FakeStore()
    var plan = jointPlan(sizes: [12, 12])
    plan.phases[0].streams = [BatchStream(name: "c", tasks: .all(2), key: 2, sentenceCount: 12)]
    plan.phases[0].epochs = 1
    // No sentence has a label of task 1.
    let loop = try store.loop(plan, source: FakeSource(labelled: { _ in TaskSet(task: 0) }))
    let before = loop.engine.state.weights[FakeEngine.shared + 1]
    var losses: [Double?] = []
    _ = try loop.run { if case .epochFinished(let epoch) = $0 { losses = epoch.losses } }
    #expect(losses[0] != nil)
    #expect(losses[1] == nil)
    #expect(loop.engine.state.weights[FakeEngine.shared + 1] == before)
    #expect(loop.engine.state.momentum[FakeEngine.shared + 1] == 0)
  }

  @Test func aBatchWithoutAnyLabelChangesNothing() throws {
    let store = FakeStore()
    let loop = try store.loop(jointPlan(sizes: [9]), source: FakeSource(labelled: { _ in [] }))
    let before = loop.engine.state
    _ = try loop.run { _ in }
    #expect(loop.engine.state == before)
    #expect(loop.state.step == 15)
  }

  @Test func oneSentenceIsEnough() throws {
    let store = FakeStore()
    let loop = try store.loop(jointPlan(sizes: [1]))
    _ = try loop.run { _ in }
    #expect(loop.state.step == 5)
  }

  @Test func accumulationAveragesGradients() throws {
    // One step of four mini-batches makes one update with the mean of their gradients.
    let recipe = TrainSpec.test {
      $0.accumulate = 4
      $0.epochs = 1
      $0.clip = .none
      $0.optimizer.momentum = 0
    }
    let plan = jointPlan(sizes: [16], recipe: recipe)
    let loop = try FakeStore().loop(plan)
    var engine = loop.engine
    _ = try loop.run { _ in }
    #expect(loop.state.step == 1)
    var losses = [0.0]
    for number in 0..<4 {
      let batch = FakeSource().batch(number, of: plan.phases[0].streams[0], in: plan.phases[0]).packed
      try engine.forward(
        batch, tasks: .all(1), random: StepRandom(seed: 7, stream: 0, step: UInt64(number)), losses: &losses)
      try engine.backward(batch, tasks: .all(1), seeds: [0.25])
    }
    try engine.apply(
      StepUpdate(optimizer: recipe.optimizer, rate: 0.1, clip: .none, squaredNorm: 0), tasks: .all(1))
    engine.catchUp()
    #expect(engine.state.weights == loop.engine.state.weights)
  }

  @Test(arguments: [
    (ClipSpec.none, 100.0, 1.0, Double.infinity), (.norm(5), 4.0, 1.0, .infinity),
    (.norm(5), 100.0, 5 / (10 + 1e-6), .infinity), (.value(0.5), 100.0, 1.0, 0.5),
  ])
  func clippingIsTorchs(clip: ClipSpec, squaredNorm: Double, scale: Double, value: Double) {
    let update = StepUpdate(optimizer: OptimizerSpec(), rate: 0.1, clip: clip, squaredNorm: squaredNorm)
    #expect(update.gradientScale == scale)
    #expect(update.clipValue == value)
  }

  @Test(arguments: [Double.nan, .infinity])
  func aLossThatIsNoNumberEndsTheRun(loss: Double) throws {
    let store = FakeStore()
    let plan = jointPlan(sizes: [40])
    var engine = FakeEngine(tasks: 1)
    engine.divergence = (step: 13, loss: loss)
    let loop = try FakeLoop(
      plan: plan, engine: engine, source: FakeSource(), scorer: FakeScorer(), store: store)
    let error = #expect(throws: TrainError.self) { try loop.run { _ in } }
    #expect(error?.kind == .diverged)
    #expect(
      error?.message == "the loss of task task0 is not a finite number at step 13 (phase joint, epoch 2)")
    // The last good state is still there.
    #expect(store.saved?.loop.step == 10)
  }

  @Test func singleTaskPhasesCombineTheBestOfEach() throws {
    let store = FakeStore()
    var bests: [[Float]] = []
    let loop = try store.loop(
      singlePlan(sizes: [9, 13]),
      script: [
        [0.9, nil], [0.1, nil], [0.3, nil], [0.4, nil], [0.2, nil], [nil, 0.1], [nil, 0.5], [nil, 0.2],
      ])
    var phases: [PhaseSummary] = []
    let outcome = try loop.run {
      if case .phaseFinished(let phase) = $0 {
        phases.append(phase)
        bests.append(store.best ?? [])
      }
    }
    #expect(phases.map(\.best?.epoch) == [0, 1])
    guard case .finished(let parameters, _) = outcome else {
      Issue.record("not finished")
      return
    }
    // The head of task 0 is that of its own best epoch, which the second phase does not touch.
    #expect(parameters[FakeEngine.shared] == bests[0][FakeEngine.shared])
    #expect(parameters[FakeEngine.shared + 1] == bests[1][FakeEngine.shared + 1])
  }

  @Test func aPhaseCanStartFromASnapshotOfAnEarlierOne() throws {
    // Warm-up, a round, and a round that rewinds to the end of the warm-up.
    let store = FakeStore()
    var plan = jointPlan(sizes: [9, 9])
    plan.phases = [plan.phases[0], plan.phases[0], plan.phases[0]]
    plan.phases[0].snapshot = "warm"
    plan.phases[0].finish = .last
    plan.phases[2].start = .snapshot("warm")
    plan.phases[2].epochs = 1
    plan.phases[2].rate = 0
    let loop = try store.loop(plan)
    _ = try loop.run { _ in }
    let warm = try store.loadSnapshot(named: "warm")
    // Nothing is learnt at rate 0; only the missed updates of the lagging weight are caught up.
    #expect(Array(loop.engine.state.weights[..<3]) == Array(warm[..<3]))
  }

  @Test func averagedWeightsAreScoredAndKept() throws {
    let store = FakeStore()
    let loop = try store.loop(jointPlan(sizes: [16], recipe: .test { $0.averaging = 0.9 }))
    _ = try loop.run { _ in }
    let average = try #require(loop.average)
    #expect(average != loop.engine.snapshot())
    #expect(store.saved?.average == average)
    let loopWithout = try FakeStore().loop(jointPlan(sizes: [16]))
    _ = try loopWithout.run { _ in }
    #expect(loopWithout.engine.state == loop.engine.state)
  }

  @Test func eventsComeInOrder() throws {
    var names: [String] = []
    var plan = jointPlan(sizes: [8])
    plan.phases[0].epochs = 1
    _ = try FakeStore().loop(plan).run { event in
      switch event {
      case .initialized: names.append("initialized")
      case .started: names.append("started")
      case .progress: names.append("progress")
      case .epochFinished: names.append("epoch")
      case .saved(let what, _): names.append(what.rawValue)
      case .stoppedEarly: names.append("stopped")
      case .roundFinished: names.append("round")
      case .stageBegan: names.append("stage")
      case .phaseFinished: names.append("phase")
      case .cancelled: names.append("cancelled")
      case .finished: names.append("finished")
      }
    }
    #expect(names == ["started", "state", "progress", "epoch", "best", "state", "phase", "finished"])
  }

  @Test func roundsOfPruningAreNestedAndScored() throws {
    let store = FakeStore()
    var rounds: [RoundSummary] = []
    let loop = try store.loop(pruningPlan(sizes: [17, 30], survivors: [3, 2, 1]))
    _ = try loop.run { if case .roundFinished(let round) = $0 { rounds.append(round) } }
    #expect(rounds.map(\.number) == [0, 1, 2, 3])
    #expect(rounds.map(\.size.kept) == [4, 3, 2, 1])
    #expect(rounds.map(\.task) == Array(repeating: "task1", count: 4))
    for round in rounds { #expect(store.maskScores[PruningRound.maskName(round.number)] == round.score) }
    for number in 1...3 {
      let (wide, narrow) = (
        try store.loadMask(named: PruningRound.maskName(number - 1)),
        try store.loadMask(named: PruningRound.maskName(number))
      )
      #expect(zip(wide, narrow).allSatisfy { $0 || !$1 })
    }
    // Each from the same start: what the last mask leaves out has not moved, nor has the other task's head.
    let start = try #require(store.snapshots["start"])
    let last = try store.loadMask(named: "round-03")
    for index in last.indices where !last[index] { #expect(loop.engine.state.weights[index] == start[index]) }
    #expect(loop.engine.state.weights[FakeEngine.shared] == start[FakeEngine.shared])
    #expect(loop.engine.state.weights[FakeEngine.shared + 1] != start[FakeEngine.shared + 1])
  }

  @Test(arguments: [MaskedUpdates.exact, .compat])
  func masksBoundWhatAStepChangesUnlessTheyAreIgnored(updates: MaskedUpdates) throws {
    let store = FakeStore()
    store.masks = ["mine": [true, false, false, true]]
    var plan = jointPlan(sizes: [9, 9])
    plan.phases[0].streams = [plan.phases[0].streams[0]]
    plan.phases[0].masks = [0: "mine"]
    plan.phases[0].updates = updates
    let loop = try store.loop(plan)
    let before = loop.engine.state.weights
    _ = try loop.run { _ in }
    let after = loop.engine.state.weights
    #expect(before[1] == after[1])
    #expect(before[0] != after[0])
    // The fake engine's gradients are 0 outside, so that nothing moves there either; all tasks are updated.
    #expect(before[FakeEngine.shared + 1] == after[FakeEngine.shared + 1])
  }
}
