import Testing
import WeftSpec

@testable import WeftTrain

@Suite struct LearningRateTests {
  func rate(_ schedule: ScheduleSpec, step: Int = 0, epoch: Int = 0, drops: Int = 0) -> Double {
    LearningRate(base: 0.1, schedule: schedule, totalSteps: 1000).rate(step: step, epoch: epoch, drops: drops)
  }

  @Test func constantStays() {
    #expect(rate(ScheduleSpec(kind: .constant), step: 999, epoch: 30, drops: 4) == 0.1)
  }

  @Test(arguments: [(0, 0.1), (1, 0.1 / 1.05), (20, 0.05), (99, 0.1 / 5.95)])
  func inverseTimeFallsByEpoch(epoch: Int, expected: Double) {
    #expect(abs(rate(ScheduleSpec(kind: .inverseTime, decay: 0.05), epoch: epoch) - expected) < 1e-15)
  }

  @Test(arguments: [(0, 0.1), (4, 0.1), (5, 0.05), (9, 0.05), (10, 0.025)])
  func stepFallsEveryFewEpochs(epoch: Int, expected: Double) {
    #expect(abs(rate(ScheduleSpec(kind: .step, factor: 0.5, every: 5), epoch: epoch) - expected) < 1e-15)
  }

  @Test(arguments: [
    (0, 0.1), (250, 0.02 + 0.08 * 0.853_553_390_593_273_8), (500, 0.06), (1000, 0.02), (2000, 0.02),
  ])
  func cosineFallsToItsFloor(step: Int, expected: Double) {
    #expect(abs(rate(ScheduleSpec(kind: .cosine, floor: 0.02), step: step) - expected) < 1e-12)
  }

  @Test func plateauFallsByDrop() {
    #expect(abs(rate(ScheduleSpec(kind: .plateau, factor: 0.5), epoch: 50, drops: 3) - 0.0125) < 1e-15)
  }

  @Test(arguments: [(0, 0.01), (4, 0.05), (8, 0.09), (9, 0.1), (10, 0.1)])
  func warmUpRisesLinearly(step: Int, expected: Double) {
    #expect(abs(rate(ScheduleSpec(kind: .constant, warmup: 10), step: step) - expected) < 1e-15)
  }

  @Test func warmUpMultipliesADecayingRate() {
    let schedule = ScheduleSpec(kind: .inverseTime, decay: 1, warmup: 4)
    #expect(abs(rate(schedule, step: 1, epoch: 1) - 0.1 / 2 * 2 / 4) < 1e-15)
  }
}
