import Testing
import WeftSpec

@testable import WeftTrain

struct PruningScheduleTests {
  /// The densities of Table 4 of Sun et al. (2020), for the network of its first experiment.
  @Test func tableFourComesOutToTheWeight() {
    let schedule = PruningSchedule(spec: PruneSpec(), prunable: 530_700)
    #expect(schedule.rounds == 20)
    for (round, percent, surviving) in [
      (1, 89.13, 472_987), (5, 56.23, 298_434), (6, 50.12, 265_980), (7, 44.67, 237_055),
      (10, 31.62, 167_822), (20, 10, 53_070),
    ] {
      #expect(schedule.surviving(afterRound: round) == surviving)
      #expect((10_000 * schedule.density(afterRound: round)).rounded() == (100 * percent).rounded())
    }
    #expect(schedule.surviving(afterRound: 0) == 530_700)
    #expect(schedule.density(afterRound: 0) == 1)
  }

  @Test func aPlainRateGoesOnUntilTheDensityIsReached() {
    var spec = PruneSpec()
    spec.rate = 0.2
    let schedule = PruningSchedule(spec: spec, prunable: 530_700)
    #expect(
      schedule.surviving == [
        424_560, 339_648, 271_718, 217_374, 173_899, 139_119, 111_295, 89_036, 71_229, 56_983, 45_586,
      ])
    #expect(schedule.density(afterRound: schedule.rounds) <= 0.1)
    #expect(schedule.density(afterRound: schedule.rounds - 1) > 0.1)
  }

  @Test func halvesGoToTheEvenNumber() {
    var spec = PruneSpec()
    (spec.rate, spec.final) = (0.5, 0.3)
    // 0.5 · 5 = 2.5 → 2, 0.5 · 3 = 1.5 → 2.
    #expect(PruningSchedule(spec: spec, prunable: 5).surviving == [3, 1])
  }

  @Test func fewWeightsEndARateThatRemovesNothing() {
    var spec = PruneSpec()
    spec.rate = 0.1
    #expect(
      PruningSchedule(spec: spec, prunable: 25).surviving == [
        23, 21, 19, 17, 15, 13, 12, 11, 10, 9, 8, 7, 6, 5,
      ])
    #expect(PruningSchedule(spec: spec, prunable: 0).surviving == [])
  }

  @Test func aNumberOfRoundsIsKept() {
    var spec = PruneSpec()
    spec.rounds = 6
    #expect(PruningSchedule(spec: spec, prunable: 30).surviving == [20, 14, 10, 7, 5, 3])
    #expect(PruningSchedule(spec: spec, prunable: 0).surviving == [0, 0, 0, 0, 0, 0])
  }
}
