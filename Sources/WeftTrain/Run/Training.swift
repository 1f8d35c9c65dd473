import Foundation
import WeftCorpus
import WeftRuntime
import WeftSpec

/// How a run relates to what its folder holds.
public enum RunStart: Sendable, Equatable {
  /// Begin; an error if the folder holds a run.
  case new
  /// Begin, and remove what an earlier run left.
  case replace
  /// Go on from the saved state; an error if there is none.
  case resume
  /// Go on if there is a state, else begin.
  case resumeOrNew
}

/// What a run made.
public struct TrainingReport: Sendable {
  public enum End: Sendable, Equatable {
    case finished(TrainingSummary)
    /// Stopped on demand after so many steps; the state is saved.
    case cancelled(step: Int)
  }
  public var folder: RunFolder
  public var end: End
  /// The trained model's scores; nil if the run was stopped, or where the spec has no such files.
  public var dev: Evaluation?
  public var test: Evaluation?
}

extension Experiment {
  /// Trains, on a thread of its own.
  ///
  /// The folder then holds the model, its scores, the log and the state to go on from.
  public func train(in folder: RunFolder, start: RunStart = .new) -> TrainingRun<TrainingReport> {
    TrainingRun { emit, isCancelled in
      try TrainingTask(experiment: self, folder: folder).run(start, emit: emit, isCancelled: isCancelled)
    }
  }
}

/// One run of an experiment, from its first step or its saved state to the model.
struct TrainingTask {
  let experiment: Experiment
  let folder: RunFolder

  private var spec: Spec { experiment.spec }
  private var tables: LibraryTables { experiment.training.tables }
  private var evaluator: Evaluator {
    Evaluator(
      tasks: spec.tasks, vocabularies: experiment.design.vocabularies, threads: spec.train.threads)
  }

  /// What scores the dev files after an epoch.
  var scorer: ModelScorer {
    ModelScorer(
      evaluator: evaluator, library: experiment.inference, corpora: experiment.data.corpora(.dev))
  }

  func run(
    _ start: RunStart, emit: (TrainingEvent) -> Void, isCancelled: () -> Bool
  ) throws -> TrainingReport {
    let resumes = try resumes(start)
    try folder.create()
    let description = try experiment.design.checkpointDescription()
    let store = FolderStore(
      folder: folder, description: description, tables: tables, shapes: experiment.design.shapes,
      taskNames: spec.tasks.map(\.name))
    let engine = try TrainerEngine(library: experiment.training, recipe: spec.train)

    var saved: (state: LoopState, average: ParameterBlock?)?
    if resumes {
      let state = try store.loadState()
      try check(state.loop)
      try engine.importState(state.engine)
      saved = (state.loop, state.average)
    } else {
      try folder.clear()
      try engine.trainer.setParameters(try initialParameters(emit))
    }
    try folder.write(spec.resolvedJSON() + "\n", to: folder.spec)
    let names = spec.tasks.map(\.name)
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
    let outcome = try loop.run(
      observe: {
        try log.write($0)
        emit($0)
      }, isCancelled: isCancelled)
    switch outcome {
    case .cancelled(let state): return TrainingReport(folder: folder, end: .cancelled(step: state.step))
    case .finished(let parameters, let summary): return try finish(parameters, summary, description)
    }
  }

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

  /// The parameters of step 0: initial values, or those of another run by name.
  func initialParameters(_ emit: (TrainingEvent) -> Void) throws -> ParameterBlock {
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
  private func finish(
    _ parameters: ParameterBlock, _ summary: TrainingSummary, _ description: CheckpointDescription
  ) throws -> TrainingReport {
    let model = try Model(library: experiment.inference, parameters: parameters)
    func evaluate(_ split: Split) throws -> Evaluation? {
      let corpora = experiment.data.corpora(split)
      return corpora.isEmpty ? nil : try evaluator.evaluate(model, on: corpora)
    }
    let (dev, test) = (try evaluate(.dev), try evaluate(.test))
    var scores: [String: [String: Double]] = [:]
    scores["dev"] = dev?.values
    scores["test"] = test?.values
    try Checkpoint(
      description: description, parameters: parameters.reshaped(experiment.design.shapes), scores: scores
    ).write(to: folder.model)
    let results = RunResults(
      name: spec.name, seed: spec.seed, toolVersion: description.toolVersion, hashes: description.hashes,
      training: summary, dev: dev.map(EvaluationRecord.init), test: test.map(EvaluationRecord.init))
    try folder.write(json: results, to: folder.results)
    try folder.write(
      json: SentenceScores(["dev": dev, "test": test]), isPretty: false, to: folder.sentences)
    try folder.write(json: RunTiming(stages: ["train": RunTiming.Part(log: folder.log)]), to: folder.timing)
    return TrainingReport(folder: folder, end: .finished(summary), dev: dev, test: test)
  }
}

/// What `results.json` says.
public struct RunResults: Sendable, Equatable, Codable {
  public var name: String
  public var seed: UInt64
  public var toolVersion: String
  public var hashes: CheckpointHashes
  public var training: TrainingSummary
  public var dev: EvaluationRecord?
  public var test: EvaluationRecord?
}
