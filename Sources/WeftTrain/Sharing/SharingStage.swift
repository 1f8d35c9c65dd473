import WeftRuntime
import WeftSpec

/// A stage of sparse sharing. Each is a run of its own, by a spec that follows from the whole one's.
public enum SharingStage: Sendable, Equatable {
  /// Multi-task warm-up: hard sharing for some epochs.
  case warmup
  /// Finding a task's subnet.
  case pruning(task: String)
  /// Training the subnets in parallel.
  case training

  /// Folder of the stage in that of the whole run; `train` for the training, which is in the run's folder itself.
  public var name: String {
    switch self {
    case .warmup: "warmup"
    case .pruning(let task): "prune/\(task)"
    case .training: "train"
    }
  }
}

extension Spec {
  /// The spec of sparse sharing's multi-task warm-up: hard sharing under the same recipe, a given number of epochs.
  var warmup: Spec {
    var spec = self
    spec.sharing = SharingSpec(kind: .hard)
    spec.sharing.prunable = sharing.prunable
    spec.train.epochs = sharing.warmup
    spec.train.patience = nil
    spec.train.mainTask = nil
    return spec
  }

  /// The spec by which a task's subnet is found: the recipe with the epochs, patience and decay of pruning, and with the
  /// task's dev score to decide. Which candidate is chosen afterwards is no part of it.
  func pruning(task: String) -> Spec {
    var spec = self
    // One value for every choice, that the rules of specs allow: without dev files there is no best.
    let scored = tasks.filter { corpus(named: $0.data)?.dev.isEmpty == false }.map(\.name)
    spec.sharing.prune.select = scored.count == tasks.count ? .best : .round(1)
    spec.sharing.updates = .exact
    spec.train.mainTask = scored.contains(task) ? task : nil
    spec.train.epochs = sharing.prune.epochs
    spec.train.patience = sharing.prune.patience
    spec.train.schedule = ScheduleSpec(
      kind: .inverseTime, decay: sharing.prune.decay, warmup: train.schedule.warmup)
    return spec
  }

  /// What decides the result of a run over given data, and nothing else: where files are, how often the state is saved,
  /// how many threads compute are left out. Equal texts are equal runs, whatever their number of epochs has to do with
  /// it, unlike `recipeHash`.
  var decisiveJSON: String {
    var spec = self
    spec.name = "run"
    for index in spec.data.indices {
      (spec.data[index].train, spec.data[index].dev, spec.data[index].test) = ([], [], [])
      if case .file = spec.data[index].domains { spec.data[index].domains = .file("given") }
    }
    if spec.network.words?.vectors != nil { spec.network.words?.vectors = "given" }
    if case .file = spec.network.words?.vocabulary { spec.network.words?.vocabulary = .file("given") }
    spec.train.saveEvery = 0
    spec.train.scoreTraining = false
    spec.train.threads = 1
    spec.train.initialize = train.initialize == nil ? nil : "given"
    spec.limits = LimitsSpec()
    return spec.resolvedJSON()
  }
}

extension Experiment {
  /// The stage as an experiment of its own, over the same data and libraries.
  func stage(_ stage: SharingStage) throws -> Experiment {
    switch stage {
    case .warmup:
      return try derived(spec.warmup) { spec in
        TrainingPlan.warmup(spec: spec, labelledSentences: data.labelledSentences)
      }
    case .pruning(let task):
      guard let number = spec.tasks.firstIndex(where: { $0.name == task }) else {
        throw TrainError(
          .data, "the spec has no task '\(task)'",
          suggestion: "it has \(spec.tasks.map(\.name).joined(separator: ", "))")
      }
      let layout = MaskLayout(training.tables, shapes: design.shapes)
      let schedule = PruningSchedule(
        spec: spec.sharing.prune, prunable: layout.count(of: training.tables.reached(by: number)))
      return try derived(spec.pruning(task: task)) { spec in
        TrainingPlan.pruning(
          spec: spec, task: number, survivors: schedule.surviving, labelledSentences: data.labelledSentences)
      }
    case .training: return self
    }
  }
}
