/// Speed and due times for people who watch; nothing that training computes depends on it.
struct SpeedMeter {
  struct Speed {
    var tokensPerSecond = 0.0
    var stepsPerSecond = 0.0
  }
  /// Seconds between reports where nothing else is due.
  static let interval: Duration = .milliseconds(200)

  private let clock = ContinuousClock()
  private var origin: ContinuousClock.Instant
  private var lastReport: ContinuousClock.Instant
  private var originStep = 0
  private var originTokens = 0

  init() {
    origin = clock.now
    lastReport = origin
  }

  /// Begins to measure: at the start of a run and of each epoch.
  mutating func restart(step: Int, tokens: Int) {
    origin = clock.now
    lastReport = origin
    originStep = step
    originTokens = tokens
  }

  func isDue() -> Bool { clock.now - lastReport >= Self.interval }

  /// Seconds since measuring began.
  func elapsed() -> Double { (clock.now - origin) / .seconds(1) }

  /// Speed since measuring began.
  mutating func lap(step: Int, tokens: Int) -> Speed {
    lastReport = clock.now
    let seconds = elapsed()
    guard seconds > 0 else { return Speed() }
    return Speed(
      tokensPerSecond: Double(tokens - originTokens) / seconds,
      stepsPerSecond: Double(step - originStep) / seconds)
  }
}
