import CWeftABI
import WeftCorpus

/// What a run computes besides scores.
public struct RunOutputs: OptionSet, Sendable, Hashable {
  public let rawValue: UInt32
  public init(rawValue: UInt32) { self.rawValue = rawValue }
  /// The best label of each token.
  public static let prediction = RunOutputs(rawValue: UInt32(WEFT_PREDICTION))
  /// Softmax probabilities, or marginals of a CRF.
  public static let probabilities = RunOutputs(rawValue: UInt32(WEFT_PROBABILITIES))
}

/// A label sequence of a sentence and how probable the model finds it.
public struct RankedPath: Sendable, Hashable {
  /// Label ids, one for each token.
  public var labels: [Int32]
  /// Natural logarithm of the sequence's probability.
  public var logProbability: Float
}

/// One thread's use of a model: the memory that running it changes.
///
/// Results are read through closures and stay valid until the next run. A token's row in them is its row in
/// the packed batch.
public struct Session: ~Copyable {
  public let model: Model
  private let team: ThreadTeam
  private var binding = BatchBinding()
  private var workspace = GrowingMemory()
  private var nbestWorkspace = GrowingMemory()
  private var outputs: [weft_output]
  private var tokenOffsets: [Int32] = [0]
  private var ran: TaskSet = []

  /// - Parameters:
  ///   - model: may be shared by other sessions.
  ///   - threads: how many threads a run may use, the caller's included.
  public init(model: Model, threads: Int = 1) throws(RuntimeError) {
    self.model = model
    team = try ThreadTeam(threads: threads)
    outputs = Array(repeating: weft_output(), count: max(model.tables.tasks.count, 1))
  }

  /// Computes scores and what is wanted for a batch.
  ///
  /// - Parameters:
  ///   - tasks: the tasks to compute; nil for all.
  /// - Throws: `.invalidInput` if an id is not in its vocabulary or the batch is inconsistent;
  ///   `.outOfMemory`.
  public mutating func run(
    _ batch: PackedBatch, tasks: TaskSet? = nil, wanted: RunOutputs = .prediction
  ) throws(RuntimeError) {
    let tables = model.tables
    let tasks = tasks ?? tables.allTasks
    guard tasks.isSubset(of: tables.allTasks) else {
      throw RuntimeError(
        .invalidInput, "The model has \(tables.tasks.count) tasks, and another one was asked for.")
    }
    ran = []
    try binding.bind(batch, inputs: tables.inputs, tasks: tables.tasks)
    tokenOffsets = batch.tokenOffsets
    if batch.tokenCount == 0 {
      ran = tasks
      return
    }
    let functions = model.library.functions.table
    var bound = binding.batch
    let size = functions.workspace_size(&bound.extent)
    let memory = try workspace.reserve(size, for: "tagging \(batch.tokenCount) tokens")
    let status = outputs.withUnsafeMutableBufferPointer { outputs in
      functions.run(
        model.pointer, team.pointer, memory, workspace.byteCount, &bound, tasks.rawValue, wanted.rawValue,
        outputs.baseAddress)
    }
    try status.check("tagging", in: model.library.url)
    ran = tasks
  }

  /// Number of tokens of the last run.
  public var tokenCount: Int { Int(tokenOffsets.last ?? 0) }

  /// The last run's scores of a task, [tokens × labels] row-major.
  ///
  /// - Throws: `.invalidInput` if the last run did not compute the task.
  public func withScores<Result: ~Copyable>(
    task: Int, _ body: (Span<Float>) throws(RuntimeError) -> Result
  ) throws(RuntimeError) -> Result {
    try body(try buffer(task, \.scores, columns: labelCount(task), "scores").span)
  }

  /// The last run's best label of each token, [tokens].
  public func withPrediction<Result: ~Copyable>(
    task: Int, _ body: (Span<Int32>) throws(RuntimeError) -> Result
  ) throws(RuntimeError) -> Result {
    try body(try buffer(task, \.prediction, columns: 1, "predictions").span)
  }

  /// The last run's label probabilities, [tokens × labels] row-major: softmax, or marginals of a CRF.
  public func withProbabilities<Result: ~Copyable>(
    task: Int, _ body: (Span<Float>) throws(RuntimeError) -> Result
  ) throws(RuntimeError) -> Result {
    try body(try buffer(task, \.probabilities, columns: labelCount(task), "probabilities").span)
  }

  /// Copy of the last run's scores of a task, [tokens × labels].
  public func scores(task: Int) throws(RuntimeError) -> [Float] {
    Array(try buffer(task, \.scores, columns: labelCount(task), "scores"))
  }
  /// Copy of the last run's best labels of a task, [tokens].
  public func prediction(task: Int) throws(RuntimeError) -> [Int32] {
    Array(try buffer(task, \.prediction, columns: 1, "predictions"))
  }
  /// Copy of the last run's label probabilities of a task, [tokens × labels].
  public func probabilities(task: Int) throws(RuntimeError) -> [Float] {
    Array(try buffer(task, \.probabilities, columns: labelCount(task), "probabilities"))
  }

  /// The `count` most probable label sequences of a sentence of the last run, best first; fewer if there are
  /// fewer.
  ///
  /// - Parameter sentence: its place in the packed batch (longest first).
  /// - Throws: `.invalidInput` if the last run did not compute the task or has no such sentence.
  public mutating func nBest(task: Int, sentence: Int, count: Int) throws(RuntimeError) -> [RankedPath] {
    let labels = try labelCount(task)
    let scores = try buffer(task, \.scores, columns: labels, "scores")
    let sentences = tokenOffsets.count > 1 ? Int(tokenOffsets[1]) : 0
    guard sentence >= 0, count > 0 else {
      throw RuntimeError(.invalidInput, "There is no sentence \(sentence), or no sequence was asked for.")
    }
    guard sentence < sentences else { return [] }
    // Position t's row is there as long as more than `sentence` sentences are active.
    var rows: [Float] = []
    for step in 0..<tokenOffsets.count - 1 {
      guard Int(tokenOffsets[step + 1] - tokenOffsets[step]) > sentence else { break }
      let row = Int(tokenOffsets[step]) + sentence
      rows += scores[row * labels..<(row + 1) * labels]
    }
    return try nBest(task: task, scores: rows, count: count)
  }

  /// The `count` most probable label sequences of a sentence with these scores.
  ///
  /// - Parameter scores: [tokens × labels] row-major.
  public mutating func nBest(task: Int, scores: [Float], count: Int) throws(RuntimeError) -> [RankedPath] {
    let labels = try labelCount(task)
    guard scores.count % labels == 0, count > 0, count <= 1 << 20, scores.count / labels <= Int(Int32.max)
    else {
      throw RuntimeError(
        .invalidInput, "\(scores.count) scores are no whole number of tokens with \(labels) labels each.")
    }
    let tokens = scores.count / labels
    guard tokens > 0 else { return [] }
    let functions = model.library.functions.table
    let size = functions.nbest_size(Int32(task), Int32(tokens), Int32(count))
    let memory = try nbestWorkspace.reserve(size, for: "the \(count) best label sequences")
    var paths = [Int32](repeating: 0, count: tokens * count)
    var logProbabilities = [Float](repeating: 0, count: count)
    var found: Int32 = 0
    let status = functions.nbest(
      model.pointer, Int32(task), Int32(tokens), scores, Int32(count), memory, nbestWorkspace.byteCount,
      &paths,
      &logProbabilities, &found)
    try status.check("the best label sequences", in: model.library.url)
    return (0..<min(max(Int(found), 0), count)).map { path in
      RankedPath(
        labels: Array(paths[path * tokens..<(path + 1) * tokens]), logProbability: logProbabilities[path])
    }
  }

  private func labelCount(_ task: Int) throws(RuntimeError) -> Int {
    guard model.tables.tasks.indices.contains(task) else {
      throw RuntimeError(.invalidInput, "The model has no task number \(task).")
    }
    return model.tables.tasks[task].labelCount
  }

  /// Sound because the pointers lead into `workspace`, which only `run` changes, and `run` forgets them
  /// first.
  private func buffer<Element>(
    _ task: Int, _ path: KeyPath<weft_output, UnsafePointer<Element>?>, columns: Int, _ what: String
  ) throws(RuntimeError) -> UnsafeBufferPointer<Element> {
    guard ran.contains(task: task) else {
      throw RuntimeError(.invalidInput, "The last run did not compute task number \(task).")
    }
    guard tokenCount > 0 else { return UnsafeBufferPointer(start: nil, count: 0) }
    guard let address = outputs[task][keyPath: path] else {
      throw RuntimeError(
        .invalidInput, "The last run did not compute \(what) of the task `\(model.tables.tasks[task].name)`.")
    }
    return UnsafeBufferPointer(start: address, count: tokenCount * columns)
  }
}

/// Sound: a session has one owner, running it needs exclusive access, and reading results changes nothing. It may so be
/// kept in an actor or behind a lock, and move between threads.
extension Session: @unchecked Sendable {}
