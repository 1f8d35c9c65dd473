import Foundation
import WeftSpec

/// How many weights survive each round of iterative magnitude pruning (Sun et al. 2020, Algorithm 1 and Table 4).
///
/// A round removes k = round-half-even(rate · n) of the n weights that are left. With a number of rounds, rate =
/// 1 − final^(1/rounds), so that each keeps the same share and the last one arrives at `final`; a given rate is
/// repeated until the density is at most `final`.
public struct PruningSchedule: Sendable, Equatable {
  /// Weights to prune, all that the task reaches.
  public let prunable: Int
  /// Share of what is left that each round removes.
  public let rate: Double
  /// Weights left after rounds 1, 2, …
  public let surviving: [Int]

  /// - Parameter prunable: prunable weights that the task reaches.
  public init(spec: PruneSpec, prunable: Int) {
    self.prunable = prunable
    let rounds = max(spec.rounds, 1)
    let rate = spec.rate ?? 1 - pow(spec.final, 1 / Double(rounds))
    self.rate = rate
    var surviving: [Int] = []
    var left = prunable
    func isDone() -> Bool {
      spec.rate == nil ? surviving.count == rounds : Double(left) <= spec.final * Double(prunable)
    }
    while !isDone() {
      let removed = Int((rate * Double(left)).rounded(.toNearestOrEven))
      // So few are left that the rate removes less than half of one, now and ever after.
      if removed == 0, spec.rate != nil { break }
      left -= removed
      surviving.append(left)
    }
    self.surviving = surviving
  }

  /// Number of prunings.
  public var rounds: Int { surviving.count }

  /// Weights left after so many prunings; all of them after none.
  public func surviving(afterRound round: Int) -> Int { round == 0 ? prunable : surviving[round - 1] }

  /// Share of the weights left after so many prunings.
  public func density(afterRound round: Int) -> Double {
    prunable == 0 ? 1 : Double(surviving(afterRound: round)) / Double(prunable)
  }
}
