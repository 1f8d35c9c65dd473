import Foundation

/// The log of a run: `log.jsonl`, one JSON object a line, in the order of the steps.
///
/// A state is saved only after every line up to its step is written. A run that resumes cuts off what came after the
/// state that it goes on from, so the log reads as if there had been no interruption but for its `resumed` lines.
public struct RunLog {
  private let file: FileHandle
  private let path: String
  private let taskNames: [String]
  private let encoder: JSONEncoder

  /// Opens the log of a new run; an old log is replaced.
  public init(creating url: URL, taskNames: [String]) throws {
    try self.init(url, taskNames: taskNames, keeping: Data())
  }

  /// Opens the log of a run that goes on from a state.
  public init(resuming url: URL, at state: LoopState, taskNames: [String]) throws {
    let old = (try? Data(contentsOf: url)) ?? Data()
    try self.init(url, taskNames: taskNames, keeping: old.prefix(Self.lengthToKeep(of: old, at: state)))
  }

  private init(_ url: URL, taskNames: [String], keeping kept: Data) throws {
    path = url.path
    self.taskNames = taskNames
    encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    do {
      if !FileManager.default.fileExists(atPath: path) { try kept.write(to: url) }
      file = try FileHandle(forUpdating: url)
      try file.truncate(atOffset: UInt64(kept.count))
      try file.seekToEnd()
    } catch {
      throw Self.unwritable(path, error)
    }
  }

  /// Writes what an event has to say, if it is one that logs keep.
  public func write(_ event: TrainingEvent) throws {
    guard let line = LogLine(event, taskNames: taskNames) else { return }
    do {
      try file.write(contentsOf: encoder.encode(line) + Data("\n".utf8))
    } catch {
      throw Self.unwritable(path, error)
    }
  }

  /// Bytes of the lines that belong to a run before it went on from a state.
  static func lengthToKeep(of log: Data, at state: LoopState) -> Int {
    let decoder = JSONDecoder()
    var length = 0
    while length < log.count {
      let start = log.startIndex + length
      guard let end = log[start...].firstIndex(of: UInt8(ascii: "\n")),
        let line = try? decoder.decode(LogLine.self, from: log[start..<end]), line.belongs(before: state)
      else { break }
      length = end + 1 - log.startIndex
    }
    return length
  }

  private static func unwritable(_ path: String, _ error: any Error) -> TrainError {
    TrainError(.unwritable, "cannot write \(path): \(error.localizedDescription)")
  }
}

/// One line of a log.
public struct LogLine: Codable, Sendable, Equatable {
  public enum Kind: String, Codable, Sendable {
    case started, resumed, progress, epoch, stopped, round, phase, finished
  }
  public var kind: Kind
  /// Steps of the whole run.
  public var step: Int
  /// Number of the phase.
  public var phase: Int
  /// From 1.
  public var epoch: Int?
  /// Mean loss of each task over the epoch so far, in nats.
  public var losses: [String: Double]?
  public var tokens: Int?
  public var rate: Double?
  public var tokensPerSecond: Double?
  /// Dev scores by task.
  public var scores: [String: Double]?
  /// Scores on the training sentences by task, where the recipe asks for them.
  public var trainingScores: [String: Double]?
  /// What decides between epochs.
  public var meanScore: Double?
  public var isBest: Bool?
  /// Of a round's mask.
  public var density: Double?
  /// Groups of weights that the group lasso has removed.
  public var zeroGroups: Int?
  public var trainingSeconds: Double?
  public var scoringSeconds: Double?

  init(_ kind: Kind, step: Int, phase: Int) {
    self.kind = kind
    self.step = step
    self.phase = phase
  }

  /// The line of an event; nil for events that logs do not keep.
  init?(_ event: TrainingEvent, taskNames: [String]) {
    func byName(_ values: [Double?]) -> [String: Double] {
      Dictionary(
        uniqueKeysWithValues: zip(taskNames, values).compactMap { name, value in value.map { (name, $0) } })
    }
    switch event {
    case .started(let start):
      self.init(start.isResumed ? .resumed : .started, step: start.state.step, phase: start.state.phase)
    case .progress(let progress):
      guard progress.step % StepProgress.milestone == 0 else { return nil }
      self.init(.progress, step: progress.step, phase: progress.phaseNumber)
      epoch = progress.epoch + 1
      losses = byName(progress.losses)
      tokens = progress.tokens
      rate = progress.rate
      tokensPerSecond = progress.tokensPerSecond.rounded()
    case .epochFinished(let summary):
      self.init(.epoch, step: summary.step, phase: summary.phaseNumber)
      epoch = summary.epoch + 1
      losses = byName(summary.losses)
      tokens = summary.tokens
      rate = summary.rate
      scores = byName(summary.scores)
      if !summary.trainingScores.isEmpty { trainingScores = byName(summary.trainingScores) }
      meanScore = summary.meanScore
      isBest = summary.isBest
      zeroGroups = summary.groups?.zero
      trainingSeconds = summary.trainingSeconds
      scoringSeconds = summary.scoringSeconds
    case .stoppedEarly(let stop):
      self.init(.stopped, step: stop.step, phase: stop.phaseNumber)
      epoch = stop.epoch + 1
    case .phaseFinished(let summary):
      self.init(.phase, step: summary.step, phase: summary.number)
    case .finished(let summary):
      self.init(.finished, step: summary.steps, phase: summary.phases - 1)
    case .roundFinished(let summary):
      self.init(.round, step: summary.step, phase: summary.number)
      scores = byName(taskNames.map { $0 == summary.task ? summary.score : nil })
      density = summary.size.density
    case .initialized, .saved, .cancelled, .stageBegan: return nil
    }
  }

  /// Was it written before the run saved this state?
  func belongs(before state: LoopState) -> Bool {
    if step != state.step { return step < state.step }
    switch kind {
    // At one step, a phase ends after the state of its last epoch is saved and before that of the next phase is.
    case .phase, .round: return phase < state.phase
    case .finished: return false
    // An end by patience is told again where patience is still at its end.
    case .stopped: return phase < state.phase
    case .started, .resumed, .progress, .epoch: return true
    }
  }
}
