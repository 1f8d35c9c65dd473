import WeftTrain

/// Shows a comparison as it goes: a line a finished run, and on a terminal a line that tells how far it is.
public struct ComparisonRenderer: Sendable {
  private let style: ProgressRenderer.Style
  /// The comparison, where several run one after the other.
  private let name: String
  private var hasBar = false
  private var found = 0

  public init(style: ProgressRenderer.Style, name: String = "") {
    self.style = style
    self.name = name
  }

  /// The text for an event: empty if it shows nothing.
  public mutating func render(_ event: ComparisonEvent) -> String {
    switch event {
    case .found:
      found += 1
      return ""
    case .began(let run):
      guard case .plain = style else { return "" }
      return lines("\(run.title): begins")
    case .progressed(let progress):
      guard case .terminal(let columns) = style else { return "" }
      hasBar = true
      let text = Self.line(progress)
      return "\r\u{1B}[K" + String(text.unicodeScalars.prefix(max(0, columns - 1)))
    case .finished(let run, let report, let progress):
      return lines("\(run.title): \(Self.scores(report))  (\(progress.finished) of \(progress.total) runs)")
    case .stopped(let run): return lines("\(run.title): stopped; the state is saved")
    case .failed(let run, _): return lines("\(run.title): failed")
    case .left(let run): return lines("\(run.title): left, since the run whose masks it needs failed")
    }
  }

  /// What is said when all runs are over.
  public mutating func summary() -> String {
    found == 0 ? clear() : lines("\(found) \(found == 1 ? "run was" : "runs were") finished before")
  }

  /// Removes the line that tells how far it is, if one stands.
  public mutating func clear() -> String {
    defer { hasBar = false }
    return hasBar ? "\r\u{1B}[K" : ""
  }

  private mutating func lines(_ text: String) -> String {
    clear() + (name.isEmpty ? "" : "\(name): ") + text + "\n"
  }

  private static func scores(_ report: TrainingReport) -> String {
    let evaluation = report.test ?? report.dev
    let split = report.test == nil ? "dev" : "test"
    guard let evaluation, !evaluation.tasks.isEmpty else { return "finished" }
    return split + " "
      + evaluation.tasks.map { "\($0.task) \(Quantity.percent($0.score.value))" }.joined(separator: " ")
  }

  private static func line(_ progress: ComparisonProgress) -> String {
    var parts = [
      "\(progress.finished)/\(progress.total) runs, \(Quantity.fixed(100 * progress.fraction, 0)) %"
    ]
    // Phases may end before their last epoch, so this is the longest that it can take.
    if let seconds = progress.secondsLeft { parts.append("at most \(Quantity.duration(seconds)) left") }
    return (parts + progress.current).joined(separator: "  ")
  }
}
