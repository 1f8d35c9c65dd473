import Foundation

/// How long a run took (`timing.json`): the only file of a run beside its log that knows a clock, and that equal runs
/// need not have equal bytes of.
public struct RunTiming: Sendable, Equatable, Codable {
  /// Sums over epochs.
  public struct Part: Sendable, Equatable, Codable {
    public var epochs = 0
    /// Tokens that passed the encoder in training, every epoch counted.
    public var tokens = 0
    public var trainingSeconds = 0.0
    /// Time that scoring dev after each epoch took.
    public var scoringSeconds = 0.0
    /// Tokens a second of training, without scoring; 0 if no time was measured.
    public var tokensPerSecond = 0.0

    public init() {}

    mutating func add(_ other: Part) {
      epochs += other.epochs
      tokens += other.tokens
      trainingSeconds += other.trainingSeconds
      scoringSeconds += other.scoringSeconds
      tokensPerSecond = trainingSeconds > 0 ? Double(tokens) / trainingSeconds : 0
    }
  }

  /// The whole run. Stages that ran side by side count as if one had followed the other.
  public var total = Part()
  /// By stage: `train` is the training of the model itself; sparse sharing also has `warmup` and `prune/<task>`.
  public var stages: [String: Part]

  public init(stages: [String: Part]) {
    self.stages = stages
    for name in stages.keys.sorted() { total.add(stages[name] ?? Part()) }
  }
}

extension RunTiming.Part {
  /// The epochs that a log tells of.
  ///
  /// What a run that was interrupted lost, or measured before its state was last saved, is not in it.
  public init(log: URL) {
    guard let data = try? Data(contentsOf: log) else { return }
    let decoder = JSONDecoder()
    for line in data.split(separator: UInt8(ascii: "\n")) {
      guard let line = try? decoder.decode(LogLine.self, from: line), line.kind == .epoch else { continue }
      var epoch = RunTiming.Part()
      epoch.epochs = 1
      epoch.tokens = line.tokens ?? 0
      epoch.trainingSeconds = line.trainingSeconds ?? 0
      epoch.scoringSeconds = line.scoringSeconds ?? 0
      add(epoch)
    }
  }
}
