import Foundation
import Synchronization
import WeftRuntime
import WeftSpec

/// Makes the runs of a comparison that are not finished yet, some of them side by side.
///
/// Every run has a trainer and a thread of its own; what comes out depends neither on how many run at once nor on
/// interruptions. A run that fails does not stop the others.
public final class ComparisonRunner: Sendable {
  public let plan: ComparisonPlan
  /// Runs at a time.
  public let jobs: Int
  private let experiments: [PlannedSetup: Experiment]
  private let systems: [PlannedSetup: PreparedSystem]
  private let state = Mutex(State())

  private struct State {
    var isStopped = false
    var running: [Int: TrainingRun<TrainingReport>] = [:]
  }

  /// - Parameter experiments: of every setup of the plan; they are read and compiled once for all seeds.
  public init(_ plan: ComparisonPlan, experiments: [PlannedSetup: Experiment], jobs: Int = 1) throws {
    self.plan = plan
    self.jobs = max(1, jobs)
    self.experiments = experiments
    systems = try experiments.mapValues { try PreparedSystem($0) }
  }

  /// What collects the results of the runs.
  public func collector(also: [ComparisonCollector] = []) throws -> ComparisonCollector {
    try ComparisonCollector(plan, systems: systems, also: also)
  }

  /// Asks the runs to save their states and end. Those that have not begun are left.
  public func cancel() {
    let running = state.withLock { state in
      state.isStopped = true
      return Array(state.running.values)
    }
    for run in running { run.cancel() }
  }

  public var isCancelled: Bool { state.withLock { $0.isStopped } }

  private enum Outcome: Sendable {
    case finished
    case stopped
    case failed(any Error)
  }

  /// Makes the runs.
  ///
  /// - Parameter observe: called with everything that happens, one call at a time.
  /// - Returns: those that failed, and why.
  /// - Throws: before any run begins, `TrainError` if a folder holds a run of another spec.
  public func run(observe: @escaping @Sendable (ComparisonEvent) -> Void) async throws -> [(
    run: PlannedRun, error: any Error
  )] {
    let reporter = Reporter(observe)
    var pending = try unfinished(reporter)
    var open = Set(pending.map { plan.runs[$0].folder.url })
    var lost: Set<URL> = []
    var failures: [(run: PlannedRun, error: any Error)] = []
    reporter.start(finished: plan.runs.count - pending.count, total: plan.runs.count)
    for index in pending {
      reporter.add(index, title: plan.runs[index].title, planned: try plannedSteps(of: plan.runs[index]))
    }
    await withTaskGroup(of: (Int, Outcome).self) { group in
      var running = 0
      func next() -> Int? {
        pending.firstIndex { plan.runs[$0].needs.map { !open.contains($0.url) } ?? true }
          .map { pending.remove(at: $0) }
      }
      func begin() {
        while running < jobs, !isCancelled, let index = next() {
          if let source = plan.runs[index].needs, lost.contains(source.url) {
            open.remove(plan.runs[index].folder.url)
            lost.insert(plan.runs[index].folder.url)
            reporter.observe(.left(plan.runs[index]))
            continue
          }
          running += 1
          group.addTask { (index, await self.make(index, reporter)) }
        }
      }
      begin()
      while let (index, outcome) = await group.next() {
        running -= 1
        let url = plan.runs[index].folder.url
        open.remove(url)
        if case .finished = outcome {} else { lost.insert(url) }
        if case .failed(let error) = outcome { failures.append((plan.runs[index], error)) }
        begin()
      }
    }
    return failures
  }

  /// Runs that are still to be made; what could be refused is refused here.
  private func unfinished(_ reporter: Reporter) throws -> [Int] {
    var pending: [Int] = []
    for (index, run) in plan.runs.enumerated() {
      let isReady = run.needs?.hasModel ?? true
      guard isReady, let system = systems[run.setup] else {
        if run.folder.hasModel, let source = run.needs {
          throw TrainError(
            .mismatch,
            "\(run.folder.url.path) was made with masks of \(source.url.path), which holds no finished run any more",
            suggestion: "bring that run back, or remove the folder")
        }
        pending.append(index)
        continue
      }
      if try system.isFinished(run.folder, spec: plan.spec(of: run)) {
        try checkMasks(of: run)
        reporter.observe(.found(run))
      } else {
        pending.append(index)
      }
    }
    return pending
  }

  /// Does a finished run have the masks that it would have now?
  private func checkMasks(of run: PlannedRun) throws {
    guard let source = run.needs else { return }
    let experiment = try experiment(of: run)
    for (task, file) in try experiment.givenMasks() {
      let name = experiment.spec.tasks[task].name
      let own = try MaskFile(contentsOf: run.folder.mask(name), layout: experiment.design.maskLayout)
      guard own.mask != file.mask else { continue }
      throw TrainError(
        .mismatch,
        "\(run.folder.url.path) was made with another mask of task \(name) than \(source.url.path) has now",
        suggestion: "remove the folder, so that the run is made anew")
    }
  }

  private func experiment(of run: PlannedRun) throws -> Experiment {
    guard let base = experiments[run.setup] else {
      throw TrainError(.data, "the comparison has no system '\(run.system)'")
    }
    var spec = try plan.spec(of: run)
    // Threads change no result; runs side by side share the processors among them.
    if jobs > 1 { spec.train.threads = 1 }
    return try base.derived(spec) {
      TrainingPlan(spec: $0, labelledSentences: base.data.labelledSentences)
    }
  }

  /// Steps of each stage if no phase ends early.
  private func plannedSteps(of run: PlannedRun) throws -> [String: Int] {
    guard let base = experiments[run.setup] else { return [:] }
    func steps(_ experiment: Experiment) -> Int {
      experiment.plan.phases.reduce(0) { $0 + $1.epochs * $1.stepsPerEpoch }
    }
    var planned = [SharingStage.training.name: steps(base)]
    guard run.masks == .own, StagedTraining.isNeeded(for: base.spec) else { return planned }
    var stages = base.spec.tasks.map { SharingStage.pruning(task: $0.name) }
    if base.spec.sharing.warmup > 0 { stages.append(.warmup) }
    for stage in stages { planned[stage.name] = steps(try base.stage(stage)) }
    return planned
  }

  private func make(_ index: Int, _ reporter: Reporter) async -> Outcome {
    let run = plan.runs[index]
    do {
      let training = try experiment(of: run).train(in: run.folder, start: .resumeOrNew)
      let isLate = state.withLock { state in
        state.running[index] = training
        return state.isStopped
      }
      if isLate { training.cancel() }
      defer { state.withLock { _ = $0.running.removeValue(forKey: index) } }
      reporter.observe(.began(run))
      for await event in training.events { reporter.take(event, of: index) }
      let report = try await training.result
      if case .cancelled = report.end {
        reporter.end(index, isFinished: false) { _ in .stopped(run) }
        return .stopped
      }
      reporter.end(index, isFinished: true) { .finished(run, report, $0) }
      return .finished
    } catch {
      reporter.end(index, isFinished: false) { _ in .failed(run, error) }
      return .failed(error)
    }
  }
}

/// Hands on what happens in several runs, one event at a time.
private final class Reporter: Sendable {
  private struct State {
    var meter = ComparisonMeter(finished: 0, total: 0)
    var start = ContinuousClock.now
  }
  private let state = Mutex(State())
  private let hand: @Sendable (ComparisonEvent) -> Void

  init(_ hand: @escaping @Sendable (ComparisonEvent) -> Void) { self.hand = hand }

  func start(finished: Int, total: Int) {
    state.withLock {
      $0.meter = ComparisonMeter(finished: finished, total: total)
      $0.start = .now
    }
  }

  func add(_ index: Int, title: String, planned: [String: Int]) {
    state.withLock { $0.meter.add(index, title: title, planned: planned) }
  }

  func observe(_ event: ComparisonEvent) { state.withLock { _ in hand(event) } }

  func take(_ event: TrainingEvent, of index: Int) {
    state.withLock { state in
      guard state.meter.take(event, of: index) else { return }
      hand(.progressed(Self.progress(state)))
    }
  }

  func end(_ index: Int, isFinished: Bool, _ event: (ComparisonProgress) -> ComparisonEvent) {
    state.withLock { state in
      state.meter.end(index, isFinished: isFinished)
      hand(event(Self.progress(state)))
    }
  }

  private static func progress(_ state: State) -> ComparisonProgress {
    state.meter.progress(elapsed: (ContinuousClock.now - state.start) / .seconds(1))
  }
}
