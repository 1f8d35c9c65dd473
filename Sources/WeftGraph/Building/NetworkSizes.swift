import WeftCorpus
import WeftSpec

/// What a network needs to know of the data: how many rows its tables have and which labels its tasks.
public struct NetworkSizes: Sendable, Hashable {
  /// Rows of the word table, with padding (0) and UNK (1); 0 if the network reads no words.
  public var words: Int
  /// Rows of the character table, likewise.
  public var characters: Int
  /// Rows of each feature table by feature name, likewise.
  public var features: [String: Int]
  /// By task name.
  public var labels: [String: LabelShape]

  public init(
    words: Int = 0, characters: Int = 0, features: [String: Int] = [:], labels: [String: LabelShape]
  ) {
    self.words = words
    self.characters = characters
    self.features = features
    self.labels = labels
  }

  /// The sizes of a spec's network over these vocabularies.
  public init(vocabularies: Vocabularies, spec: Spec) {
    self.init(
      words: vocabularies.words?.count ?? 0, characters: vocabularies.characters?.count ?? 0,
      features: vocabularies.features.mapValues(\.count), labels: [:])
    for task in spec.tasks {
      guard let set = vocabularies.labels[task.name] else { continue }
      let isConstrained = task.decoder == .crf && task.crf.constrained
      labels[task.name] = LabelShape(count: set.count, constraints: isConstrained ? CRFConstraints(set) : nil)
    }
  }
}

/// The labels of a task.
public struct LabelShape: Sendable, Hashable {
  public var count: Int
  /// Which label sequences a CRF may give; nil allows all.
  public var constraints: CRFConstraints?

  public init(count: Int, constraints: CRFConstraints? = nil) {
    self.count = count
    self.constraints = constraints
  }
}
