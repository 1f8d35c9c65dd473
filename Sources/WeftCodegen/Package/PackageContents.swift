import WeftCorpus
import WeftSpec

/// How a package stores weights. Small parameters stay in fp32 whatever is chosen.
public enum PackageWeights: String, Sendable, CaseIterable {
  case fp32
  /// The upper half of a float.
  case bf16
  /// Eight bits and a scale for each row.
  case int8
}

/// What a session of a packaged tagger takes if its user names nothing else.
public struct PackageLimits: Sendable, Equatable {
  /// Words of the longest sentence.
  public var tokens: Int
  /// Unicode scalars of the longest word.
  public var scalars: Int
  /// Sentences of one call.
  public var sentences: Int
  /// Paths of one n-best list.
  public var paths: Int

  public init(tokens: Int = 1024, scalars: Int = 1024, sentences: Int = 1024, paths: Int = 8) {
    self.tokens = tokens
    self.scalars = scalars
    self.sentences = sentences
    self.paths = paths
  }
}

/// What the code of a package holds besides the network: everything that turns words into ids and ids into tags, but
/// for the vocabularies, which are in the blob.
public struct PackageContents: Sendable {
  struct Task: Sendable {
    var name: String
    var labels: [String]
    var modelScheme: TagScheme
    var dataScheme: TagScheme
  }

  /// Where the ids of a feature come from.
  enum Feature: Sendable, Equatable {
    /// The number of a column that the caller supplies.
    case column(Int)
    /// Ids of the classes in the order of `Capitalization.allCases`.
    case casing([Int])
    /// Ids of the classes in the order of `DigitShare.allCases`.
    case digits([Int])
  }

  let tasks: [Task]
  /// In the order of the spec, by name.
  let features: [(name: String, feature: Feature)]
  /// Columns that the caller supplies, in the order of their sections in the blob.
  let columns: [String]
  /// Look-up of words puts them into lower case.
  let lowercase: Bool
  let dataHash: String
  public let weights: PackageWeights
  /// Whether processors with tiles multiply weights in fp32 as sums of two numbers in bf16.
  public let splits: Bool
  public let limits: PackageLimits
  /// Bytes of the model's memory for products of words with input weights, which are made when it is opened.
  public let foldedBytes: Int
  /// For each task the group of tasks it shares its mask with.
  public let groups: [Int]
  /// Groups that have a mask.
  public let maskedGroups: Set<Int>
  /// What they use, as far as it is known: what the code is made for. Weights with masks of no more blocks fit it too.
  let masks: GroupMasks
  /// What the choice of the form of each matrix is based on.
  let costs: CostTable

  /// - Parameters:
  ///   - foldedBytes: 0 for a model that is as small as can be.
  ///   - groups: for each task of the spec the number of its group, counted from 0 in the order of their first tasks;
  ///     tasks with equal masks, or without one, are a group. Nil: all tasks are one group.
  ///   - maskedGroups: the groups that have a mask.
  ///   - masks: those masks by the names of parameters, one byte a weight, row-major.
  ///   - costs: of forms of matrices.
  ///   - splits: whether processors with tiles may multiply weights in fp32 in halves.
  public init(
    spec: Spec, vocabularies: Vocabularies, weights: PackageWeights = .fp32,
    limits: PackageLimits = PackageLimits(), foldedBytes: Int = Self.defaultFoldedBytes, groups: [Int]? = nil,
    maskedGroups: Set<Int> = [], masks: GroupMasks = [:], costs: CostTable? = CostTable.builtIn,
    splits: Bool = false
  ) {
    tasks = spec.tasks.map {
      Task(
        name: $0.name, labels: vocabularies.labels[$0.name]?.labels ?? [], modelScheme: $0.modelScheme,
        dataScheme: $0.dataScheme)
    }
    var columns: [String] = []
    features = spec.network.features.map { feature in
      let vocabulary = vocabularies.features[feature.name]
      func ids(_ classes: [String]) -> [Int] {
        classes.map { vocabulary?.id(of: $0) ?? Vocabulary.unknown }
      }
      switch feature.source {
      case .column:
        columns.append(feature.name)
        return (feature.name, .column(columns.count - 1))
      case .capitalization: return (feature.name, .casing(ids(Capitalization.allCases.map(\.rawValue))))
      case .digits: return (feature.name, .digits(ids(DigitShare.allCases.map(\.rawValue))))
      }
    }
    self.columns = columns
    lowercase = vocabularies.words?.lowercase ?? false
    dataHash = vocabularies.hash
    self.weights = weights
    self.splits = splits && weights == .fp32
    self.limits = limits
    self.foldedBytes = foldedBytes
    self.groups = groups ?? Array(repeating: 0, count: spec.tasks.count)
    self.maskedGroups = maskedGroups
    self.masks = masks
    self.costs = costs ?? CostTable()
  }

  /// Room for the words that make up most of a text, about as much as a third-level cache has for a program.
  public static let defaultFoldedBytes = 8 << 20

  /// The labels that the network predicts for a task, in the order of their ids.
  public func labels(ofTask task: Int) -> [String] { tasks[task].labels }

  /// What is written for a task: labels in the scheme of the data, in the order of their ids.
  public func tags(ofTask task: Int) -> [String] { TagRules(tasks[task]).tags }

  var groupCount: Int { (groups.max() ?? 0) + 1 }
}
