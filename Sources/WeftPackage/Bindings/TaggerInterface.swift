import WeftCodegen
import WeftCorpus
import WeftSpec

/// What bindings need to know of a packaged tagger.
public struct TaggerInterface: Sendable, Equatable {
  public struct Task: Sendable, Equatable {
    public var name: String
    /// Of the model, in order of their ids; probabilities are of these.
    public var labels: [String]
    /// As the data write them, in order of their ids.
    public var tags: [String]

    public init(name: String, labels: [String], tags: [String]) {
      self.name = name
      self.labels = labels
      self.tags = tags
    }
  }

  public var names: PackageNames
  public var version: String
  /// Of the C library.
  public var abi: Int
  public var tasks: [Task]
  /// Tokens of the longest sentence and scalars of the longest word, unless a session says otherwise.
  public var tokens: Int
  public var scalars: Int
  /// First digits identify the network and its vocabularies.
  public var architectureHash: String
  public var dataHash: String
  public var recipeHash: String
  public var weights: PackageWeights
  /// By part of the data, then by task or `mean`.
  public var scores: [String: [String: Double]]
  public var toolVersion: String

  public init(
    names: PackageNames, version: String, abi: Int, tasks: [Task], tokens: Int, scalars: Int,
    architectureHash: String, dataHash: String, recipeHash: String, weights: PackageWeights,
    scores: [String: [String: Double]], toolVersion: String
  ) {
    self.names = names
    self.version = version
    self.abi = abi
    self.tasks = tasks
    self.tokens = tokens
    self.scalars = scalars
    self.architectureHash = architectureHash
    self.dataHash = dataHash
    self.recipeHash = recipeHash
    self.weights = weights
    self.scores = scores
    self.toolVersion = toolVersion
  }

  /// One line on what it is.
  var summary: String { "The tagger '\(names.name)': \(tasks.map(\.name).joined(separator: ", "))" }

  /// Scores as lines: `dev   pos 95.12  ner 71.23  mean 83.18`.
  var scoreLines: [String] {
    scores.sorted { $0.key < $1.key }.filter { !$0.value.isEmpty }.map { part, values in
      let order = tasks.map(\.name) + ["mean"]
      let known = order.compactMap { task in values[task].map { "\(task) \(Self.points($0))" } }
      return "\(part)  \(known.joined(separator: "  "))"
    }
  }

  /// A score in points with two decimals, as everywhere in Weft; locales have no say.
  static func points(_ value: Double) -> String {
    guard value.isFinite else { return "\(value)" }
    let hundredths = Int((value * 10_000).rounded(.toNearestOrEven))
    let digits = String(abs(hundredths) % 100)
    return (hundredths < 0 ? "-" : "") + "\(abs(hundredths) / 100)." + (digits.count < 2 ? "0" : "") + digits
  }

  /// Values that templates share.
  var values: [String: String] {
    [
      "NAME": names.name, "PREFIX": names.prefix, "UPPER": names.upper, "MODULE": names.module,
      "VERSION": version, "ABI": String(abi), "SUMMARY": summary, "TOKENS": String(tokens),
      "SCALARS": String(scalars), "ARCHITECTURE": architectureHash,
      "BATCH_TOKENS": String(max(tokens, 1024)),
      "TASK_NAMES": tasks.map(\.name).joined(separator: ", "),
      "TASK_WORDS": tasks.map(\.name).joined(separator: " "),
      "FIRST_TASK": tasks.first?.name ?? "",
    ]
  }
}
