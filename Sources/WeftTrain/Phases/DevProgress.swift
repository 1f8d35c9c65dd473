/// How the dev score of a phase has moved: the best epoch, and how long ago it was.
public struct DevProgress: Sendable, Equatable, Codable {
  /// The epoch whose parameters are kept.
  public struct Best: Sendable, Equatable, Codable {
    /// From 0.
    public var epoch: Int
    /// Steps of the whole run at its end.
    public var step: Int
    /// Mean of the decisive tasks' dev scores; nil without dev data.
    public var score: Double?
    /// Dev score of each task, by task number; nil where it has no dev data or was not trained.
    public var scores: [Double?]
    public init(epoch: Int, step: Int, score: Double?, scores: [Double?]) {
      self.epoch = epoch
      self.step = step
      self.score = score
      self.scores = scores
    }
  }

  public private(set) var best: Best?
  /// Epochs since the best one.
  public private(set) var epochsSinceBest = 0
  /// Epochs since the best one or the last drop of the rate.
  public private(set) var plateauEpochs = 0
  /// Times that the score did not rise for as many epochs as the plateau schedule waits.
  public private(set) var plateauDrops = 0

  public init() {}

  /// Takes in the dev score of an epoch.
  ///
  /// An epoch is better if its score is higher, not equal. Without dev data every epoch is: the last one is kept.
  ///
  /// - Parameter plateau: epochs without a better score that make a drop.
  /// - Returns: whether it is the best epoch so far.
  public mutating func record(_ epoch: Best, plateau: Int) -> Bool {
    let isBetter =
      switch (epoch.score, best?.score) {
      case (let score?, let record?): score > record
      default: true
      }
    if isBetter {
      best = epoch
      epochsSinceBest = 0
      plateauEpochs = 0
      return true
    }
    epochsSinceBest += 1
    plateauEpochs += 1
    if plateauEpochs >= plateau {
      plateauDrops += 1
      plateauEpochs = 0
    }
    return false
  }

  /// Has the score not risen for this many epochs?
  public func isExhausted(patience: Int?) -> Bool {
    guard let patience else { return false }
    return epochsSinceBest >= max(1, patience)
  }
}
