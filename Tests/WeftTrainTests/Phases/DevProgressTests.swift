import Testing

@testable import WeftTrain

@Suite struct DevProgressTests {
  func progress(after scores: [Double?], plateau: Int = 2) -> DevProgress {
    var progress = DevProgress()
    for (epoch, score) in scores.enumerated() {
      _ = progress.record(
        .init(epoch: epoch, step: epoch * 10, score: score, scores: [score]), plateau: plateau)
    }
    return progress
  }

  @Test func keepsTheFirstOfEqualScores() {
    #expect(progress(after: [0.5, 0.7, 0.7, 0.6]).best?.epoch == 1)
  }

  @Test func patienceCountsEpochsSinceTheBest() {
    let progress = progress(after: [0.5, 0.7, 0.6, 0.7])
    #expect(progress.epochsSinceBest == 2)
    #expect(!progress.isExhausted(patience: 3))
    #expect(progress.isExhausted(patience: 2))
    #expect(!progress.isExhausted(patience: nil))
  }

  @Test func patienceOfZeroStillTrainsOneEpoch() {
    #expect(!progress(after: [0.5]).isExhausted(patience: 0))
    #expect(progress(after: [0.5, 0.5]).isExhausted(patience: 0))
  }

  @Test func thePlateauWaitsAnewAfterADrop() {
    #expect(progress(after: [0.5, 0.4, 0.4]).plateauDrops == 1)
    #expect(progress(after: [0.5, 0.4, 0.4, 0.4]).plateauDrops == 1)
    #expect(progress(after: [0.5, 0.4, 0.4, 0.4, 0.4]).plateauDrops == 2)
    #expect(progress(after: [0.5, 0.4, 0.6, 0.4]).plateauDrops == 0)
  }

  @Test func withoutScoresTheLastEpochCounts() {
    let progress = progress(after: [nil, nil, nil])
    #expect(progress.best?.epoch == 2)
    #expect(progress.epochsSinceBest == 0)
  }

  @Test func aScoreOfZeroIsAScore() {
    #expect(progress(after: [0, 0]).best?.epoch == 0)
  }
}
