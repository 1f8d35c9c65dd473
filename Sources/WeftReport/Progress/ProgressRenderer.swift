import WeftTrain

/// Shows a run as it goes: a bar that is redrawn on a terminal, plain lines elsewhere.
///
/// A value that turns events into text; whoever has it writes the text (to standard error, usually).
public struct ProgressRenderer: Sendable {
  public enum Style: Sendable, Equatable {
    /// A terminal of so many columns.
    case terminal(columns: Int)
    /// A file or a pipe: a line an epoch, and some in between.
    case plain
  }

  private let style: Style
  private var taskNames: [String] = []
  /// Text of the bar that stands on the terminal's last line.
  private var bar = ""
  /// Plain lines within an epoch: one for each tenth of it.
  private var tenth = 0

  /// Is it pruning, of which rounds are shown and not their epochs?
  private var isPruning = false

  public init(style: Style) { self.style = style }

  /// The text for an event: empty if it shows nothing.
  public mutating func render(_ event: TrainingEvent) -> String {
    switch event {
    case .initialized(let path, let transfer):
      return lines("parameters from \(path)\n\(transfer.report)")
    case .started(let start):
      taskNames = start.plan.taskNames
      isPruning = start.plan.phases.contains { $0.round != nil }
      return lines(Self.headline(start))
    case .progress(let progress):
      return render(progress)
    case .epochFinished(let epoch):
      tenth = 0
      return isPruning ? "" : lines(line(epoch))
    case .stoppedEarly(let stop):
      if isPruning { return "" }
      let best = stop.best.map { ": the best epoch was \($0.epoch + 1)" } ?? ""
      return lines("stopped after epoch \(stop.epoch + 1)\(best)")
    case .phaseFinished, .saved: return ""
    case .roundFinished(let round): return lines(line(round))
    case .stageBegan(let start): return lines(headline(start))
    case .cancelled(let step): return lines("stopped after step \(step); the state is saved")
    case .finished(let summary):
      if isPruning { return lines("trained \(summary.steps) steps in \(summary.phases) rounds") }
      let best = summary.best.map { ", best epoch \($0.epoch + 1)" } ?? ""
      return lines("trained \(summary.steps) steps\(best)")
    }
  }

  /// Removes the bar, if one stands; for whoever writes something else.
  public mutating func clear() -> String {
    defer { bar = "" }
    return bar.isEmpty ? "" : "\r\u{1B}[K"
  }

  private mutating func lines(_ text: String) -> String { clear() + text + "\n" }

  // MARK: Texts

  private static func headline(_ start: TrainingStart) -> String {
    let phases = start.plan.phases
    let phase = phases[min(start.state.phase, phases.count - 1)]
    let what = phases.count == 1 ? "" : "\(phases.count) phases, "
    let verb = start.isResumed ? "going on after step \(start.state.step)" : "training"
    let trained = Set(phases.flatMap(\.tasks.indices))
    let names = start.plan.taskNames.indices.filter(trained.contains).map { start.plan.taskNames[$0] }
    return "\(verb): \(names.joined(separator: ", ")); \(what)up to \(phase.epochs) epochs of"
      + " \(phase.stepsPerEpoch) steps"
  }

  private mutating func render(_ progress: StepProgress) -> String {
    switch style {
    case .plain:
      if isPruning { return "" }
      let now = progress.epochStep * 10 / max(1, progress.stepsPerEpoch)
      guard now > tenth, now < 10 else { return "" }
      tenth = now
      return lines("\(position(progress)) \(now * 10) %  \(losses(progress.losses))  \(speed(progress))")
    case .terminal(let columns):
      let fraction = Double(progress.epochStep) / Double(max(1, progress.stepsPerEpoch))
      let tail = "  \(losses(progress.losses))  \(speed(progress))\(timeLeft(progress))"
      let head = "\(position(progress)) "
      let width = max(0, min(30, columns - 1 - head.unicodeScalars.count - tail.unicodeScalars.count))
      let text = String(
        (head + Self.bar(fraction, width: width) + tail).unicodeScalars.prefix(max(0, columns - 1)))
      bar = text
      return "\r\u{1B}[K" + text
    }
  }

  private func headline(_ start: StageStart) -> String {
    let name =
      switch start.stage {
      case .warmup: "warm-up"
      case .pruning(let task): "prune \(task)"
      case .training: "parallel training"
      }
    return start.isFinished ? "\(name): finished before" : name
  }

  private func line(_ round: RoundSummary) -> String {
    let score = round.score.map { "dev \(Quantity.percent($0))" } ?? "no dev data"
    return "prune \(round.task) round \(round.number)/\(round.last) density"
      + " \(Quantity.percent(round.size.density)) %: \(score)"
  }

  private func line(_ epoch: EpochSummary) -> String {
    var parts = ["epoch \(epoch.epoch + 1)", losses(epoch.losses)]
    let scores = zip(taskNames, epoch.scores).compactMap { name, score in
      score.map { "\(name) \(Quantity.percent($0))" }
    }
    if !scores.isEmpty { parts.append("dev " + scores.joined(separator: " ")) }
    if let mean = epoch.meanScore, scores.count > 1 {
      parts.append(epoch.mainTask.map { "\(taskNames[$0]) decides" } ?? "mean \(Quantity.percent(mean))")
    }
    if epoch.isBest { parts.append("best") }
    if let groups = epoch.groups { parts.append("\(groups.zero) of \(groups.all) groups are zero") }
    if epoch.trainingSeconds > 0 {
      parts.append("\(Quantity.count(Double(epoch.tokens) / epoch.trainingSeconds)) tokens/s")
      parts.append(Quantity.duration(epoch.trainingSeconds + epoch.scoringSeconds))
    }
    return parts.filter { !$0.isEmpty }.joined(separator: "  ")
  }

  private func position(_ progress: StepProgress) -> String {
    let phase = progress.phaseCount > 1 ? "\(progress.phase) " : ""
    return "\(phase)epoch \(progress.epoch + 1)/\(progress.epochs)"
  }

  private func losses(_ losses: [Double?]) -> String {
    let shown = zip(taskNames, losses).compactMap { name, loss in
      loss.map { "\(name) \(Quantity.fixed($0, 3))" }
    }
    return shown.isEmpty ? "" : "loss " + shown.joined(separator: " ")
  }

  private func speed(_ progress: StepProgress) -> String {
    "\(Quantity.count(progress.tokensPerSecond)) tokens/s"
  }

  private func timeLeft(_ progress: StepProgress) -> String {
    progress.secondsLeft.map { "  \(Quantity.duration($0)) left" } ?? ""
  }

  /// Eighths of a cell, as a line of blocks.
  static func bar(_ fraction: Double, width: Int) -> String {
    guard width > 0 else { return "" }
    let eighths = Int((min(1, max(0, fraction)) * Double(width * 8)).rounded(.down))
    let parts = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"]
    let full = String(repeating: "█", count: eighths / 8)
    let part = parts[eighths % 8]
    return full + part + String(repeating: "·", count: width - eighths / 8 - (part.isEmpty ? 0 : 1))
  }
}
