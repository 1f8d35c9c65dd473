/// All that turns text into the ids that a model was built for.
public struct Vocabularies: Sendable, Equatable, Codable {
  public var words: Vocabulary?
  /// How often each entry of ``words`` occurs in the training data; nil if that is not known.
  public var wordCounts: [Int]?
  public var characters: Vocabulary?
  /// By name of the feature.
  public var features: [String: Vocabulary]
  /// By name of the task.
  public var labels: [String: LabelSet]

  public init(
    words: Vocabulary? = nil, characters: Vocabulary? = nil, features: [String: Vocabulary] = [:],
    labels: [String: LabelSet] = [:]
  ) {
    self.words = words
    self.characters = characters
    self.features = features
    self.labels = labels
  }

  /// The data hash: 64 bits over every entry in order, in hexadecimal. A checkpoint fits a model only if their
  /// data hashes are equal.
  public var hash: String {
    var hash = fnv1a64(Array("weft.vocabularies.1".utf8))
    func name(_ text: String) { hash = fnv1a64(Array(text.utf8) + [0], after: hash) }
    name("words")
    if let words { hash = words.hash(after: hash) }
    name("characters")
    if let characters { hash = characters.hash(after: hash) }
    for (key, vocabulary) in features.sorted(by: { $0.key < $1.key }) {
      name("feature." + key)
      hash = vocabulary.hash(after: hash)
    }
    for (key, labels) in labels.sorted(by: { $0.key < $1.key }) {
      name("label." + key)
      hash = labels.hash(after: hash)
    }
    let digits = String(hash, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
