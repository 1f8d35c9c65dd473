import Testing

@testable import WeftTrain

struct TieTests {
  private let names = ["O", "B-LOC", "I-LOC"]

  private func answer(_ probabilities: [[Float]]?) -> TaskTags {
    TaskTags(
      task: "ner", tags: ["O", "B-LOC", "I-LOC"], labels: ["O", "B-LOC", "I-LOC"],
      probabilities: probabilities, alternatives: nil)
  }

  @Test func labelsThatAreAsProbableAreTied() {
    let own = answer([[0.5, 0.499_99, 0], [0.1, 0.8, 0.1], [0, 0.4, 0.6]])
    #expect(own.isTied(with: [1, 1, 2], names: names, tolerance: 1e-4))
    #expect(!own.isTied(with: [1, 1, 2], names: names, tolerance: 1e-6))
    #expect(!own.isTied(with: [2, 1, 2], names: names, tolerance: 1e-4))
    // One tie does not excuse another difference.
    #expect(!own.isTied(with: [1, 1, 1], names: names, tolerance: 1e-4))
  }

  @Test func equalLabelsAreNoTie() {
    let own = answer([[1, 0, 0], [0, 1, 0], [0, 0, 1]])
    #expect(!own.isTied(with: [0, 1, 2], names: names, tolerance: 1))
  }

  @Test func whatCannotBeComparedIsNoTie() {
    #expect(!answer(nil).isTied(with: [1, 1, 2], names: names, tolerance: 1))
    let own = answer([[.nan, 0.5, 0.5], [0, 1, 0], [0, 0, 1]])
    #expect(!own.isTied(with: [1, 1, 2], names: names, tolerance: 1))
    #expect(!own.isTied(with: [3, 1, 2], names: names, tolerance: 1))
    #expect(!own.isTied(with: [-1, 1, 2], names: names, tolerance: 1))
    #expect(!own.isTied(with: [1], names: names, tolerance: 1))
  }
}
