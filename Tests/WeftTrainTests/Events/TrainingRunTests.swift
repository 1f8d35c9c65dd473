import Testing
import WeftSpec

@testable import WeftTrain

@Suite struct TrainingRunTests {
  /// A run over a fake engine that lasts until it is told to stop.
  func endless() -> TrainingRun<Int> {
    TrainingRun { emit, isCancelled in
      var plan = jointPlan(sizes: [400])
      plan.phases[0].epochs = 1_000_000
      let loop = try FakeStore().loop(plan)
      guard case .cancelled(let state) = try loop.run(observe: emit, isCancelled: isCancelled) else {
        return -1
      }
      return state.step
    }
  }

  @Test func eventsEndWithTheRun() async throws {
    let run = TrainingRun { emit, isCancelled in
      _ = try FakeStore().loop(jointPlan(sizes: [8])).run(observe: emit, isCancelled: isCancelled)
    }
    var last: TrainingEvent?
    var epochs = 0
    for await event in run.events {
      if case .epochFinished = event { epochs += 1 }
      last = event
    }
    try await run.result
    #expect(epochs == 5)
    guard case .finished = last else {
      Issue.record("the last event is \(String(describing: last))")
      return
    }
  }

  @Test func cancelEndsARunWithItsStateSaved() async throws {
    let run = endless()
    var saved: Int?
    for await event in run.events {
      if case .epochFinished = event { run.cancel() }
      if case .cancelled(let step) = event { saved = step }
    }
    let step = try await run.result
    #expect(step > 0)
    #expect(step == saved)
  }

  @Test func cancellingTheWaitingTaskCancelsTheRun() async throws {
    let run = endless()
    let waiting = Task { try await run.result }
    waiting.cancel()
    #expect(try await waiting.value >= 0)
  }

  @Test func cancellingTheReadingTaskCancelsTheRun() async throws {
    let run = endless()
    let reading = Task { for await _ in run.events {} }
    reading.cancel()
    await reading.value
    #expect(try await run.result >= 0)
  }

  @Test func errorsReachWhoWaits() async {
    let run = TrainingRun<Void> { _, _ in throw TrainError(.data, "nothing to train on") }
    await #expect(throws: TrainError(.data, "nothing to train on")) { try await run.result }
  }
}
