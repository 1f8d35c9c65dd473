import WeftCorpus
import WeftSpec

extension ComparisonResults {
  /// A domain that systems are trained on (Ruder et al. 2019, Table 1).
  public struct Domain: Sendable, Equatable, Codable {
    public var name: String
    /// By split, over all corpora.
    public var sizes: [String: Size]
    public init(name: String, sizes: [String: Size] = [:]) {
      self.name = name
      self.sizes = sizes
    }
    public struct Size: Sendable, Equatable, Codable {
      public var sentences: Int
      public var tokens: Int
      public init(sentences: Int, tokens: Int) {
        self.sentences = sentences
        self.tokens = tokens
      }
    }
  }

  /// How a system with soft sharing shares (Ruder et al. 2019, Table 6).
  public struct Mixture: Sendable, Equatable, Codable {
    public var learnsAlpha: Bool
    /// What the heads read; that of the first task.
    public var layers: LayersRead
    public var subspaces: Int
    public init(learnsAlpha: Bool, layers: LayersRead, subspaces: Int) {
      self.learnsAlpha = learnsAlpha
      self.layers = layers
      self.subspaces = subspaces
    }
  }

  /// Is every system trained on each of several domains?
  public var isOverDomains: Bool { !domains.isEmpty }
}

extension ComparisonResults.System {
  /// The run of a system on a domain.
  public func run(seed: UInt64, domain: String) -> ComparisonResults.Run? {
    runs.first { $0.seed == seed && $0.domain == domain }
  }
}

extension ComparisonResults.Run {
  /// Test score on the sentences of a domain.
  public func test(_ task: String, on domain: String) -> Double? { byDomain[domain]?[task] }
}
