import WeftCorpus
import WeftRuntime
import WeftSpec

/// Scores a model on labelled corpora.
///
/// All tasks that read a corpus and have one network are computed in one pass over it, in batches of sentences of similar
/// length.
public struct Evaluator: Sendable {
  /// Tokens a batch, but for sentences that are longer alone.
  public static let batchTokens = 2048

  public let tasks: [TaskSpec]
  /// Labels by task number, in order of their ids.
  private let labels: [[String]]
  public let threads: Int

  public init(tasks: [TaskSpec], vocabularies: Vocabularies, threads: Int = 1) {
    self.tasks = tasks
    labels = tasks.map { vocabularies.labels[$0.name]?.labels ?? [] }
    self.threads = threads
  }

  /// Scores of the tasks that read one of the corpora.
  public func evaluate(
    _ subnets: Subnets, on corpora: [EncodedCorpus], tasks wanted: TaskSet? = nil
  ) throws -> Evaluation {
    var results: [TaskEvaluation] = []
    var session = try SubnetSession(subnets, threads: threads)
    for corpus in corpora {
      let readers = TaskSet(
        tasks: tasks.indices.filter { number in
          (wanted?.contains(task: number) ?? true) && corpus.tasks.contains { $0.name == tasks[number].name }
        })
      guard !readers.isEmpty else { continue }
      let predictions = try predict(corpus, tasks: readers, session: &session)
      for (number, predicted) in predictions {
        var scorer = Scorer(tasks[number])
        var domains = DomainScorers(tasks[number], corpus)
        for sentence in 0..<corpus.sentenceCount {
          let gold = corpus.gold(tasks[number], sentence: sentence)
          let found = predicted[sentence].map { labels[number][Int($0)] }
          scorer.add(gold: gold, predicted: found)
          domains?.add(sentence, gold: gold, predicted: found)
        }
        results.append(
          TaskEvaluation(
            task: tasks[number].name, number: number, score: scorer.score,
            domains: domains?.scores ?? [], unseenLabels: corpus.unseenLabels[tasks[number].name] ?? [:]))
      }
    }
    return Evaluation(tasks: results.sorted { $0.number < $1.number })
  }

  /// Label ids of every sentence, for each task.
  private func predict(
    _ corpus: EncodedCorpus, tasks: TaskSet, session: inout SubnetSession
  ) throws -> [(task: Int, sentences: [[Int32]])] {
    var results = tasks.numbers.map {
      (task: $0, sentences: Array(repeating: [Int32](), count: corpus.sentenceCount))
    }
    for chosen in Self.batches(lengths: corpus.lengths) {
      let batch = corpus.pack(chosen, labels: [])
      try session.run(batch, tasks: tasks, wanted: .prediction)
      for index in results.indices {
        let rows = try session.prediction(task: results[index].task)
        for (sentence, labels) in zip(chosen, batch.bySentence(rows, count: chosen.count)) {
          results[index].sentences[sentence] = labels
        }
      }
    }
    return results
  }

  /// Sentences in batches, longest first, so that each batch holds sentences of similar length.
  static func batches(lengths: [Int], tokens limit: Int = batchTokens) -> [[Int]] {
    let order = lengths.indices.sorted {
      lengths[$0] == lengths[$1] ? $0 < $1 : lengths[$0] > lengths[$1]
    }
    var batches: [[Int]] = []
    var tokens = 0
    for sentence in order {
      if batches.isEmpty || tokens + lengths[sentence] > limit {
        batches.append([])
        tokens = 0
      }
      batches[batches.count - 1].append(sentence)
      tokens += lengths[sentence]
    }
    return batches
  }
}
