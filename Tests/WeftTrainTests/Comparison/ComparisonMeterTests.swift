import Testing

@testable import WeftTrain

struct ComparisonMeterTests {
  private func progress(_ step: Int, epoch: Int, epochStep: Int, phase: Int = 0) -> TrainingEvent {
    .progress(
      StepProgress(
        phase: "joint", phaseNumber: phase, phaseCount: 1, epoch: epoch, epochs: 4, step: step,
        epochStep: epochStep, stepsPerEpoch: 10, losses: [], tokens: 0, rate: 0.1, tokensPerSecond: 0,
        stepsPerSecond: 0))
  }

  @Test func stepsAreCountedOverRuns() {
    var meter = ComparisonMeter(finished: 1, total: 3)
    meter.add(0, title: "hard, seed 1", planned: ["train": 40])
    meter.add(1, title: "hard, seed 2", planned: ["train": 40])
    #expect(meter.progress(elapsed: 0).secondsLeft == nil)
    _ = meter.take(progress(1, epoch: 0, epochStep: 1), of: 0)
    let isShown = meter.take(progress(21, epoch: 2, epochStep: 1), of: 0)
    #expect(isShown)
    let half = meter.progress(elapsed: 10)
    #expect(half.finished == 1 && half.total == 3)
    #expect(half.fraction == 21.0 / 80)
    #expect(half.current == ["hard, seed 1: joint epoch 3/4"])
    // 20 steps in 10 seconds, and 59 are left.
    #expect(half.secondsLeft == 29.5)
    // A run that ends early leaves nothing to do.
    meter.end(0, isFinished: true)
    #expect(meter.progress(elapsed: 10).fraction == 0.5)
    #expect(meter.progress(elapsed: 10).finished == 2)
    #expect(meter.progress(elapsed: 10).current.isEmpty)
  }

  @Test func whatAnEarlierSessionComputedIsDoneButNotItsSpeed() {
    var meter = ComparisonMeter(finished: 0, total: 1)
    meter.add(0, title: "hard", planned: ["train": 40])
    _ = meter.take(progress(30, epoch: 3, epochStep: 0), of: 0)
    #expect(meter.progress(elapsed: 5).fraction == 0.75)
    #expect(meter.progress(elapsed: 5).secondsLeft == nil)
    _ = meter.take(progress(32, epoch: 3, epochStep: 2), of: 0)
    #expect(meter.progress(elapsed: 4).secondsLeft == 16)
  }

  @Test func stagesAddUp() {
    var meter = ComparisonMeter(finished: 0, total: 1)
    meter.add(0, title: "sparse", planned: ["warmup": 20, "prune/pos": 40, "train": 40])
    _ = meter.take(.stageBegan(StageStart(stage: .warmup, isFinished: true)), of: 0)
    #expect(meter.progress(elapsed: 1).fraction == 0.2)
    _ = meter.take(.stageBegan(StageStart(stage: .pruning(task: "pos"))), of: 0)
    _ = meter.take(progress(10, epoch: 1, epochStep: 0), of: 0)
    #expect(abs(meter.progress(elapsed: 1).fraction - 0.3) < 1e-12)
    // Rounds that ended early are over once training begins.
    _ = meter.take(.stageBegan(StageStart(stage: .training)), of: 0)
    #expect(abs(meter.progress(elapsed: 1).fraction - 0.6) < 1e-12)
  }
}
