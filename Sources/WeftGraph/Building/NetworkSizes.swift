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
