import WeftCorpus
import WeftSpec

/// Scores of a model on one part of the data.
public struct Evaluation: Sendable {
  /// In the order of the spec; tasks without data are left out.
  public var tasks: [TaskEvaluation]

  public init(tasks: [TaskEvaluation]) { self.tasks = tasks }

  public subscript(task: String) -> TaskEvaluation? { tasks.first { $0.task == task } }

  /// Unweighted mean of the tasks' values, in 0 ... 1; nil without tasks.
  public var mean: Double? {
    tasks.isEmpty ? nil : tasks.reduce(0) { $0 + $1.score.value } / Double(tasks.count)
  }

  /// Values by task and `mean`, as checkpoints keep them.
  public var values: [String: Double] {
    var values = Dictionary(tasks.map { ($0.task, $0.score.value) }, uniquingKeysWith: { first, _ in first })
    if let mean { values["mean"] = mean }
    return values
  }
}

/// The score of one task.
public struct TaskEvaluation: Sendable {
  public var task: String
  /// Number of the task in the spec.
  public var number: Int
  public var score: Score
  /// The same domain by domain; empty where the data are not split in domains.
  public var domains: [DomainScore]
  /// Labels of the data that the model cannot predict, with the number of tokens that carry them.
  public var unseenLabels: [String: Int]

  public init(
    task: String, number: Int, score: Score, domains: [DomainScore] = [], unseenLabels: [String: Int] = [:]
  ) {
    self.task = task
    self.number = number
    self.score = score
    self.domains = domains
    self.unseenLabels = unseenLabels
  }
}

/// An evaluation as other programs read it (`results.json`, `weft eval --format json`). Rates are in 0 ... 1.
public struct EvaluationRecord: Sendable, Equatable, Codable {
  public struct Task: Sendable, Equatable, Codable {
    public var name: String
    public var metric: Metric
    /// Value of the metric.
    public var value: Double
    public var sentences: Int
    /// Labelled tokens.
    public var tokens: Int
    /// Share of labelled tokens with the right label.
    public var accuracy: Double
    /// Over all classes together; span metrics only.
    public var precision: Double?
    public var recall: Double?
    public var f1: Double?
    /// By type of span, or by label.
    public var classes: [String: Class]
    /// Labelled tokens by gold and by predicted label (or type of span).
    public var confusion: [String: [String: Int]]
    public var unseenLabels: [String: Int]
    /// By domain; absent where the data are not split in domains.
    public var domains: [String: Domain]?
  }
  public struct Domain: Sendable, Equatable, Codable {
    /// Is it one of those that the model was trained on?
    public var isTrainedOn: Bool
    public var sentences: Int
    /// Labelled tokens.
    public var tokens: Int
    public var value: Double
    public var accuracy: Double
  }
  public struct Class: Sendable, Equatable, Codable {
    public var gold: Int
    public var found: Int
    public var correct: Int
    public var precision: Double
    public var recall: Double
    public var f1: Double
  }

  public var tasks: [Task]
  public var mean: Double?

  public init(_ evaluation: Evaluation) {
    mean = evaluation.mean
    tasks = evaluation.tasks.map { result in
      let score = result.score
      let micro = score.metric == .spanF1 ? score.micro : nil
      return Task(
        name: result.task, metric: score.metric, value: score.value, sentences: score.sentences.count,
        tokens: score.tokens, accuracy: score.accuracy, precision: micro?.precision, recall: micro?.recall,
        f1: micro?.f1,
        classes: score.classes.mapValues {
          Class(
            gold: $0.gold, found: $0.found, correct: $0.correct, precision: $0.precision, recall: $0.recall,
            f1: $0.f1)
        },
        confusion: score.confusion, unseenLabels: result.unseenLabels,
        domains: result.domains.isEmpty
          ? nil
          : Dictionary(
            uniqueKeysWithValues: result.domains.map {
              (
                $0.domain,
                Domain(
                  isTrainedOn: $0.isTrainedOn, sentences: $0.score.sentences.count, tokens: $0.score.tokens,
                  value: $0.score.value, accuracy: $0.score.accuracy)
              )
            }))
    }
  }
}
