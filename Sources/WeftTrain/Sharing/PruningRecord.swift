import WeftRuntime
import WeftSpec

/// What the rounds of pruning a task led to (`rounds.json`): the candidates for its subnet, with the dev scores of
/// trainings under them. The masks are beside it, in `masks/`.
public struct PruningRecord: Sendable, Equatable, Codable {
  public struct Round: Sendable, Equatable, Codable {
    /// Prunings that led to the mask; round 0 trained the whole network, and is no candidate.
    public var number: Int
    /// Name of its mask: `masks/<name>.safetensors`.
    public var mask: String
    /// Weights that the mask keeps.
    public var kept: Int
    /// Share of what the task reaches, in 0 ... 1.
    public var density: Double
    /// Dev score of the best epoch under the mask, in 0 ... 1; nil without dev data.
    public var score: Double?
    public init(number: Int, mask: String, kept: Int, density: Double, score: Double?) {
      self.number = number
      self.mask = mask
      self.kept = kept
      self.density = density
      self.score = score
    }
  }

  public var task: String
  public var granularity: PruneSpec.Granularity
  public var scope: PruneSpec.Scope
  /// Prunable weights that the task reaches.
  public var reached: Int
  /// From round 0.
  public var rounds: [Round]

  public init(
    task: String, granularity: PruneSpec.Granularity, scope: PruneSpec.Scope, reached: Int, rounds: [Round]
  ) {
    self.task = task
    self.granularity = granularity
    self.scope = scope
    self.reached = reached
    self.rounds = rounds
  }

  /// The task's subnet.
  ///
  /// - `best`: the best dev score; ties go to the lowest density.
  /// - `density`: the density closest to it; ties go to the lowest.
  /// - `round`: that round.
  ///
  /// - Throws: `TrainError` if there is no such round, or no dev score where one is asked for.
  public func choice(_ selection: PruneSpec.Selection) throws(TrainError) -> Round {
    let candidates = rounds.filter { $0.number > 0 }
    guard var chosen = candidates.last else {
      throw TrainError(.data, "pruning task \(task) made no round", suggestion: "check sharing.prune")
    }
    switch selection {
    case .best:
      guard candidates.allSatisfy({ $0.score != nil }) else {
        throw TrainError(
          .data, "task \(task) has no dev score, by which its subnet could be chosen",
          suggestion:
            "give it labelled dev data, or choose by sharing.prune.select: {density: …} or {round: …}")
      }
      for round in candidates where isBetter(round.score ?? 0, round, than: chosen.score ?? 0, chosen) {
        chosen = round
      }
    case .density(let density):
      for round in candidates
      where isBetter(-abs(round.density - density), round, than: -abs(chosen.density - density), chosen) {
        chosen = round
      }
    case .round(let number):
      guard let round = candidates.first(where: { $0.number == number }) else {
        throw TrainError(
          .data, "pruning task \(task) has no round \(number)",
          suggestion: "sharing.prune.select can name rounds 1 to \(candidates.count)")
      }
      chosen = round
    }
    return chosen
  }

  private func isBetter(_ value: Double, _ round: Round, than best: Double, _ chosen: Round) -> Bool {
    value > best || (value == best && round.density < chosen.density)
  }
}
