import WeftCorpus
import WeftSpec

/// The score of a task on the sentences of one domain.
public struct DomainScore: Sendable {
  public var domain: String
  /// Is it one of those that the model was trained on?
  public var isTrainedOn: Bool
  /// Counts of its sentences, in the order of the files.
  public var score: Score

  public init(domain: String, isTrainedOn: Bool, score: Score) {
    self.domain = domain
    self.isTrainedOn = isTrainedOn
    self.score = score
  }
}

/// Counts a task's sentences domain by domain.
struct DomainScorers {
  private let domains: SentenceDomains
  private let isTrainedOn: [Bool]
  private var scorers: [Scorer]

  /// Nil for a corpus that is not split in domains.
  init?(_ task: TaskSpec, _ corpus: EncodedCorpus) {
    guard let domains = corpus.corpus.domains else { return nil }
    self.domains = domains
    isTrainedOn = domains.names.map(corpus.isTrainedOn)
    scorers = domains.names.map { _ in Scorer(task) }
  }

  mutating func add(_ sentence: Int, gold: [String?], predicted: [String]) {
    scorers[Int(domains.indices[sentence])].add(gold: gold, predicted: predicted)
  }

  /// Of the domains that have sentences here, in the order of their names in the corpus.
  var scores: [DomainScore] {
    zip(domains.names, zip(isTrainedOn, scorers)).compactMap { name, rest in
      rest.1.score.sentences.isEmpty
        ? nil : DomainScore(domain: name, isTrainedOn: rest.0, score: rest.1.score)
    }
  }
}
