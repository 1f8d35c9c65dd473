import Testing
import WeftSpec

@testable import WeftTrain

@Suite struct PruningRecordTests {
  private func record(_ scores: [Double?]) -> PruningRecord {
    let densities = [1, 0.8, 0.5, 0.25]
    return PruningRecord(
      task: "ner", granularity: .weights, scope: .global, reached: 100,
      rounds: scores.enumerated().map { number, score in
        PruningRecord.Round(
          number: number, mask: PruningRound.maskName(number), kept: Int(100 * densities[number]),
          density: densities[number], score: score)
      })
  }

  @Test(arguments: [
    ([0.9, 0.5, 0.7, 0.6], 2),  // The whole network is no candidate.
    ([0.1, 0.5, 0.5, 0.5], 3),  // Ties go to the lowest density.
    ([0.1, 0.5, 0.5, 0.4], 2), ([0.1, 0, 0, 0], 3),
  ])
  func theBestDevScoreIsChosen(scores: [Double], round: Int) throws {
    #expect(try record(scores).choice(.best).number == round)
  }

  @Test(arguments: [(0.5, 2), (0.6, 2), (0.7, 1), (0.65, 2), (0.01, 3), (1, 1)])
  func theClosestDensityIsChosen(density: Double, round: Int) throws {
    #expect(try record([nil, nil, nil, nil]).choice(.density(density)).number == round)
  }

  @Test func aRoundIsChosenByItsNumber() throws {
    #expect(try record([0.9, 0.5, 0.7, 0.6]).choice(.round(3)).number == 3)
    for number in [0, 4, -1] {
      let error = #expect(throws: TrainError.self) { try record([0, 0, 0, 0]).choice(.round(number)) }
      #expect(error?.suggestion == "sharing.prune.select can name rounds 1 to 3")
    }
  }

  @Test func withoutScoresThereIsNoBest() {
    #expect(throws: TrainError.self) { try record([0.5, 0.5, nil, 0.5]).choice(.best) }
    #expect(throws: TrainError.self) { try record([0.5]).choice(.best) }
  }

  @Test func namesOfMasksSort() {
    #expect([0, 7, 12].map(PruningRound.maskName) == ["round-00", "round-07", "round-12"])
  }
}
