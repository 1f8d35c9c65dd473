import WeftSpec

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The learning rate of a step.
public struct LearningRate: Sendable {
  public let base: Double
  public let schedule: ScheduleSpec
  /// Steps of the whole phase.
  public let totalSteps: Int

  public init(base: Double, schedule: ScheduleSpec, totalSteps: Int) {
    self.base = base
    self.schedule = schedule
    self.totalSteps = totalSteps
  }

  public init(_ phase: Phase) {
    self.init(base: phase.rate, schedule: phase.schedule, totalSteps: phase.epochs * phase.stepsPerEpoch)
  }

  /// The rate of a step.
  ///
  /// - constant: rate
  /// - inverse-time: rate / (1 + decay · epoch)
  /// - step: rate · factor^⌊epoch / every⌋
  /// - cosine: floor + (rate − floor) · (1 + cos(π · step / total)) / 2
  /// - plateau: rate · factor^drops
  ///
  /// each times min(1, (step + 1) / warmup): the first step has a rate above 0, step `warmup` − 1 the full one.
  ///
  /// - Parameters:
  ///   - step: from 0, since the start of the phase.
  ///   - epoch: from 0.
  ///   - drops: times that the dev score has stood still (``DevProgress/plateauDrops``).
  public func rate(step: Int, epoch: Int, drops: Int) -> Double {
    let decayed =
      switch schedule.kind {
      case .constant: base
      case .inverseTime: base / (1 + schedule.decay * Double(epoch))
      case .step: base * pow(schedule.factor, Double(epoch / max(1, schedule.every)))
      case .cosine:
        schedule.floor + (base - schedule.floor)
          * (1 + cos(.pi * min(1, Double(step) / Double(max(1, totalSteps))))) / 2
      case .plateau: base * pow(schedule.factor, Double(drops))
      }
    guard step + 1 < schedule.warmup else { return decayed }
    return decayed * Double(step + 1) / Double(schedule.warmup)
  }
}
