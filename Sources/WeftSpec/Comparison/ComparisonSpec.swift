/// Several systems on the same data and seeds: the section `compare` of a spec, with each system's whole spec.
public struct ComparisonSpec: Sendable, Equatable {
  /// One way to share the base network.
  public struct System: Sendable, Equatable {
    public var name: String
    /// What tables and plots call it; its name unless the spec says otherwise.
    public var title: String
    /// The system whose masks it trains with.
    public var masksOf: String?
    /// The system whose masks tell the densities of the random ones that it trains with.
    public var randomMasksLike: String?
    /// The comparison's spec with what the system lays over it. It is called `<comparison>-<system>`, and its seed is
    /// the first of the comparison.
    public var loaded: LoadedSpec

    public var spec: Spec { loaded.spec }

    /// Whether its own training prunes, so that other systems can have its masks.
    public var findsMasks: Bool {
      spec.sharing.kind == .sparse && spec.sharing.masks == .found && masksOf == nil && randomMasksLike == nil
    }
  }

  /// How often masks are searched for.
  public enum MaskSearch: String, Sendable, Equatable, Codable, CaseIterable {
    /// Under each seed.
    case perSeed = "per-seed"
    /// Under the first seed; training with them is repeated under all.
    case once
  }

  public var name: String
  /// What the report is called; the name unless the spec says otherwise.
  public var title: String
  /// The file as it was named.
  public var path: String
  /// At least one; all different.
  public var seeds: [UInt64]
  /// The system that differences and significance are against.
  public var baseline: String
  public var masks: MaskSearch
  /// At least one, in the order of the file, all with the same tasks on the same data.
  public var systems: [System]
  /// The domains that every system is trained on, one at a time; nil: all data are one.
  public var domains: Domains?
  /// The tasks that tables by domain are about; the others are auxiliary.
  public var main: [String]
  /// Densities at which all tasks are compared, in 0 (exclusive) ... 1; the masks are those of pruning rounds.
  public var densities: [Double]
  /// Further comparisons that are reported along with this one.
  public var also: [ComparisonSpec]
  /// Warnings about any of the systems, in reading order; without those of `also`.
  public var diagnostics: [Diagnostic]

  /// Domains and where they are named.
  public struct Domains: Sendable, Equatable {
    /// Empty: all of the training files, which have not been read yet.
    public var names: [String]
    public var spans: [SourceSpan]
  }

  public func system(named name: String) -> System? { systems.first { $0.name == name } }

  /// The tasks, which are those of every system.
  public var tasks: [TaskSpec] { systems[0].spec.tasks }

  /// What a system trains under one of the seeds.
  ///
  /// - Parameter domain: the one that it is trained on, in every corpus that is split in domains.
  public func loaded(_ system: System, seed: UInt64, domain: String? = nil) -> LoadedSpec {
    var loaded = system.loaded
    loaded.spec.seed = seed
    guard let domain else { return loaded }
    for index in loaded.spec.data.indices where loaded.spec.data[index].domains != nil {
      loaded.spec.data[index].trainOn = [domain]
    }
    return loaded
  }

  /// The systems whose masks others can have.
  public var maskFinders: [System] { systems.filter(\.findsMasks) }
}

/// What a spec file describes.
public enum SpecDocument: Sendable, Equatable {
  case experiment(LoadedSpec)
  case comparison(ComparisonSpec)
}

extension SpecLoader {
  /// Reads a file with a section `compare`.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - overrides: assignments such as `train.epochs=3`, which hold for every system whatever it says itself, and
  ///     `compare.seeds=1`. Those that do not begin with `compare.systems` hold for the comparisons under `also` too.
  /// - Throws: every problem of the comparison and of its systems at once.
  public func loadComparison(path: String, overrides: [String] = []) throws(SpecError) -> ComparisonSpec {
    try ComparisonReader(files: files).read(path: path, overrides: overrides)
  }

  /// Reads a file as what it is: a comparison if it has a section `compare`, otherwise one experiment.
  public func document(path: String, overrides: [String] = []) throws(SpecError) -> SpecDocument {
    var layering = Layering(files: files)
    let tree = layering.load(path: path, overrides: overrides)
    if tree?[SpecLanguage.compareKey] != nil {
      return .comparison(try loadComparison(path: path, overrides: overrides))
    }
    return .experiment(try load(path: path, overrides: overrides))
  }
}
