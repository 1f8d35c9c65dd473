import WeftCorpus
import WeftRuntime
import WeftSpec

/// The mini-batches of training corpora.
///
/// A stream passes over its sentences again and again; the order of each pass is a function of the seed, the stream
/// and the number of the pass (``BatchOrder``).
public struct CorpusBatches: BatchSource {
  /// The sentences of one stream.
  private struct Pool {
    let corpus: EncodedCorpus
    let lengths: [Int]
    /// Sentences with a label of one of the stream's tasks.
    let sentences: [Int]
    /// Tasks that each sentence of the corpus carries labels of.
    let labelled: [TaskSet]
    let taskNames: [String]
    var pass = -1
    var batches: [[Int]] = []
  }

  private let tasks: [TaskSpec]
  private let corpora: [String: EncodedCorpus]
  private var pools: [UInt64: Pool] = [:]

  /// - Parameter corpora: training corpora by name.
  public init(tasks: [TaskSpec], corpora: [String: EncodedCorpus]) {
    self.tasks = tasks
    self.corpora = corpora
  }

  public mutating func batch(_ number: Int, of stream: BatchStream, in phase: Phase) throws -> TrainingBatch {
    // The pool is taken out, so that it is changed in place.
    var pool = try pools.removeValue(forKey: stream.key) ?? makePool(stream)
    defer { pools[stream.key] = pool }
    let perPass = (pool.sentences.count + phase.batch - 1) / phase.batch
    let pass = number / perPass
    if pool.pass != pass {
      pool.batches = BatchOrder(seed: phase.seed, task: Int(stream.key), epoch: pass)
        .batches(of: pool.sentences, lengths: pool.lengths, size: phase.batch)
      pool.pass = pass
    }
    let chosen = pool.batches[number % perPass]
    return TrainingBatch(
      packed: pool.corpus.pack(chosen, labels: pool.taskNames),
      labelled: chosen.reduce(into: []) { $0.formUnion(pool.labelled[$1]) })
  }

  private func makePool(_ stream: BatchStream) throws -> Pool {
    let members = stream.tasks.numbers.map { ($0, tasks[$0]) }
    guard let corpus = members.first.flatMap({ corpora[$0.1.data] }) else {
      throw TrainError(.data, "there are no training sentences for \(stream.name)")
    }
    var labelled = Array(repeating: TaskSet(), count: corpus.sentenceCount)
    for (number, task) in members {
      for sentence in corpus.sentences(labelledFor: task.name) {
        labelled[sentence].insert(TaskSet(task: number))
      }
    }
    let sentences = labelled.indices.filter { !labelled[$0].isEmpty }
    guard !sentences.isEmpty else {
      throw TrainError(.data, "there are no training sentences for \(stream.name)")
    }
    return Pool(
      corpus: corpus, lengths: corpus.lengths, sentences: sentences, labelled: labelled,
      taskNames: members.map(\.1.name))
  }
}
