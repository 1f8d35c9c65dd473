import WeftCorpus
import WeftRuntime

/// A trained network as each task sees it: E(x; M_t ⊙ θ), a packed model for each distinct mask. Without masks it is
/// one model for all tasks.
public struct Subnets: Sendable {
  /// Tasks that go through one model.
  public struct Member: Sendable {
    public var tasks: TaskSet
    public var model: Model
  }
  /// Every task that was asked for is in one of them.
  public let members: [Member]
  public let library: InferenceLibrary

  /// - Parameters:
  ///   - parameters: θ, with the library's parameter table.
  ///   - masks: by task number; a task without one uses all weights.
  ///   - tasks: those that are wanted; nil for all.
  ///   - instructionSet: nil for the best that this processor runs.
  public init(
    library: InferenceLibrary, parameters: ParameterBlock, masks: [Int: Mask] = [:],
    tasks: TaskSet? = nil, instructionSet: String? = nil
  ) throws(RuntimeError) {
    var groups: [(mask: Mask?, tasks: TaskSet)] = []
    for task in (tasks ?? library.tables.allTasks).indices {
      if let index = groups.firstIndex(where: { $0.mask == masks[task] }) {
        groups[index].tasks.insert(TaskSet(task: task))
      } else {
        groups.append((masks[task], TaskSet(task: task)))
      }
    }
    var members: [Member] = []
    for (mask, tasks) in groups {
      let own = if let mask { try parameters.masked(by: mask) } else { parameters }
      members.append(
        Member(
          tasks: tasks, model: try Model(library: library, parameters: own, instructionSet: instructionSet)))
    }
    self.members = members
    self.library = library
  }

  /// One network for all tasks.
  public init(_ model: Model) {
    members = [Member(tasks: model.tables.allTasks, model: model)]
    library = model.library
  }

  /// The instruction set that was chosen, e.g. `avx512`.
  public var instructionSet: String { members.first?.model.instructionSet ?? "" }
  /// Size of all packed weights in bytes.
  public var byteCount: Int { members.reduce(0) { $0 + $1.model.byteCount } }
}

/// One thread's use of a network's subnets. A batch runs once for each of them that is asked for.
public struct SubnetSession: ~Copyable {
  /// A box, because an array cannot hold what cannot be copied.
  private final class Run {
    let tasks: TaskSet
    var session: Session
    init(_ member: Subnets.Member, threads: Int) throws(RuntimeError) {
      tasks = member.tasks
      session = try Session(model: member.model, threads: threads)
    }
  }
  private let runs: [Run]

  /// - Parameter threads: how many threads a run may use, the caller's included.
  public init(_ subnets: Subnets, threads: Int = 1) throws(RuntimeError) {
    var runs: [Run] = []
    for member in subnets.members { runs.append(try Run(member, threads: threads)) }
    self.runs = runs
  }

  /// Computes what is wanted for a batch.
  ///
  /// - Throws: as `Session.run`.
  public mutating func run(
    _ batch: PackedBatch, tasks: TaskSet, wanted: RunOutputs = .prediction
  ) throws(RuntimeError) {
    for run in runs {
      let own = tasks.intersection(run.tasks)
      if !own.isEmpty { try run.session.run(batch, tasks: own, wanted: wanted) }
    }
  }

  /// The last run's best label of each token, [tokens].
  public func prediction(task: Int) throws(RuntimeError) -> [Int32] {
    try run(of: task).session.prediction(task: task)
  }

  /// The last run's label probabilities, [tokens × labels].
  public func probabilities(task: Int) throws(RuntimeError) -> [Float] {
    try run(of: task).session.probabilities(task: task)
  }

  /// The most probable label sequences of a sentence of the last run, best first.
  public mutating func nBest(task: Int, sentence: Int, count: Int) throws(RuntimeError) -> [RankedPath] {
    try run(of: task).session.nBest(task: task, sentence: sentence, count: count)
  }

  private func run(of task: Int) throws(RuntimeError) -> Run {
    guard let run = runs.first(where: { $0.tasks.contains(task: task) }) else {
      throw RuntimeError(.invalidInput, "The model has no task number \(task).")
    }
    return run
  }
}
