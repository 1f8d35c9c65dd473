import WeftRuntime
import WeftSpec

extension TrainingPlan {
  /// Hard sharing for a given number of epochs, of which the last one counts: the multi-task warm-up of sparse sharing.
  ///
  /// - Parameter spec: that of the warm-up (`Spec.warmup`).
  static func warmup(
    spec: Spec, labelledSentences: (_ corpus: String, _ tasks: TaskSet) -> Int
  ) -> TrainingPlan {
    var plan = TrainingPlan(spec: spec, labelledSentences: labelledSentences)
    for index in plan.phases.indices {
      plan.phases[index].name = "warm-up"
      plan.phases[index].finish = .last
    }
    return plan
  }

  /// Iterative magnitude pruning of one task: a phase for each round, each from the same start, under the mask that the
  /// round before left (Sun et al. 2020, Algorithm 1). All have the same seed, so that they differ in their masks alone.
  ///
  /// - Parameters:
  ///   - spec: that of the pruning (`Spec.pruning(task:)`).
  ///   - survivors: weights that the mask of each round keeps, from round 1.
  static func pruning(
    spec: Spec, task: Int, survivors: [Int],
    labelledSentences: (_ corpus: String, _ tasks: TaskSet) -> Int
  ) -> TrainingPlan {
    let (name, set) = (spec.tasks[task].name, TaskSet(task: task))
    let stream = BatchStream(
      name: name, tasks: set, key: UInt64(task),
      sentenceCount: labelledSentences(spec.tasks[task].data, set))
    let phases = (0...survivors.count).map { number in
      var phase = Phase(
        name: "\(name) round \(number)/\(survivors.count)", seed: spec.seed, streams: [stream], decisive: set,
        weights: spec.tasks.map(\.weight), recipe: spec.train)
      phase.start = .snapshot(start)
      let mask = PruningRound.maskName(number)
      if number > 0 { phase.masks = [task: mask] }
      var next: PruningRound.Next?
      if number < survivors.count {
        next = PruningRound.Next(mask: PruningRound.maskName(number + 1), survivors: survivors[number])
      }
      phase.round = PruningRound(
        task: task, number: number, last: survivors.count, mask: mask, next: next,
        granularity: spec.sharing.prune.granularity, scope: spec.sharing.prune.scope)
      return phase
    }
    var plan = TrainingPlan(
      taskNames: spec.tasks.map(\.name), phases: phases, averaging: spec.train.averaging,
      saveEvery: spec.train.saveEvery)
    plan.origin = start
    return plan
  }

  /// Name of what every round of pruning starts from.
  private static let start = "start"
}

extension SharingSpec {
  /// Numbers of the tasks that train under masks.
  func maskedTasks(of tasks: [TaskSpec]) -> [Int] {
    switch masks {
    case .found: kind == .sparse ? Array(tasks.indices) : []
    case .folder, .random, .randomLike: Array(tasks.indices)
    case .files(let files): tasks.indices.filter { files[tasks[$0].name] != nil }
    }
  }
}
