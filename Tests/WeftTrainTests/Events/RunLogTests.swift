import Foundation
import Testing
import WeftSpec

@testable import WeftTrain

@Suite struct RunLogTests {
  let url = FileManager.default.temporaryDirectory.appending(path: "weft-log-\(UUID()).jsonl")

  func lines() throws -> [LogLine] {
    defer { try? FileManager.default.removeItem(at: url) }
    return try String(contentsOf: url, encoding: .utf8).split(separator: "\n").map {
      try JSONDecoder().decode(LogLine.self, from: Data($0.utf8))
    }
  }

  /// What must be equal between runs: everything but speed, and that there was an interruption.
  func comparable(_ lines: [LogLine]) -> [LogLine] {
    lines.filter { $0.kind != .resumed }.map { line in
      var line = line
      line.tokensPerSecond = nil
      line.trainingSeconds = nil
      line.scoringSeconds = nil
      return line
    }
  }

  static let plan: TrainingPlan = {
    var plan = singlePlan(sizes: [230, 410], recipe: .test { $0.patience = 2 }, saveEvery: 60)
    plan.phases[0].epochs = 3
    return plan
  }()

  @Test func tellsARunFromStartToFinish() throws {
    let log = try RunLog(creating: url, taskNames: Self.plan.taskNames)
    _ = try FakeStore().loop(Self.plan, script: [[0.5, 0.5]]).run { try log.write($0) }
    let lines = try lines()
    #expect(lines.first?.kind == .started)
    #expect(lines.last?.kind == .finished)
    #expect(lines.filter { $0.kind == .phase }.count == 2)
    #expect(lines.filter { $0.kind == .stopped }.count == 1)
    let progress = lines.filter { $0.kind == .progress }
    #expect(progress.map(\.step) == progress.map(\.step).sorted())
    #expect(progress.allSatisfy { $0.step % 100 == 0 })
    let epoch = try #require(lines.first { $0.kind == .epoch })
    #expect(epoch.epoch == 1)
    #expect(epoch.scores == ["task0": 0.5, "task1": 0.5])
    #expect(epoch.losses?.keys.sorted() == ["task0"])
  }

  @Test func afterKillsItReadsAsIfThereHadBeenNone() throws {
    let whole = try RunLog(creating: url, taskNames: Self.plan.taskNames)
    let counter = Fuse()
    _ = try FakeStore().loop(Self.plan, fuse: counter).run { try whole.write($0) }
    let expected = comparable(try lines())
    for trial in 1...12 {
      let store = FakeStore()
      let point = trial * counter.calls / 13
      _ = try? {
        let log = try RunLog(creating: url, taskNames: Self.plan.taskNames)
        _ = try store.loop(Self.plan, fuse: Fuse(point)).run { try log.write($0) }
      }()
      if trial % 3 == 0 {
        // A kill in the middle of a line.
        let handle = try FileHandle(forWritingTo: url)
        try handle.seekToEnd()
        try handle.write(contentsOf: Data("{\"kind\":\"prog".utf8))
      }
      let loop = try store.loop(Self.plan)
      let log =
        if store.saved == nil {
          try RunLog(creating: url, taskNames: Self.plan.taskNames)
        } else {
          try RunLog(resuming: url, at: loop.state, taskNames: Self.plan.taskNames)
        }
      _ = try loop.run { try log.write($0) }
      #expect(comparable(try lines()) == expected, "killed at call \(point)")
    }
  }

  @Test func aMissingLogIsBegunAnew() throws {
    var state = LoopState(plan: Self.plan)
    state.advance(to: 1, of: Self.plan)
    let log = try RunLog(resuming: url, at: state, taskNames: Self.plan.taskNames)
    try log.write(.started(TrainingStart(plan: Self.plan, state: state, isResumed: true)))
    #expect(try lines().map(\.kind) == [.resumed])
  }

  @Test func aFolderThatIsNotThereIsNamed() {
    let url = URL(filePath: "/nowhere/at/all/log.jsonl")
    let error = #expect(throws: TrainError.self) { try RunLog(creating: url, taskNames: []) }
    #expect(error?.kind == .unwritable)
    #expect(error?.message.hasPrefix("cannot write /nowhere/at/all/log.jsonl") == true)
  }
}
