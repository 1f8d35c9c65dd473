import WeftSpec

/// What makes a phase a round of iterative magnitude pruning (Sun et al. 2020, Algorithm 1): it trains one task under a
/// mask, whose dev score is kept with it, and leaves the mask of the next round.
public struct PruningRound: Sendable, Equatable, Codable {
  /// The mask of the next round: this one's without the weights of smallest magnitude, as the phase leaves them.
  public struct Next: Sendable, Equatable, Codable {
    /// Its name in the store.
    public var mask: String
    /// Weights that it keeps.
    public var survivors: Int
    public init(mask: String, survivors: Int) {
      self.mask = mask
      self.survivors = survivors
    }
  }

  /// Number of the task.
  public var task: Int
  /// Prunings before it; round 0 trains the whole network.
  public var number: Int
  /// Number of the last round.
  public var last: Int
  /// Name of its mask in the store, where its dev score goes.
  public var mask: String
  /// Nil in the last round.
  public var next: Next?
  public var granularity: PruneSpec.Granularity
  public var scope: PruneSpec.Scope

  public init(
    task: Int, number: Int, last: Int, mask: String, next: Next?,
    granularity: PruneSpec.Granularity = .weights, scope: PruneSpec.Scope = .global
  ) {
    self.task = task
    self.number = number
    self.last = last
    self.mask = mask
    self.next = next
    self.granularity = granularity
    self.scope = scope
  }

  /// Name of a round's mask: `round-07`.
  public static func maskName(_ number: Int) -> String { "round-" + (number < 10 ? "0" : "") + "\(number)" }
}

/// How much of what a task reaches a mask keeps.
public struct SubnetSize: Sendable, Equatable, Codable {
  /// Weights that it keeps.
  public var kept: Int
  /// Prunable weights that the task reaches.
  public var reached: Int
  public init(kept: Int, reached: Int) {
    self.kept = kept
    self.reached = reached
  }
  /// In 0 ... 1; 1 if there is nothing to prune.
  public var density: Double { reached == 0 ? 1 : Double(kept) / Double(reached) }
}
