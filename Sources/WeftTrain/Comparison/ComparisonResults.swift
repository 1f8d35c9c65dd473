import WeftSpec

/// What a comparison of systems found: `report.json`, the one file that every table and figure is drawn from.
///
/// Scores, densities and ratios are in 0 ... 1, times in seconds. What a run did not make is absent, not 0.
public struct ComparisonResults: Sendable, Equatable, Codable {
  /// Version of the file's format.
  public static let currentFormat = 2

  public var format: Int = Self.currentFormat
  public var name: String
  public var title: String
  public var toolVersion: String
  public var tasks: [Task]
  public var seeds: [UInt64]
  /// The system that Δ and significance are against.
  public var baseline: String?
  /// Were the masks found once, under the first seed, or under each?
  public var masksFoundOnce: Bool
  /// Those that systems are trained on, one at a time; empty: all data are one.
  public var domains: [Domain]
  /// The tasks that tables by domain are about.
  public var main: [String]
  /// In the order of the spec.
  public var systems: [System]
  /// All tasks at the same density.
  public var densities: [DensityPoint]
  /// Further comparisons that are reported on the same page.
  public var also: [ComparisonResults]

  public init(
    name: String, title: String? = nil, toolVersion: String, tasks: [Task], seeds: [UInt64],
    baseline: String? = nil,
    masksFoundOnce: Bool = false, domains: [Domain] = [], main: [String]? = nil, systems: [System] = [],
    densities: [DensityPoint] = [],
    also: [ComparisonResults] = []
  ) {
    self.name = name
    self.title = title ?? name
    self.toolVersion = toolVersion
    self.tasks = tasks
    self.seeds = seeds
    self.baseline = baseline
    self.masksFoundOnce = masksFoundOnce
    self.domains = domains
    self.main = main ?? tasks.map(\.name)
    self.systems = systems
    self.densities = densities
    self.also = also
  }

  public struct Task: Sendable, Equatable, Codable {
    public var name: String
    public var metric: Metric
    /// The corpus that its labels are in.
    public var corpus: String
    /// Sentences with a label of the task, by split.
    public var sentences: [String: Int]
    /// The kind of its labels if no column holds them.
    public var synthetic: SyntheticLabels?
    /// Share of its training labels that are drawn by chance.
    public var randomShare: Double?
    public init(
      name: String, metric: Metric, corpus: String, sentences: [String: Int] = [:],
      synthetic: SyntheticLabels? = nil, randomShare: Double? = nil
    ) {
      self.name = name
      self.metric = metric
      self.corpus = corpus
      self.sentences = sentences
      self.synthetic = synthetic
      self.randomShare = randomShare
    }
  }

  public func system(named name: String) -> System? { systems.first { $0.name == name } }
}

extension ComparisonResults {
  /// One way to train the tasks, under every seed.
  public struct System: Sendable, Equatable, Codable {
    public var name: String
    public var title: String
    public var sharing: SharingSpec.Kind
    /// Epochs of warm-up before pruning; sparse sharing only.
    public var warmup: Int?
    /// What is pruned as one; sparse sharing only.
    public var granularity: PruneSpec.Granularity?
    /// The system whose masks it uses.
    public var masksOf: String?
    /// The system whose densities its random masks have.
    public var randomMasksLike: String?
    /// How its tasks mix; soft sharing only.
    public var mixture: Mixture?
    /// Domain by domain in the order of the seeds; those that are finished.
    public var runs: [Run]
    /// Against the baseline, by task; none where systems are trained on domains.
    public var significance: [String: PairedTest]
    /// The same on the domains that models were trained on, and on the others.
    public var inDomain: [String: PairedTest]
    public var outOfDomain: [String: PairedTest]

    public init(
      name: String, title: String? = nil, sharing: SharingSpec.Kind, warmup: Int? = nil,
      granularity: PruneSpec.Granularity? = nil, masksOf: String? = nil, randomMasksLike: String? = nil,
      mixture: Mixture? = nil, runs: [Run] = [], significance: [String: PairedTest] = [:],
      inDomain: [String: PairedTest] = [:], outOfDomain: [String: PairedTest] = [:]
    ) {
      self.name = name
      self.title = title ?? name
      self.sharing = sharing
      self.warmup = warmup
      self.granularity = granularity
      self.masksOf = masksOf
      self.randomMasksLike = randomMasksLike
      self.mixture = mixture
      self.runs = runs
      self.significance = significance
      self.inDomain = inDomain
      self.outOfDomain = outOfDomain
    }

    /// Test scores of a task, run by run; runs without are left out.
    public func test(_ task: String) -> [Double] { runs.compactMap { $0.test[task] } }

    /// Mean test score over tasks, run by run; runs that lack one of the tasks are left out.
    public func meanTest(_ tasks: [Task]) -> [Double] { runs.compactMap { $0.meanTest(tasks) } }

    public func run(seed: UInt64) -> Run? { runs.first { $0.seed == seed } }
  }

  /// A system under one seed.
  public struct Run: Sendable, Equatable, Codable {
    public var seed: UInt64
    /// The domain that it was trained on.
    public var domain: String?
    /// Its folder, relative to that of the comparison's runs.
    public var folder: String
    /// By task.
    public var dev: [String: Double]
    public var test: [String: Double]
    /// Test scores on the sentences of each domain, by task.
    public var byDomain: [String: [String: Double]]
    /// α and β; soft sharing, and heads that mix layers.
    public var mixing: MixingWeights?
    /// Scores on the training sentences after each epoch, by task; only where the recipe asks for them.
    public var curves: [String: [Double]]
    /// Weights and biases of recurrences and convolutions that at least one task uses.
    public var parameters: Int?
    /// Share of the prunable weights that a task uses, of those that it reaches; tasks with a mask only.
    public var densities: [String: Double]
    /// Of every pair of tasks, and of all.
    public var overlaps: [Overlap]
    /// Rounds of each task's pruning, the dense round 0 included.
    public var pruning: [String: [Round]]
    /// In the order in which they ran.
    public var stages: [Stage]

    public init(
      seed: UInt64, domain: String? = nil, folder: String, dev: [String: Double] = [:],
      test: [String: Double] = [:], byDomain: [String: [String: Double]] = [:], mixing: MixingWeights? = nil,
      curves: [String: [Double]] = [:], parameters: Int? = nil, densities: [String: Double] = [:],
      overlaps: [Overlap] = [],
      pruning: [String: [Round]] = [:], stages: [Stage] = []
    ) {
      self.seed = seed
      self.domain = domain
      self.folder = folder
      self.dev = dev
      self.test = test
      self.byDomain = byDomain
      self.mixing = mixing
      self.curves = curves
      self.parameters = parameters
      self.densities = densities
      self.overlaps = overlaps
      self.pruning = pruning
      self.stages = stages
    }

    /// Unweighted mean of the tasks' test scores; nil if one is missing.
    public func meanTest(_ tasks: [Task]) -> Double? {
      let scores = tasks.compactMap { test[$0.name] }
      guard !tasks.isEmpty, scores.count == tasks.count else { return nil }
      return scores.reduce(0, +) / Double(scores.count)
    }
  }

  /// A stretch of training with an end of its own.
  public struct Stage: Sendable, Equatable, Codable {
    public enum Kind: String, Sendable, Equatable, Codable, CaseIterable { case warmup, pruning, training }
    public var kind: Kind
    /// The task that is pruned.
    public var task: String?
    /// Tokens that passed the encoder.
    public var tokens: Int
    /// Of steps and of scoring dev.
    public var seconds: Double
    public init(_ kind: Kind, task: String? = nil, tokens: Int, seconds: Double) {
      self.kind = kind
      self.task = task
      self.tokens = tokens
      self.seconds = seconds
    }
  }

  /// A training with one mask on the way down.
  public struct Round: Sendable, Equatable, Codable {
    /// From 0, which is dense.
    public var round: Int
    public var density: Double
    /// Best dev score of the training with this mask.
    public var dev: Double?
    public var isChosen: Bool
    public init(round: Int, density: Double, dev: Double?, isChosen: Bool = false) {
      self.round = round
      self.density = density
      self.dev = dev
      self.isChosen = isChosen
    }
  }

  /// How much of their masks some tasks have in common (Sun et al. 2020, equation 4).
  public struct Overlap: Sendable, Equatable, Codable {
    public var tasks: [String]
    /// ‖∩M‖₀ / ‖∪M‖₀.
    public var ratio: Double
    /// What independent masks of the same densities would have,
    /// Σ_m n_m Π_t d_{t,m} / Σ_m n_m (1 − Π_t (1 − d_{t,m})) over matrices m of n_m weights.
    public var expected: Double
    public init(tasks: [String], ratio: Double, expected: Double) {
      self.tasks = tasks
      self.ratio = ratio
      self.expected = expected
    }
  }

  /// Subnets of equal density for all tasks, trained in parallel.
  public struct DensityPoint: Sendable, Equatable, Codable {
    /// The density that was asked for; the masks are those of the rounds that come closest.
    public var density: Double
    /// The system whose rounds the masks are of.
    public var masksOf: String
    public var runs: [Run]
    public init(density: Double, masksOf: String, runs: [Run] = []) {
      self.density = density
      self.masksOf = masksOf
      self.runs = runs
    }
  }
}
