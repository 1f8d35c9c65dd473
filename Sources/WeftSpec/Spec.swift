/// One experiment, fully resolved: every default filled in, every path still relative to the spec's folder.
///
/// A `Spec` is what the rest of the pipeline reads; how it was written (YAML, `extends`, `--set`) is behind
/// it.
public struct Spec: Sendable, Equatable, Codable {
  /// Version of the spec language (`weft: 1`).
  public var version: Int = 1
  /// Names generated symbols, files and folders: letters, digits, `-` and `_`.
  public var name: String
  /// Seed of every random stream.
  public var seed: UInt64 = 1
  /// The corpora, in the order of the file.
  public var data: [CorpusSpec]
  /// The tasks, in the order of the file; a task's index in this array is its number everywhere.
  public var tasks: [TaskSpec]
  public var network: NetworkSpec
  public var sharing: SharingSpec
  public var train: TrainSpec
  public var limits: LimitsSpec

  public init(
    name: String, seed: UInt64 = 1, data: [CorpusSpec], tasks: [TaskSpec],
    network: NetworkSpec = NetworkSpec(), sharing: SharingSpec = SharingSpec(),
    train: TrainSpec = TrainSpec(), limits: LimitsSpec = LimitsSpec()
  ) {
    self.name = name
    self.seed = seed
    self.data = data
    self.tasks = tasks
    self.network = network
    self.sharing = sharing
    self.train = train
    self.limits = limits
  }

  /// The corpus with this name.
  public func corpus(named name: String) -> CorpusSpec? { data.first { $0.name == name } }
}

/// The longest input that generated code must accept.
public struct LimitsSpec: Sendable, Equatable, Codable {
  /// Tokens in the longest sentence.
  public var tokens: Int = 5000
  /// Unicode scalars in the longest word.
  public var scalars: Int = 1024
  public init(tokens: Int = 5000, scalars: Int = 1024) {
    self.tokens = tokens
    self.scalars = scalars
  }
}
