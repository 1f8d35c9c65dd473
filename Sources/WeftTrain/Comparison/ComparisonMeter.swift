/// Counts the steps of a comparison's runs, to tell how far they are and how long the rest takes.
struct ComparisonMeter {
  private struct Run {
    var title: String
    /// Steps of each stage by its name if no phase ends early.
    var planned: [String: Int]
    /// Steps of each stage that are made, or are not needed any more.
    var made: [String: Int] = [:]
    var stage: String
    var text = ""
    var isOver = false

    var total: Int { planned.values.reduce(0, +) }
    var done: Int { isOver ? total : planned.reduce(0) { $0 + min($1.value, made[$1.key] ?? 0) } }
  }

  private var runs: [Int: Run] = [:]
  private let total: Int
  private var finished: Int
  /// Steps that were computed since the comparison began.
  private var computed = 0
  private var lastStep: [Int: Int] = [:]

  /// - Parameters:
  ///   - finished: runs that were finished before.
  ///   - total: all of them.
  init(finished: Int, total: Int) {
    self.finished = finished
    self.total = total
  }

  mutating func add(_ index: Int, title: String, planned: [String: Int]) {
    runs[index] = Run(title: title, planned: planned, stage: SharingStage.training.name)
  }

  /// Takes in an event of a run.
  ///
  /// - Returns: whether something that is shown has changed.
  mutating func take(_ event: TrainingEvent, of index: Int) -> Bool {
    guard var run = runs[index] else { return false }
    defer { runs[index] = run }
    switch event {
    case .stageBegan(let start):
      lastStep[index] = nil
      run.stage = start.stage.name
      // The warm-up precedes all prunings, and these the training.
      if start.isFinished { run.made[run.stage] = run.planned[run.stage] }
      if start.stage == .training {
        for (name, steps) in run.planned where name != run.stage { run.made[name] = steps }
      }
    case .started(let start):
      lastStep[index] = start.state.step
      run.made[run.stage] = start.state.step
    case .progress(let progress):
      computed += max(0, progress.step - (lastStep[index] ?? progress.step))
      lastStep[index] = progress.step
      run.made[run.stage] = max(
        run.made[run.stage] ?? 0,
        progress.phaseNumber * progress.epochs * progress.stepsPerEpoch
          + progress.epoch * progress.stepsPerEpoch + progress.epochStep)
      run.text = "\(progress.phase) epoch \(progress.epoch + 1)/\(progress.epochs)"
    case .epochFinished(let epoch):
      computed += max(0, epoch.step - (lastStep[index] ?? epoch.step))
      lastStep[index] = epoch.step
    default: return false
    }
    return true
  }

  mutating func end(_ index: Int, isFinished: Bool) {
    runs[index]?.isOver = true
    runs[index]?.text = ""
    if isFinished { finished += 1 }
  }

  func progress(elapsed seconds: Double) -> ComparisonProgress {
    let planned = runs.values.reduce(0) { $0 + $1.total }
    let done = runs.values.reduce(0) { $0 + $1.done }
    let current = runs.sorted { $0.key < $1.key }.map(\.value).filter { !$0.text.isEmpty }
    return ComparisonProgress(
      finished: finished, total: total, current: current.map { "\($0.title): \($0.text)" },
      fraction: planned == 0 ? 1 : Double(done) / Double(planned),
      secondsLeft: computed > 0 && seconds > 0 ? Double(planned - done) * seconds / Double(computed) : nil)
  }
}
