import Testing

@testable import WeftPackage

struct ScoreChangeTests {
  private let changes = [
    ScoreChange(task: "pos", before: 0.93, after: 0.9275),
    ScoreChange(task: "ner", before: 0.5, after: 0.4912),
    ScoreChange(task: "deprel", before: 0.8, after: 0.81),
  ]

  @Test func dropsWithinTheLimitPass() throws {
    try ScoreChange.check(changes, weights: .int8, limit: 0.88)
    try ScoreChange.check([], weights: .int8, limit: 0)
    try ScoreChange.check([ScoreChange(task: "a", before: 0.5, after: 0.5)], weights: .bf16, limit: 0)
  }

  @Test func theTaskThatLosesMostIsNamed() {
    let error = #expect(throws: PackageError.self) {
      try ScoreChange.check(changes, weights: .int8, limit: 0.5)
    }
    #expect(error?.kind == .score)
    #expect(error?.message == "int8 costs task ner 0.88 points; 0.50 are allowed, so nothing is written")
    #expect(error?.suggestion?.contains("bf16 or fp32") == true)
  }

  @Test func aScoreThatIsNoNumberIsRefused() {
    let change = ScoreChange(task: "a", before: 0.5, after: .nan)
    #expect(throws: PackageError.self) { try ScoreChange.check([change], weights: .bf16, limit: 100) }
  }
}
