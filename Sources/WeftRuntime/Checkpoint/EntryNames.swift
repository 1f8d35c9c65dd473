/// What the rows of tables stand for: entries of vocabularies and labels, in order of their ids.
public struct EntryNames: Sendable, Hashable {
  public var words: [String]?
  public var characters: [String]?
  /// By feature.
  public var features: [String: [String]]
  /// By task.
  public var labels: [String: [String]]

  public init(
    words: [String]? = nil, characters: [String]? = nil, features: [String: [String]] = [:],
    labels: [String: [String]] = [:]
  ) {
    self.words = words
    self.characters = characters
    self.features = features
    self.labels = labels
  }

  /// Names of a parameter's rows and columns, where they have names: those of embedding tables and heads.
  public func axes(of parameter: String) -> (rows: [String]?, columns: [String]?) {
    for (task, names) in labels {
      switch parameter {
      case "heads.\(task).weight", "heads.\(task).bias", "heads.\(task).start", "heads.\(task).end":
        return (names, nil)
      case "heads.\(task).transitions": return (names, names)
      default: continue
      }
    }
    // Single-task networks prefix shared names with their task.
    func isTable(_ name: String) -> Bool { parameter == name || parameter.hasSuffix(".\(name)") }
    for (feature, names) in features where isTable("features.\(feature).weight") { return (names, nil) }
    if isTable("words.weight") { return (words, nil) }
    if isTable("chars.embedding.weight") { return (characters, nil) }
    return (nil, nil)
  }
}
