/// How the tasks share the base network.
public struct SharingSpec: Sendable, Equatable, Codable {
  public enum Kind: String, Sendable, Equatable, Codable, CaseIterable {
    /// Every task has a base network of its own.
    case single
    /// One base network for all tasks (Caruana 1997); with heads on lower layers also hierarchical
    /// sharing (Søgaard and Goldberg 2016).
    case hard
    /// Every task has encoder layers of its own over shared token features; learned α mix the layers' outputs
    /// (cross-stitch: Misra et al. 2016).
    case soft
    /// One base network, of which every task uses the part that its mask leaves (Sun et al. 2020).
    case sparse
  }
  /// Who reads which token features with soft sharing.
  public enum Embeddings: String, Sendable, Equatable, Codable, CaseIterable {
    /// All tasks the same.
    case shared
    /// Each task has words, characters and features of its own.
    case perTask = "per-task"
  }
  public var kind: Kind = .hard
  /// Soft sharing: whether the tasks share the token features under their layers.
  public var embeddings: Embeddings = .shared
  /// Soft sharing: how the layers' outputs are mixed.
  public var mix = MixSpec()
  /// Soft sharing: what is added to the losses for the layers' input weights.
  public var penalties = PenaltySpec()
  /// Sparse sharing: epochs of multi-task warm-up before pruning; 0 is none.
  public var warmup: Int = 20
  /// Sparse sharing: how the subnets are found.
  public var prune = PruneSpec()
  /// Where the masks come from. Sparse sharing finds them; hard and single-task sharing have none unless given.
  public var masks: MaskSource = .found
  /// Names of the parameters that masks may thin out: `*` stands for any characters. Embeddings and biases never are.
  public var prunable: [String] = SharingSpec.defaultPrunable
  public var updates: MaskedUpdates = .exact

  /// The weights of recurrences and of the character convolution.
  public static let defaultPrunable = ["*.weight_ih_*", "*.weight_hh_*", "*chars.conv.weight"]

  public init(kind: Kind = .hard) { self.kind = kind }
}

/// What a step of a task may change under masks.
public enum MaskedUpdates: String, Sendable, Equatable, Codable, CaseIterable {
  /// Nothing outside the task's mask and head, momentum included.
  case exact
  /// Momentum moves every parameter, also those without gradient: what the published code of Sun et al. (2020) does.
  case compat
}

/// The mixing of layers between tasks.
public struct MixSpec: Sendable, Equatable, Codable {
  public enum Start: String, Sendable, Equatable, Codable, CaseIterable {
    /// 0.9 for a task's own layer, the rest spread over the others; with subspaces 0.95 for the own one and 0.05 for
    /// each of the others.
    case imbalanced
    /// The same for all.
    case balanced
    /// 1 for a task's own layer, 0 for the others.
    case identity
  }
  /// Parts that the units of each direction are split in; α mixes the parts of all tasks (sluice networks: Ruder et al.
  /// 2019). With one, α mixes whole layers.
  public var subspaces: Int = 1
  /// Is α trained, or constant?
  public var learned: Bool = true
  public var start: Start = .imbalanced
  /// In place of `start`: α over all tasks, [tasks·S] rows of as many numbers. Rows read, columns are read.
  public var matrix: [[Double]]?
  /// Which entries of α are trained, and which of them are one number; nil: all of them, each by itself.
  public var entries: [[MixEntry]]?
  public init() {}
}

/// An entry of α.
public enum MixEntry: Sendable, Hashable, Codable {
  case constant(Double)
  /// Trained; entries of one name are one number.
  case learned(String)
}

/// Terms of the objective over the input weights of the layers; 0 is off.
public struct PenaltySpec: Sendable, Equatable, Codable {
  /// λ of Σ over tasks, layers and directions of ‖G_1 G_2ᵀ‖²_F, where G_s are the input weights of subspace s
  /// (Ruder et al. 2019, section 2; Bousmalis et al. 2016).
  public var orthogonality: Double = 0
  /// Adds the gradient of `orthogonality` at every so many updates of a layer, as many times as strong.
  public var orthogonalityEvery: Int = 1
  /// λ of Σ over tasks, layers and subspaces of ‖G_s‖₂ (Yuan and Lin 2006), by a proximal step.
  public var groupLasso: Double = 0
  public init() {}
}

/// Iterative magnitude pruning (Sun et al. 2020, Algorithm 1).
public struct PruneSpec: Sendable, Equatable, Codable {
  /// What is removed as one.
  public enum Granularity: String, Sendable, Equatable, Codable, CaseIterable {
    case weights
    /// 16 consecutive units of one gate × one input.
    case blocks
    /// Four gate rows in both matrices.
    case units
  }
  /// Over what magnitudes are ranked.
  public enum Scope: String, Sendable, Equatable, Codable, CaseIterable { case global, layer }
  /// Which of the candidates becomes a task's subnet.
  public enum Selection: Sendable, Equatable, Codable {
    /// The best dev score; ties go to the lowest density.
    case best
    /// The candidate whose density is closest to this.
    case density(Double)
    /// The one after this many prunings.
    case round(Int)
  }
  /// Density at which pruning ends.
  public var final: Double = 0.1
  /// Times that weights are removed; each keeps final^(1/rounds) of what is left.
  public var rounds: Int = 20
  /// Removes this share of what is left each time, until `final` is reached, in place of a number of rounds.
  public var rate: Double?
  public var granularity: Granularity = .weights
  public var scope: Scope = .global
  public var select: Selection = .best
  /// Most epochs of a round.
  public var epochs: Int = 100
  public var patience: Int? = 10
  /// A round's learning rate is rate / (1 + decay · epoch).
  public var decay: Double = 0.05
  public init() {}
}

/// Where masks come from.
public enum MaskSource: Sendable, Equatable, Codable {
  /// Pruning finds them (sparse sharing), or there are none.
  case found
  /// `<task>.safetensors` for each task, in a folder.
  case folder(String)
  /// A file for some of the tasks; the others have none.
  case files([String: String])
  /// At random, each task's at this density.
  case random(density: Double)
  /// At random, each task's at the density of its mask in a folder.
  case randomLike(String)
}
