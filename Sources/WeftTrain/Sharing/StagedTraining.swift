import Foundation
import WeftCorpus
import WeftRuntime
import WeftSpec

/// Sparse sharing from warm-up to the trained model (Sun et al. 2020), a run for each stage:
///
/// 1. `warmup/`: hard sharing of all tasks;
/// 2. `prune/<task>/` for each task: iterative magnitude pruning, from the warm-up's weights;
/// 3. the choice of each task's subnet, `masks/<task>.safetensors`;
/// 4. in the folder itself: training of the subnets in parallel, from the warm-up's weights.
///
/// What a stage found is on disk, and a stage that is finished is not run again. Stages that run as one command, one by
/// one, or side by side in several processes give the same bytes.
public struct StagedTraining: Sendable {
  public let experiment: Experiment
  public let folder: RunFolder
  /// Tasks that are pruned side by side.
  public let jobs: Int

  public init(experiment: Experiment, folder: RunFolder, jobs: Int = 1) {
    self.experiment = experiment
    self.folder = folder
    self.jobs = max(1, jobs)
  }

  private var spec: Spec { experiment.spec }
  private var tasks: [String] { spec.tasks.map(\.name) }

  /// Does a spec's training have stages? Not if it names masks.
  public static func isNeeded(for spec: Spec) -> Bool {
    spec.sharing.kind == .sparse && spec.sharing.masks == .found
  }

  typealias Emit = @Sendable (TrainingEvent) -> Void

  // MARK: All stages

  /// Runs what is not finished yet.
  func run(
    _ start: RunStart, emit: @escaping Emit, isCancelled: @escaping @Sendable () -> Bool
  ) throws -> TrainingReport {
    try prepare(start)
    // An interrupted stage goes on only if that is asked for.
    let stageStart: RunStart = start == .replace ? .new : start == .resume ? .resumeOrNew : start
    if let step = try warmUp(stageStart, emit: emit, isCancelled: isCancelled) {
      return TrainingReport(folder: folder, end: .cancelled(step: step))
    }
    if let step = try prune(tasks, stageStart, emit: emit, isCancelled: isCancelled) {
      return TrainingReport(folder: folder, end: .cancelled(step: step))
    }
    let masks = try chosenMasks()
    emit(.stageBegan(StageStart(stage: .training)))
    let task = TrainingTask(experiment: experiment, folder: folder, masks: masks, origin: try origin())
    let report = try task.run(stageStart, emit: emit, isCancelled: isCancelled)
    if case .finished = report.end { try folder.write(json: timing(), to: folder.timing) }
    return report
  }

  private func prepare(_ start: RunStart) throws {
    switch start {
    case .replace: try folder.clearWithStages(tasks: tasks)
    case .new:
      if folder.hasState || folder.hasModel {
        throw TrainError(
          .unwritable, "\(folder.url.path) holds a run already",
          suggestion: "resume it, replace it, or name another folder")
      }
    case .resume: try checkState(start, of: [folder, folder.warmup] + tasks.map(folder.pruning))
    case .resumeOrNew: break
    }
  }

  /// To resume means that there is something to resume.
  func checkState(_ start: RunStart, of folders: [RunFolder]) throws(TrainError) {
    guard start == .resume, !folders.contains(where: \.hasState) else { return }
    throw TrainError(
      .unreadable,
      "\(folder.url.path) holds no state to go on from (\(folder.state.lastPathComponent)), nor do stages in it",
      suggestion: "a run saves its state at the end of each epoch, and every train.save-every steps")
  }

  // MARK: Warm-up

  /// - Returns: the step at which it was cancelled; nil if it is finished.
  func warmUp(
    _ start: RunStart, emit: @escaping Emit, isCancelled: @escaping @Sendable () -> Bool
  ) throws -> Int? {
    guard spec.sharing.warmup > 0 else { return nil }
    let stage = StageRun(stage: .warmup, experiment: try experiment.stage(.warmup), folder: folder.warmup)
    guard let next = try stage.start(start, isFinished: folder.warmup.hasModel) else {
      emit(.stageBegan(StageStart(stage: .warmup, isFinished: true)))
      return nil
    }
    emit(.stageBegan(StageStart(stage: .warmup)))
    let task = TrainingTask(experiment: stage.experiment, folder: stage.folder, scored: [.dev])
    let report = try task.run(next, emit: emit, isCancelled: isCancelled)
    if case .cancelled(let step) = report.end { return step }
    return nil
  }

  /// The checkpoint that pruning and parallel training start from; nil for initial values.
  private func origin() throws -> URL? {
    guard spec.sharing.warmup > 0 else { return nil }
    guard folder.warmup.hasModel else {
      throw TrainError(
        .unreadable, "\(folder.warmup.url.path) holds no finished warm-up, from which pruning starts",
        suggestion: "run `weft warmup` first, or set sharing.warmup to 0")
    }
    let stage = StageRun(stage: .warmup, experiment: try experiment.stage(.warmup), folder: folder.warmup)
    try stage.checkSpec()
    return folder.warmup.model
  }

  // MARK: Pruning

  /// Prunes tasks, so many side by side as there are jobs.
  ///
  /// - Returns: the step at which it was cancelled; nil if all are finished.
  func prune(
    _ tasks: [String], _ start: RunStart, emit: @escaping Emit,
    isCancelled: @escaping @Sendable () -> Bool
  ) throws -> Int? {
    let origin = try origin()
    // What can be refused is refused before the first of them runs.
    let stages = try tasks.map { task in
      let stage = SharingStage.pruning(task: task)
      return StageRun(
        stage: stage, experiment: try experiment.stage(stage), folder: folder.pruning(task: task))
    }
    var pending: [(stage: StageRun, start: RunStart)] = []
    for stage in stages {
      if let next = try stage.start(start, isFinished: stage.folder.hasRounds) {
        pending.append((stage, next))
      } else {
        emit(.stageBegan(StageStart(stage: stage.stage, isFinished: true)))
      }
    }
    let isConcurrent = jobs > 1 && pending.count > 1
    let steps = try WorkerThreads.map(pending, threads: jobs) { pending, hasFailed -> Int? in
      let isStopped = { isCancelled() || hasFailed() }
      if isStopped() { return 0 }
      emit(.stageBegan(StageStart(stage: pending.stage.stage, isConcurrent: isConcurrent)))
      let task = TrainingTask(
        experiment: pending.stage.experiment, folder: pending.stage.folder, origin: origin)
      let outcome = try task.train(
        pending.start,
        emit: { event in
          if isConcurrent, !event.isOfRounds { return }
          emit(event)
        }, isCancelled: isStopped)
      switch outcome {
      case .cancelled(let state): return state.step
      case .finished:
        try record(pending.stage, store: task.store())
        return nil
      }
    }
    return steps.compactMap { $0 }.first
  }

  /// Writes `rounds.json`, which says that the pruning is finished.
  private func record(_ stage: StageRun, store: FolderStore) throws {
    let rounds = stage.experiment.plan.phases.compactMap(\.round)
    let files = try rounds.map { try store.maskFile(named: $0.mask) }
    guard let first = rounds.first else { return }
    let record = PruningRecord(
      task: tasks[first.task], granularity: first.granularity, scope: first.scope,
      reached: files[0].reachedCount,
      rounds: zip(rounds, files).map { round, file in
        PruningRecord.Round(
          number: round.number, mask: round.mask, kept: file.keptCount, density: file.density,
          score: file.devScore)
      })
    try stage.folder.write(
      json: RunTiming(stages: [stage.stage.name: .init(log: stage.folder.log)]), to: stage.folder.timing)
    try stage.folder.write(json: record, to: stage.folder.rounds)
  }

  // MARK: Choice

  /// The rounds of a task's pruning.
  public func rounds(of task: String) throws -> PruningRecord {
    let file = folder.pruning(task: task).rounds
    do {
      return try JSONDecoder().decode(PruningRecord.self, from: Data(contentsOf: file))
    } catch {
      throw TrainError(
        .unreadable, "\(file.path) holds no rounds of pruning that can be read",
        suggestion: "run `weft prune --task \(task)`")
    }
  }

  /// The subnet of each task, by task number.
  private func chosenMasks() throws -> [Int: MaskFile] {
    let layout = MaskLayout(experiment.training.tables, shapes: experiment.design.shapes)
    var masks: [Int: MaskFile] = [:]
    for (number, task) in tasks.enumerated() {
      let round = try rounds(of: task).choice(spec.sharing.prune.select)
      let url = folder.pruning(task: task).mask(round.mask)
      let file = try MaskFile(contentsOf: url, layout: layout)
      try file.check(architecture: experiment.design.architectureHash, task: task, file: url.path)
      masks[number] = file
    }
    return masks
  }

  private func timing() -> RunTiming {
    var stages = [SharingStage.training.name: RunTiming.Part(log: folder.log)]
    if spec.sharing.warmup > 0 {
      stages[SharingStage.warmup.name] = RunTiming.Part(log: folder.warmup.log)
    }
    for task in tasks {
      stages[SharingStage.pruning(task: task).name] = RunTiming.Part(log: folder.pruning(task: task).log)
    }
    return RunTiming(stages: stages)
  }
}

extension TrainingEvent {
  /// Is it told of one of several prunings that run side by side?
  fileprivate var isOfRounds: Bool {
    if case .roundFinished = self { true } else { false }
  }
}
