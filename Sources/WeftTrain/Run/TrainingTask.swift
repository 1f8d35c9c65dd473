import Foundation
import WeftCodegen
import WeftCorpus
import WeftRuntime
import WeftSpec

/// One run of an experiment in a folder, from its first step or its saved state to the model.
struct TrainingTask {
  let experiment: Experiment
  let folder: RunFolder
  /// Subnets that tasks train under, by task number; kept in the folder.
  var masks: [Int: MaskFile] = [:]
  /// A checkpoint of the same network to start from, in place of what the spec says.
  var origin: URL?
  /// What the trained model is scored on.
  var scored: [Split] = [.dev, .test]

  private var spec: Spec { experiment.spec }
  private var tables: LibraryTables { experiment.training.tables }
  private var evaluator: Evaluator {
    Evaluator(
      tasks: spec.tasks, vocabularies: experiment.design.vocabularies, threads: spec.train.threads)
  }

  /// What scores the dev files after an epoch.
  var scorer: ModelScorer {
    ModelScorer(
      evaluator: evaluator, library: experiment.inference, corpora: experiment.data.corpora(.dev),
      training: spec.train.scoreTraining ? experiment.data.corpora(.train) : [])
  }

  func store() throws -> FolderStore {
    FolderStore(
      folder: folder, description: try experiment.design.checkpointDescription(), tables: tables,
      shapes: experiment.design.shapes, spec: spec)
  }

  func run(
    _ start: RunStart, emit: (TrainingEvent) -> Void, isCancelled: () -> Bool
  ) throws -> TrainingReport {
    switch try train(start, emit: emit, isCancelled: isCancelled) {
    case .cancelled(let state): return TrainingReport(folder: folder, end: .cancelled(step: state.step))
    case .finished(let parameters, let summary): return try finish(parameters, summary)
    }
  }

  /// Trains to the end of the plan; what comes of it is the caller's to keep.
  func train(
    _ start: RunStart, emit: (TrainingEvent) -> Void, isCancelled: () -> Bool
  ) throws -> TrainingOutcome<ParameterBlock> {
    let resumes = try resumes(start)
    try checkReach()
    try folder.create()
    let store = try store()
    let engine = try TrainerEngine(
      library: experiment.training, recipe: spec.train, shapes: experiment.design.shapes,
      graph: experiment.design.graph)
    let names = spec.tasks.map(\.name)

    var saved: (state: LoopState, average: ParameterBlock?)?
    if resumes {
      let state = try store.loadState()
      try check(state.loop)
      try checkMasks(in: store)
      try engine.importState(state.engine)
      saved = (state.loop, state.average)
    } else {
      if start == .replace {
        try folder.clearWithStages(tasks: names)
      } else {
        try folder.clear(tasks: names)
      }
      for (task, mask) in masks { try store.saveMask(mask, named: names[task]) }
      try engine.trainer.setParameters(try initialParameters(emit))
    }
    try folder.write(spec.resolvedJSON() + "\n", to: folder.spec)
    let log =
      if let saved {
        try RunLog(resuming: folder.log, at: saved.state, taskNames: names)
      } else {
        try RunLog(creating: folder.log, taskNames: names)
      }

    let train = experiment.data.corpora.compactMapValues { $0[.train] }
    let loop = try TrainingLoop(
      plan: experiment.plan, engine: engine, source: CorpusBatches(tasks: spec.tasks, corpora: train),
      scorer: scorer, store: store, resuming: saved)
    return try loop.run(
      observe: {
        try log.write($0)
        emit($0)
      }, isCancelled: isCancelled)
  }

  // MARK: Checks

  /// Does the run go on from a state?
  private func resumes(_ start: RunStart) throws -> Bool {
    switch start {
    case .new:
      if folder.hasState || folder.hasModel {
        throw TrainError(
          .unwritable, "\(folder.url.path) holds a run already",
          suggestion: "resume it, replace it, or name another folder")
      }
      return false
    case .replace: return false
    case .resume:
      if !folder.hasState {
        throw TrainError(
          .unreadable, "\(folder.url.path) holds no state to go on from (\(folder.state.lastPathComponent))",
          suggestion: "a run saves its state at the end of each epoch, and every train.save-every steps")
      }
      return true
    case .resumeOrNew: return folder.hasState
    }
  }

  /// Does a state that fits by its hashes fit the plan?
  private func check(_ state: LoopState) throws {
    let plan = experiment.plan
    let fits =
      plan.phases.indices.contains(state.phase)
      && state.streamBatches.count == plan.phases[state.phase].streams.count
      && state.epochStep <= plan.phases[state.phase].stepsPerEpoch
    guard fits else {
      throw TrainError(
        .mismatch, "\(folder.state.path) is of a run over other sentences than the training files hold now",
        suggestion: "bring the old files back, or start the run anew")
    }
  }

  /// A task must be able to read its input through its subnet.
  private func checkReach() throws {
    for (task, file) in masks.sorted(by: { $0.key < $1.key }) {
      try file.mask.checkReach(
        ofTask: spec.tasks[task].name, reached: tables.reached(by: task),
        source: "The mask of task \(spec.tasks[task].name)")
    }
  }

  /// Are the masks those that the run began with?
  private func checkMasks(in store: FolderStore) throws {
    for (task, file) in masks.sorted(by: { $0.key < $1.key }) {
      let name = spec.tasks[task].name
      let old = try store.maskFile(named: name)
      guard old.mask != file.mask else { continue }
      throw TrainError(
        .mismatch,
        "the mask of task \(name) is not the one that the run in \(folder.url.path) began with: it keeps "
          + "\(file.keptCount) weights against \(old.keptCount)",
        suggestion: "bring the old mask back, or begin the training anew")
    }
  }

  // MARK: Start and end

  /// The parameters of step 0: initial values, or those of another run by name.
  func initialParameters(_ emit: (TrainingEvent) -> Void) throws -> ParameterBlock {
    if let origin { return try Checkpoint(contentsOf: origin).parameters(for: tables) }
    var parameters = try experiment.design.initialParameters(tables, vectors: experiment.data.vectors)
    guard let path = spec.train.initialize else { return parameters }
    var url = URL(filePath: experiment.data.loaded.resolve(path))
    var isFolder: ObjCBool = false
    if FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder), isFolder.boolValue {
      url = RunFolder(url).model
    }
    let source = try Checkpoint(contentsOf: url)
    let names = EntryNames(try TrainedModel.vocabularies(of: source.description, file: url.path))
    let transfer = try ParameterTransfer(
      from: source.parameters, names, to: &parameters, EntryNames(experiment.design.vocabularies),
      rename: rename(into: source.parameters))
    emit(.initialized(from: url.path, transfer))
    return parameters
  }

  /// A network of a task's own takes what a shared one has, and a shared one what that of its first task has.
  private func rename(into source: ParameterBlock) -> (String) -> String {
    let names = Set(source.names)
    let tasks = spec.tasks.map(\.name)
    return { name in
      if names.contains(name) { return name }
      for task in tasks where name.hasPrefix(task + ".") {
        let shared = String(name.dropFirst(task.count + 1))
        if names.contains(shared) { return shared }
      }
      return tasks.map { "\($0).\(name)" }.first(where: names.contains) ?? name
    }
  }

  /// Writes the model and its scores.
  private func finish(_ parameters: ParameterBlock, _ summary: TrainingSummary) throws -> TrainingReport {
    let description = try experiment.design.checkpointDescription()
    let subnets = try Subnets(
      library: experiment.inference, parameters: parameters, masks: masks.mapValues(\.mask))
    func evaluate(_ split: Split) throws -> Evaluation? {
      let corpora = scored.contains(split) ? experiment.data.corpora(split) : []
      return corpora.isEmpty ? nil : try evaluator.evaluate(subnets, on: corpora)
    }
    let (dev, test) = (try evaluate(.dev), try evaluate(.test))
    var scores: [String: [String: Double]] = [:]
    scores["dev"] = dev?.values
    scores["test"] = test?.values
    let results = RunResults(
      name: spec.name, seed: spec.seed, toolVersion: description.toolVersion, hashes: description.hashes,
      training: summary, dev: dev.map(EvaluationRecord.init), test: test.map(EvaluationRecord.init))
    try folder.write(json: results, to: folder.results)
    try folder.write(
      json: SentenceScores(["dev": dev, "test": test]), isPretty: false, to: folder.sentences)
    try folder.write(json: RunTiming(stages: ["train": RunTiming.Part(log: folder.log)]), to: folder.timing)
    // The last of all files: who finds it finds a run that is finished.
    try Checkpoint(
      description: description, parameters: parameters.reshaped(experiment.design.shapes), scores: scores,
      masks: Dictionary(uniqueKeysWithValues: masks.map { (spec.tasks[$0].name, $1.mask) })
    ).write(to: folder.model)
    return TrainingReport(folder: folder, end: .finished(summary), dev: dev, test: test)
  }
}
