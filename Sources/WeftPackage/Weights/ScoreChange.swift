import WeftCodegen

/// What storing weights in fewer bits does to the score of a task.
public struct ScoreChange: Sendable, Equatable {
  public var task: String
  /// Scores from 0 to 1, with the weights as they were trained and as they are stored.
  public var before: Double
  public var after: Double

  public init(task: String, before: Double, after: Double) {
    self.task = task
    self.before = before
    self.after = after
  }

  /// In points of a hundred; negative if the score rises.
  public var drop: Double { 100 * (before - after) }

  /// Checks that no task's score drops by more points than the user allows.
  ///
  /// - Throws: `.score`, naming the task that loses most.
  public static func check(
    _ changes: [ScoreChange], weights: PackageWeights, limit: Double
  ) throws(PackageError) {
    // A score that is no number is as bad as one can be.
    func loss(_ change: ScoreChange) -> Double { change.drop.isNaN ? .infinity : change.drop }
    guard let worst = changes.max(by: { loss($0) < loss($1) }), loss(worst) > limit else { return }
    let wider = weights == .int8 ? "bf16 or fp32" : "fp32"
    throw PackageError(
      .score,
      "\(weights.rawValue) costs task \(worst.task) \(TaggerInterface.points(worst.drop / 100)) points; "
        + "\(TaggerInterface.points(limit / 100)) are allowed, so nothing is written",
      suggestion: "choose \(wider), or allow more with --max-score-drop")
  }
}
