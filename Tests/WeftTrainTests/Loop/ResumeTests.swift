import Testing
import WeftCorpus
import WeftSpec

@testable import WeftTrain

/// A run that is killed and goes on ends with the bits of one that was not.
@Suite struct ResumeTests {
  /// What a run leaves behind.
  struct Remains: Equatable {
    var saved: FakeStore.Saved?
    var best: [Float]?
    var snapshots: [String: [Float]]
    var masks: [String: [Bool]]
    var maskScores: [String: Double]
    var parameters: [Float]
  }

  func remains(of store: FakeStore, _ outcome: TrainingOutcome<[Float]>) throws -> Remains {
    guard case .finished(let parameters, _) = outcome else { throw Fuse.Killed() }
    return Remains(
      saved: store.saved, best: store.best, snapshots: store.snapshots, masks: store.masks,
      maskScores: store.maskScores, parameters: parameters)
  }

  static let plans: [(String, TrainingPlan)] = {
    let eager = TrainSpec.test {
      $0.averaging = 0.9
      $0.accumulate = 2
      $0.schedule = ScheduleSpec(kind: .plateau, factor: 0.5, every: 1, warmup: 5)
    }
    var rounds = jointPlan(sizes: [9, 14], recipe: eager, saveEvery: 3)
    rounds.phases = [rounds.phases[0], rounds.phases[0], rounds.phases[0]]
    rounds.phases[0].snapshot = "warm"
    rounds.phases[2].start = .snapshot("warm")
    return [
      ("joint", jointPlan(sizes: [23, 41, 7], saveEvery: 4)),
      ("epochs only", jointPlan(sizes: [23, 41, 7], recipe: .test { $0.sampling = .temperature(0.5) })),
      ("single", singlePlan(sizes: [17, 30], recipe: .test { $0.patience = 2 }, saveEvery: 3)),
      ("rounds", rounds), ("pruning", pruningPlan(sizes: [17, 30], survivors: [3, 2, 1], saveEvery: 3)),
    ]
  }()

  @Test(arguments: plans.indices)
  func killedAtFiftyPointsItEndsTheSame(index: Int) throws {
    let plan = Self.plans[index].1
    let whole = FakeStore()
    let counter = Fuse()
    let expected = try remains(of: whole, whole.loop(plan, fuse: counter).run { _ in })
    let random = RandomStream(seed: 11, site: "kills", task: UInt64(index), step: 0)
    for trial in 0..<50 {
      let store = FakeStore()
      let point = 1 + random.row(sentence: UInt64(trial), position: 0).integer(below: counter.calls, 0)
      #expect(throws: Fuse.Killed.self) { try store.loop(plan, fuse: Fuse(point)).run { _ in } }
      let result = try remains(of: store, store.loop(plan).run { _ in })
      #expect(result == expected, "killed at call \(point) of \(counter.calls)")
    }
  }

  @Test func killedAgainAndAgainItEndsTheSame() throws {
    let plan = Self.plans[3].1
    let whole = FakeStore()
    let expected = try remains(of: whole, whole.loop(plan).run { _ in })
    let store = FakeStore()
    var kills = 0
    while true {
      do {
        let result = try remains(of: store, store.loop(plan, fuse: Fuse(37)).run { _ in })
        #expect(result == expected)
        break
      } catch is Fuse.Killed {
        kills += 1
        try #require(kills < 1000)
      }
    }
    #expect(kills > 5)
  }

  @Test func noMoreStepsAreRepeatedThanLieBetweenSaves() throws {
    let plan = Self.plans[0].1
    for point in stride(from: 20, to: 200, by: 7) {
      let store = FakeStore()
      let fuse = Fuse(point)
      _ = try? store.loop(plan, fuse: fuse).run { _ in }
      #expect(fuse.updates - (store.saved?.loop.step ?? 0) <= 4)
    }
  }

  @Test func cancellingSavesAndGoingOnEndsTheSame() throws {
    let plan = Self.plans[0].1
    let whole = FakeStore()
    let expected = try remains(of: whole, whole.loop(plan).run { _ in })
    let store = FakeStore()
    var asked = 0
    let outcome = try store.loop(plan).run(
      observe: { _ in },
      isCancelled: {
        asked += 1
        return asked > 30
      })
    guard case .cancelled(let state) = outcome else {
      Issue.record("not cancelled")
      return
    }
    #expect(state.step == 30)
    #expect(store.saved?.loop == state)
    let result = try remains(of: store, store.loop(plan).run { _ in })
    #expect(result == expected)
  }

  @Test func moreEpochsGoOnAsIfTheyHadAlwaysBeenMeant() throws {
    var longer = Self.plans[0].1
    longer.phases[0].epochs = 9
    let whole = FakeStore()
    let expected = try remains(of: whole, whole.loop(longer).run { _ in })
    let store = FakeStore()
    _ = try store.loop(Self.plans[0].1).run { _ in }
    let result = try remains(of: store, store.loop(longer).run { _ in })
    #expect(result == expected)
  }

  @Test func aFinishedRunThatIsResumedFinishesAtOnce() throws {
    let store = FakeStore()
    let first = try remains(of: store, store.loop(Self.plans[0].1).run { _ in })
    var steps = 0
    let second = try remains(
      of: store, store.loop(Self.plans[0].1).run { if case .progress = $0 { steps += 1 } })
    #expect(first == second)
    #expect(steps == 0)
  }
}
