import WeftRuntime
import WeftSpec

/// The phases of a run and what holds over all of them.
public struct TrainingPlan: Sendable, Equatable, Codable {
  public var taskNames: [String]
  public var phases: [Phase]
  /// Decay of the moving average of the weights; 0 is off.
  public var averaging: Double
  /// Steps between resumable checkpoints within an epoch; 0: none.
  public var saveEvery: Int
  /// Name under which the parameters that the run starts from are kept, for phases that start there again.
  public var origin: String?

  public init(taskNames: [String], phases: [Phase], averaging: Double = 0, saveEvery: Int = 0) {
    self.taskNames = taskNames
    self.phases = phases
    self.averaging = averaging
    self.saveEvery = saveEvery
  }

  /// The plan of a spec.
  ///
  /// Hard sharing is one joint phase. With single-task sharing the networks have nothing in common, so each task has
  /// a phase of its own, with its own epochs and its own best epoch; the model is the best of each.
  ///
  /// Tasks that have masks train under them. With `updates: compat` a step moves what is outside them as well, and
  /// gradients are clipped by value, at the number of `train.clip`.
  ///
  /// - Parameter labelledSentences: training sentences that carry a label of the tasks in a set, for one corpus.
  public init(spec: Spec, labelledSentences: (_ corpus: String, _ tasks: TaskSet) -> Int) {
    func streams(of tasks: [Int]) -> [BatchStream] {
      switch spec.train.step {
      case .oneTask:
        tasks.map { task in
          let set = TaskSet(task: task)
          return BatchStream(
            name: spec.tasks[task].name, tasks: set, key: UInt64(task),
            sentenceCount: labelledSentences(spec.tasks[task].data, set))
        }
      case .allTasks:
        spec.data.enumerated().compactMap { number, corpus in
          let set = TaskSet(tasks: tasks.filter { spec.tasks[$0].data == corpus.name })
          guard !set.isEmpty else { return nil }
          return BatchStream(
            name: corpus.name, tasks: set, key: UInt64(spec.tasks.count + number),
            sentenceCount: labelledSentences(corpus.name, set))
        }
      }
    }
    let weights = spec.tasks.map(\.weight)
    let everyTask = Array(spec.tasks.indices)
    var phases: [Phase]
    switch spec.sharing.kind {
    case .hard, .soft, .sparse:
      let main = spec.train.mainTask.flatMap { name in spec.tasks.firstIndex { $0.name == name } }
      phases = [
        Phase(
          name: "joint", seed: spec.seed, streams: streams(of: everyTask),
          decisive: main.map { TaskSet(task: $0) } ?? .all(spec.tasks.count), weights: weights,
          recipe: spec.train)
      ]
    case .single:
      phases = everyTask.map { task in
        Phase(
          name: spec.tasks[task].name, seed: spec.seed, streams: streams(of: [task]),
          decisive: TaskSet(task: task),
          weights: weights, recipe: spec.train)
      }
    }
    let masked = spec.sharing.maskedTasks(of: spec.tasks)
    for index in phases.indices {
      for task in masked where phases[index].tasks.contains(task: task) {
        phases[index].masks[task] = spec.tasks[task].name
      }
      guard !phases[index].masks.isEmpty, spec.sharing.updates == .compat else { continue }
      // The published code of sparse sharing clips by value where its paper clips by norm, with the same number.
      phases[index].updates = .compat
      if case .norm(let limit) = phases[index].clip { phases[index].clip = .value(limit) }
    }
    self.init(
      taskNames: spec.tasks.map(\.name), phases: phases, averaging: spec.train.averaging,
      saveEvery: spec.train.saveEvery)
  }
}
