/// Where the labels of a task come from.
public enum LabelSource: Sendable, Hashable, Codable {
  /// A named column of the corpus.
  case column(String)
  /// The sentences themselves.
  case synthetic(SyntheticLabels)
}

extension LabelSource: CustomStringConvertible {
  /// The name of the column, or of the labels in parentheses.
  public var description: String {
    switch self {
    case .column(let name): name
    case .synthetic(let labels): "(\(labels.rawValue))"
    }
  }
}

/// Labels that every sentence has without a column.
public enum SyntheticLabels: String, Sendable, Hashable, Codable, CaseIterable {
  /// The token's place in its sentence, from 0 (Position Prediction: Sun et al. 2020, Table 6).
  case position
}

/// One labelling task: a column of a corpus, how it is decoded and how it is scored.
public struct TaskSpec: Sendable, Equatable, Codable {
  public enum Decoder: String, Sendable, Equatable, Codable, CaseIterable { case softmax, crf }

  public var name: String
  /// The corpus that holds the labels.
  public var data: String
  public var labels: LabelSource
  /// Scheme of the column in the files.
  public var dataScheme: TagScheme = .none
  /// Scheme that the model predicts.
  public var modelScheme: TagScheme = .none
  public var decoder: Decoder = .softmax
  public var crf = CRFSpec()
  public var metric: Metric = .accuracy
  public var head = HeadSpec()
  /// Label smoothing ε of a softmax loss: (1 − ε) on the gold label and ε/L on each.
  public var labelSmoothing: Double = 0
  /// Fixed weight λ of this task's loss.
  public var weight: Double = 1
  /// Chance in place of training labels; nil leaves them as they are.
  public var randomLabels: RandomLabelsSpec?

  public init(
    name: String, data: String, labels: LabelSource, dataScheme: TagScheme = .none,
    modelScheme: TagScheme = .none,
    decoder: Decoder = .softmax, crf: CRFSpec = CRFSpec(), metric: Metric = .accuracy,
    head: HeadSpec = HeadSpec(), labelSmoothing: Double = 0, weight: Double = 1
  ) {
    self.name = name
    self.data = data
    self.labels = labels
    self.dataScheme = dataScheme
    self.modelScheme = modelScheme
    self.decoder = decoder
    self.crf = crf
    self.metric = metric
    self.head = head
    self.labelSmoothing = labelSmoothing
    self.weight = weight
  }

  /// A task that learns a column.
  public init(
    name: String, data: String, column: String, dataScheme: TagScheme = .none, modelScheme: TagScheme = .none,
    decoder: Decoder = .softmax, crf: CRFSpec = CRFSpec(), metric: Metric = .accuracy,
    head: HeadSpec = HeadSpec(), labelSmoothing: Double = 0, weight: Double = 1
  ) {
    self.init(
      name: name, data: data, labels: .column(column), dataScheme: dataScheme, modelScheme: modelScheme,
      decoder: decoder, crf: crf, metric: metric, head: head, labelSmoothing: labelSmoothing, weight: weight)
  }
}

/// Training labels that are drawn by chance, to see what a network can learn by heart (Ruder et al. 2019, Figure 3).
public struct RandomLabelsSpec: Sendable, Equatable, Codable {
  /// Share of the training tokens whose label is drawn anew, evenly from the task's labels; above 0, at most 1.
  public var share: Double = 1
  /// Of the draws. It is not the experiment's: labels are data, and equal under all seeds of training.
  public var seed: UInt64 = 1
  public init(share: Double = 1, seed: UInt64 = 1) {
    self.share = share
    self.seed = seed
  }
}

/// Options of a linear-chain CRF (Lafferty et al. 2001).
public struct CRFSpec: Sendable, Equatable, Codable {
  /// Learned scores for the first and the last label.
  public var startEnd: Bool = true
  /// Forbid transitions that the model's tag scheme does not allow.
  public var constrained: Bool = false
  public init(startEnd: Bool = true, constrained: Bool = false) {
    self.startEnd = startEnd
    self.constrained = constrained
  }
}

/// What stands between the encoder and a task's label scores.
public struct HeadSpec: Sendable, Equatable, Codable {
  /// The encoder layer that the head reads, from 0; nil reads the top layer.
  public var layer: Int?
  /// Does the head read that layer alone, or all layers up to it?
  public var layers: LayersRead = .top
  /// The weights of a mixture of layers.
  public var beta = BetaSpec()
  /// Sizes of hidden layers before the last linear map; empty is a linear head.
  public var hidden: [Int] = []
  public var activation: Activation = .relu
  public init(
    layer: Int? = nil, layers: LayersRead = .top, beta: BetaSpec = BetaSpec(), hidden: [Int] = [],
    activation: Activation = .relu
  ) {
    self.layer = layer
    self.layers = layers
    self.beta = beta
    self.hidden = hidden
    self.activation = activation
  }
}

/// What a head reads of the layers up to the one it stands on.
public enum LayersRead: String, Sendable, Equatable, Codable, CaseIterable {
  /// The uppermost alone.
  case top
  /// Σ_k β_k h_k (Ruder et al. 2019, section 2).
  case mixture
  /// Σ_k h_k: skip connections.
  case sum
  /// All of them side by side.
  case concatenation
}

/// The weights β of a mixture of layers.
public struct BetaSpec: Sendable, Equatable, Codable {
  public enum Start: String, Sendable, Equatable, Codable, CaseIterable {
    /// 0.9 for the uppermost layer, the rest spread over the others.
    case imbalanced
    /// The same for all.
    case balanced
  }
  /// Is β trained, or constant?
  public var learned: Bool = true
  public var start: Start = .imbalanced
  /// In place of `start`: a weight for each layer, from the bottom up.
  public var values: [Double]?
  public init(learned: Bool = true, start: Start = .imbalanced, values: [Double]? = nil) {
    self.learned = learned
    self.start = start
    self.values = values
  }
}

public enum Activation: String, Sendable, Equatable, Codable, CaseIterable { case relu, tanh, sigmoid }
