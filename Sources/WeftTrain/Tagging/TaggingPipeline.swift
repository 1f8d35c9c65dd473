import WeftCorpus
import WeftRuntime
import WeftSpec

/// What is wanted of tagging.
public struct TaggingOptions: Sendable, Equatable {
  /// Names of the tasks; nil for all.
  public var tasks: [String]?
  /// Probabilities of all labels at each token.
  public var probabilities = false
  /// So many best label sequences; 0: none.
  public var alternatives = 0
  /// Sentences that are read before they are tagged together: more is faster, 1 answers at once.
  public var chunk = 256
  public init() {}
}

/// Tags sentences, one thread's worth. All tasks that share one network are computed in one pass over it.
public struct TaggingPipeline: ~Copyable {
  public let model: TrainedModel
  public let options: TaggingOptions
  private let encoder: BatchEncoder
  private let numbers: [Int]
  private let taskSet: TaskSet
  private let labelNames: [[String]]
  private let labelTags: [[SpanTag?]]
  private var session: SubnetSession

  /// - Throws: `TrainError` for a task that the model does not have.
  public init(_ model: TrainedModel, options: TaggingOptions = TaggingOptions(), threads: Int = 1) throws {
    let tasks = model.spec.tasks
    let numbers = try (options.tasks ?? tasks.map(\.name)).map { name in
      guard let number = tasks.firstIndex(where: { $0.name == name }) else {
        throw TrainError(
          .data, "the model has no task '\(name)'",
          suggestion: "it has \(tasks.map(\.name).joined(separator: ", "))")
      }
      return number
    }
    session = try SubnetSession(model.subnets, threads: threads)
    self.model = model
    self.options = options
    self.numbers = numbers
    taskSet = TaskSet(tasks: numbers)
    let labelNames = tasks.map { model.vocabularies.labels[$0.name]?.labels ?? [] }
    self.labelNames = labelNames
    labelTags = zip(tasks, labelNames).map { task, names in
      task.modelScheme == .none || task.modelScheme == task.dataScheme ? [] : names.map { SpanTag($0) }
    }
    encoder = BatchEncoder(spec: model.spec, vocabularies: model.vocabularies)
  }

  /// The labels of a task in the order of probabilities.
  public func labels(of task: String) -> [String] { model.vocabularies.labels[task]?.labels ?? [] }

  /// Tags sentences together.
  ///
  /// - Throws: `CorpusError` for a sentence or word beyond the model's limits.
  public mutating func tag(_ sentences: [Sentence]) throws -> [TaggedSentence] {
    var results = sentences.map { TaggedSentence(sentence: $0, tasks: []) }
    var wanted: RunOutputs = .prediction
    if options.probabilities { wanted.insert(.probabilities) }
    for chosen in Evaluator.batches(lengths: sentences.map(\.words.count)) {
      let batch = try encoder.encode(chosen.map { sentences[$0] })
      try session.run(batch, tasks: taskSet, wanted: wanted)
      for number in numbers {
        let predicted = batch.bySentence(try session.prediction(task: number), count: chosen.count)
        let probabilities =
          options.probabilities
          ? try rows(session.probabilities(task: number), number, batch, chosen.count) : nil
        for (position, sentence) in chosen.enumerated() {
          results[sentence].tasks.append(
            TaskTags(
              task: model.spec.tasks[number].name, tags: tags(predicted[position], task: number),
              labels: predicted[position].map { labelNames[number][Int($0)] },
              probabilities: probabilities?[position], alternatives: nil))
        }
        if options.alternatives > 0 { try addAlternatives(task: number, batch, chosen, to: &results) }
      }
    }
    return results
  }

  /// Tags a stream of sentences in its order, a chunk at a time.
  ///
  /// - Parameters:
  ///   - next: the next sentence; nil at the end.
  ///   - write: takes the results, in order.
  public mutating func run(
    next: () throws -> Sentence?, write: (TaggedSentence) throws -> Void
  ) throws {
    var chunk: [Sentence] = []
    var tokens = 0
    while let sentence = try next() {
      chunk.append(sentence)
      tokens += sentence.words.count
      if chunk.count >= options.chunk || tokens >= 4 * Evaluator.batchTokens {
        for result in try tag(chunk) { try write(result) }
        chunk.removeAll(keepingCapacity: true)
        tokens = 0
      }
    }
    for result in try tag(chunk) { try write(result) }
  }

  /// Label ids as tags in the scheme of the data.
  private func tags(_ ids: [Int32], task number: Int) -> [String] {
    if labelTags[number].isEmpty { return ids.map { labelNames[number][Int($0)] } }
    let task = model.spec.tasks[number]
    let converted = task.modelScheme.convert(ids.map { labelTags[number][Int($0)] }, to: task.dataScheme)
    return zip(ids, converted).map { id, tag in tag?.text ?? labelNames[number][Int(id)] }
  }

  /// Rows of numbers, token by token, of each sentence as given.
  private func rows(_ values: [Float], _ task: Int, _ batch: PackedBatch, _ count: Int) -> [[[Float]]] {
    let columns = labelNames[task].count
    let rows = (0..<batch.tokenCount).map { Array(values[$0 * columns..<($0 + 1) * columns]) }
    return batch.bySentence(rows, count: count)
  }

  private mutating func addAlternatives(
    task number: Int, _ batch: PackedBatch, _ chosen: [Int], to results: inout [TaggedSentence]
  ) throws {
    for (packed, position) in batch.order.enumerated() {
      let paths = try session.nBest(task: number, sentence: packed, count: options.alternatives)
      let last = results[chosen[position]].tasks.count - 1
      results[chosen[position]].tasks[last].alternatives = paths.map {
        TagSequence(tags: tags($0.labels, task: number), logProbability: $0.logProbability)
      }
    }
  }
}
