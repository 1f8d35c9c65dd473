import Foundation
import WeftGraph
import WeftSpec

/// What a trace says of its network and recipe: the resolved spec, and the same in the words of the PyTorch peers
/// (`tagger.Tagger` and `fixture_format.optimizer`).
struct TraceMetadata {
  let entries: [String: String]

  init(_ design: NetworkDesign) throws {
    let spec = design.spec
    let sizes = NetworkSizes(vocabularies: design.vocabularies, spec: spec)
    entries = [
      "spec": spec.resolvedJSON(),
      "tasks": try Self.json(spec.tasks.map(\.name)),
      "sizes": try Self.json(
        Sizes(
          words: sizes.words, characters: sizes.characters, features: sizes.features,
          labels: sizes.labels.mapValues(\.count))),
      "network": try Self.json(Network(spec, sizes)),
      "recipe": try Self.json(Recipe(spec)),
    ]
  }

  private static func json(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }
}

private struct Sizes: Encodable {
  var words: Int
  var characters: Int
  var features: [String: Int]
  var labels: [String: Int]
}

private struct Network: Encodable {
  struct Words: Encodable {
    var size: Int
    var dim: Int
    var unkDropout: Double
    enum CodingKeys: String, CodingKey {
      case size, dim
      case unkDropout = "unk_dropout"
    }
  }
  struct Characters: Encodable {
    var kind: CharSpec.Kind
    var size: Int
    var dim: Int
    var filters: Int?
    var width: Int?
    var relu: Bool?
    var hidden: Int?
  }
  struct Feature: Encodable {
    var name: String
    var size: Int
    var dim: Int
  }
  struct Task: Encodable {
    var labels: Int
    var layer: Int?
    var layers: LayersRead
    var mlp: [Int]
    var activation: Activation
    var crf: Bool
    var smoothing: Double
  }
  var words: Words?
  var chars: Characters?
  /// A list, because the order is that of the columns.
  var features: [Feature]
  var encoder: [Int]
  var dropout: DropoutSpec
  var noise: Double
  /// Soft sharing: in how many parts the units are mixed.
  var mix: [String: Int]?
  var tasks: [String: Task] = [:]

  init(_ spec: Spec, _ sizes: NetworkSizes) {
    let network = spec.network
    words = network.words.map { Words(size: sizes.words, dim: $0.dim, unkDropout: $0.unkDropout) }
    chars = network.chars.map { chars in
      let isCNN = chars.kind == .cnn
      return Characters(
        kind: chars.kind, size: sizes.characters, dim: chars.dim, filters: isCNN ? chars.filters : nil,
        width: isCNN ? chars.width : nil, relu: isCNN ? chars.relu : nil, hidden: isCNN ? nil : chars.hidden)
    }
    features = network.features.map {
      Feature(name: $0.name, size: sizes.features[$0.name] ?? 0, dim: $0.dim)
    }
    encoder = network.encoder.map(\.hidden)
    dropout = network.dropout
    noise = network.noise
    mix = spec.sharing.kind == .soft ? ["subspaces": spec.sharing.mix.subspaces] : nil
    for task in spec.tasks {
      tasks[task.name] = Task(
        labels: sizes.labels[task.name]?.count ?? 0, layer: task.head.layer, layers: task.head.layers,
        mlp: task.head.hidden,
        activation: task.head.activation, crf: task.decoder == .crf, smoothing: task.labelSmoothing)
    }
  }
}

private struct Recipe: Encodable {
  struct Clip: Encodable {
    var norm: Double?
    var value: Double?
  }
  var optimizer: OptimizerSpec.Kind
  var momentum: Double
  var nesterov: Bool
  var weightDecay: Double
  var betas: [Double]
  var eps: Double
  struct Penalties: Encodable {
    struct Orthogonality: Encodable {
      var weight: Double
      var every: Int
    }
    var orthogonality: Orthogonality?
    var groupLasso: Double?
    enum CodingKeys: String, CodingKey {
      case orthogonality
      case groupLasso = "group_lasso"
    }
  }
  var clip: Clip
  var sharing: SharingSpec.Kind
  /// Of soft sharing; nil without any.
  var penalties: Penalties?
  enum CodingKeys: String, CodingKey {
    case optimizer, momentum, nesterov, betas, eps, clip, sharing, penalties
    case weightDecay = "weight_decay"
  }

  init(_ spec: Spec) {
    let settings = spec.train.optimizer
    optimizer = settings.kind
    momentum = settings.momentum
    nesterov = settings.nesterov
    weightDecay = settings.weightDecay
    betas = [settings.beta1, settings.beta2]
    eps = settings.epsilon
    switch spec.train.clip {
    case .none: clip = Clip()
    case .norm(let limit): clip = Clip(norm: limit)
    case .value(let limit): clip = Clip(value: limit)
    }
    sharing = spec.sharing.kind
    let penalties = spec.sharing.penalties
    if penalties != PenaltySpec() {
      self.penalties = Penalties(
        orthogonality: penalties.orthogonality > 0
          ? Penalties.Orthogonality(
            weight: penalties.orthogonality, every: penalties.orthogonalityEvery) : nil,
        groupLasso: penalties.groupLasso > 0 ? penalties.groupLasso : nil)
    }
  }
}
