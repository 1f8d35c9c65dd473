import WeftCorpus
import WeftRuntime
import WeftSpec

/// The data of a spec, read and checked: corpora, vocabularies, vectors.
public struct ExperimentData: Sendable {
  public let loaded: LoadedSpec
  public let vocabularies: Vocabularies
  /// Given word vectors; nil if the spec names none.
  public let vectors: WordVectors?
  /// Corpora by name, in ids.
  public let corpora: [String: [Split: EncodedCorpus]]
  /// How many words of each file have a given vector; empty without vectors.
  public let coverage: [VectorCoverage]
  /// Sizes of the domains of each corpus before any are left out; no entry for corpora without domains.
  public let domains: [String: [Split: [DomainSize]]]
  /// What is odd about the data but can be worked with.
  public let warnings: [Diagnostic]

  public var spec: Spec { loaded.spec }

  /// Reads what a spec names.
  ///
  /// - Parameters:
  ///   - vocabularies: those of a trained model, to score it; nil builds them (and reads word vectors) from the
  ///     training files.
  ///   - splits: what is wanted.
  ///   - keepsAllDomains: dev sentences of domains that are not trained on are kept, for scoring.
  /// - Throws: every problem of every file at once.
  public init(
    _ loaded: LoadedSpec, vocabularies: Vocabularies? = nil, splits: Set<Split> = Set(Split.allCases),
    keepsAllDomains: Bool = false
  ) throws(SpecError) {
    self = try DataReader(
      loaded, vocabularies: vocabularies, splits: splits, keepsAllDomains: keepsAllDomains
    ).read()
  }

  init(
    loaded: LoadedSpec, vocabularies: Vocabularies, vectors: WordVectors?,
    corpora: [String: [Split: EncodedCorpus]], coverage: [VectorCoverage],
    domains: [String: [Split: [DomainSize]]], warnings: [Diagnostic]
  ) {
    self.loaded = loaded
    self.vocabularies = vocabularies
    self.vectors = vectors
    self.corpora = corpora
    self.coverage = coverage
    self.domains = domains
    self.warnings = warnings
  }

  /// The same data under another seed.
  public func seeded(_ seed: UInt64) -> ExperimentData {
    var spec = spec
    spec.seed = seed
    return derived(spec)
  }

  /// The same data for another spec, which reads them alike.
  func derived(_ spec: Spec) -> ExperimentData {
    var loaded = loaded
    loaded.spec = spec
    return ExperimentData(
      loaded: loaded, vocabularies: vocabularies, vectors: vectors, corpora: corpora, coverage: coverage,
      domains: domains, warnings: warnings)
  }

  /// The same data for another spec; nil if that reads other files, or reads them in another way.
  public func serving(_ other: LoadedSpec) -> ExperimentData? {
    func reading(_ loaded: LoadedSpec) -> Spec {
      var spec = Spec(
        name: "", data: loaded.spec.data, tasks: loaded.spec.tasks, network: loaded.spec.network,
        limits: loaded.spec.limits)
      for index in spec.tasks.indices {
        spec.tasks[index].head = HeadSpec()
        spec.tasks[index].weight = 1
        spec.tasks[index].labelSmoothing = 0
      }
      spec.network.encoder = []
      spec.network.dropout = DropoutSpec()
      spec.network.noise = 0
      return spec
    }
    guard other.baseDirectory == loaded.baseDirectory, reading(other) == reading(loaded) else { return nil }
    return ExperimentData(
      loaded: other, vocabularies: vocabularies, vectors: vectors, corpora: corpora, coverage: coverage,
      domains: domains, warnings: warnings)
  }

  /// The corpora of a split, in the order of the spec.
  public func corpora(_ split: Split) -> [EncodedCorpus] {
    spec.data.compactMap { corpora[$0.name]?[split] }
  }

  /// Training sentences of a corpus that carry a label of at least one of the tasks.
  func labelledSentences(_ corpus: String, _ tasks: TaskSet) -> Int {
    guard let train = corpora[corpus]?[.train] else { return 0 }
    return tasks.numbers.reduce(into: Set<Int>()) {
      $0.formUnion(train.sentences(labelledFor: spec.tasks[$1].name))
    }.count
  }
}

/// How many words of a corpus have a given vector.
public struct VectorCoverage: Sendable, Equatable {
  public var corpus: String
  public var split: Split
  public var rate: HitRate
}
