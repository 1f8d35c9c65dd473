import Foundation
import Testing
import WeftCorpus
import WeftGraph
import WeftSpec

/// A stored network with a few batches and what PyTorch computes for them (see Benchmarks/peers).
struct TorchFixture: CustomTestStringConvertible {
  struct Tensor {
    var shape: [Int]
    var values: [Double]

    /// First extent × the product of the others.
    var matrix: Matrix {
      Matrix(rows: shape[0], columns: shape.dropFirst().reduce(1, *), elements: values)
    }
  }

  var name: String
  var tensors: [String: Tensor] = [:]
  var metadata: [String: String] = [:]
  var testDescription: String { name }

  static let names = [
    "cnn-softmax", "two-layers-crf", "partial-labels", "adam", "adamw", "nesterov-decay", "single-task",
    "soft", "sluice", "sluice-two",
  ]

  init(_ name: String) throws {
    self.name = name
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "Fixtures/torch")
    let data = try Data(contentsOf: folder.appending(path: "\(name).safetensors"))
    let length = Int(
      data.prefix(8).enumerated().reduce(UInt64(0)) { $0 | UInt64($1.element) << (8 * $1.offset) })
    let header = try #require(
      try JSONSerialization.jsonObject(with: data[8..<(8 + length)]) as? [String: [String: Any]])
    let body = Array(data[(8 + length)...])
    for (name, entry) in header {
      if name == "__metadata__" {
        metadata = entry.compactMapValues { $0 as? String }
        continue
      }
      let shape = try #require(entry["shape"] as? [Int])
      let range = try #require(entry["data_offsets"] as? [Int])
      let type = try #require(entry["dtype"] as? String)
      tensors[name] = Tensor(shape: shape, values: try Self.numbers(body[range[0]..<range[1]], type))
    }
  }

  private static func numbers(_ bytes: ArraySlice<UInt8>, _ type: String) throws -> [Double] {
    let size = type == "F64" ? 8 : 4
    return try stride(from: bytes.startIndex, to: bytes.endIndex, by: size).map { start in
      let bits = (0..<size).reduce(UInt64(0)) { $0 | UInt64(bytes[start + $1]) << (8 * $1) }
      switch type {
      case "F64": return Double(bitPattern: bits)
      case "F32": return Double(Float(bitPattern: UInt32(bits)))
      case "I32": return Double(Int32(bitPattern: UInt32(bits)))
      default: throw GraphError("unexpected type \(type)", at: "fixture")
      }
    }
  }

  func tensor(_ name: String) throws -> Tensor { try #require(tensors[name], "\(name) is not in the file") }

  /// Tensors whose names begin with a prefix, without it.
  func group(_ prefix: String) -> [String: Tensor] {
    Dictionary(
      uniqueKeysWithValues: tensors.filter { $0.key.hasPrefix(prefix) }
        .map { (String($0.key.dropFirst(prefix.count)), $0.value) })
  }

  var parameters: [String: Matrix] { group("param.").mapValues(\.matrix) }

  func batch(_ step: Int) -> PackedBatch {
    let inputs = group("batch.\(step).").mapValues { $0.values.map { Int32($0) } }
    let tokenOffsets = inputs["token_offset"] ?? [0]
    let scalarOffsets = inputs["scalar_offset"] ?? [0]
    let sentences = inputs["sentence"] ?? []
    return PackedBatch(
      sentenceCount: sentences.count, tokenCount: Int(tokenOffsets.last ?? 0),
      formCount: Int(scalarOffsets.dropFirst().first ?? 0), scalarCount: Int(scalarOffsets.last ?? 0),
      tokenOffsets: tokenOffsets, scalarOffsets: scalarOffsets, sentences: sentences,
      order: Array(sentences.indices), inputs: inputs)
  }

  /// The tasks in the order of the spec, and which of them each step trains.
  func tasks() throws -> [String] {
    let text = try #require(metadata["tasks"])
    return try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String])
  }

  private func object(_ key: String) throws -> [String: Any] {
    let text = try #require(metadata[key])
    return try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  }

  /// The network as the PyTorch side was told.
  func spec() throws -> Spec {
    let json = try object("network")
    var network = NetworkSpec()
    let words = try #require(json["words"] as? [String: Any])
    network.words = WordSpec(
      dim: try #require(words["dim"] as? Int), unkDropout: words["unk_dropout"] as? Double ?? 0)
    if let chars = json["chars"] as? [String: Any] {
      var spec = CharSpec(kind: try #require(CharSpec.Kind(rawValue: chars["kind"] as? String ?? "")))
      spec.dim = chars["dim"] as? Int ?? 0
      spec.filters = chars["filters"] as? Int ?? 0
      spec.width = chars["width"] as? Int ?? 0
      spec.relu = chars["relu"] as? Bool ?? true
      spec.hidden = chars["hidden"] as? Int ?? 0
      network.chars = spec
    }
    for (name, feature) in (json["features"] as? [String: [String: Any]] ?? [:]).sorted(by: {
      $0.key < $1.key
    }) {
      network.features.append(
        FeatureSpec(name: name, source: .column(name), dim: try #require(feature["dim"] as? Int)))
    }
    network.encoder = try #require(json["encoder"] as? [Int]).map { LayerSpec(hidden: $0) }
    let dropout = try #require(json["dropout"] as? [String: Any])
    network.dropout = DropoutSpec(
      input: dropout["input"] as? Double ?? 0, layers: dropout["layers"] as? Double ?? 0,
      output: dropout["output"] as? Double ?? 0, variational: dropout["variational"] as? Bool ?? false)
    network.noise = json["noise"] as? Double ?? 0
    let taskJSON = try #require(json["tasks"] as? [String: [String: Any]])
    let tasks = try tasks().map { name in
      let task = try #require(taskJSON[name])
      return TaskSpec(
        name: name, data: "toy", column: name, decoder: task["crf"] as? Bool == true ? .crf : .softmax,
        head: HeadSpec(
          layer: task["layer"] as? Int,
          layers: LayersRead(rawValue: task["layers"] as? String ?? "top") ?? .top,
          hidden: task["mlp"] as? [Int] ?? [],
          activation: Activation(rawValue: task["activation"] as? String ?? "relu") ?? .relu),
        labelSmoothing: task["smoothing"] as? Double ?? 0)
    }
    let kind = try object("recipe")["sharing"] as? String
    var sharing = SharingSpec(kind: try #require(SharingSpec.Kind(rawValue: kind ?? "")))
    sharing.mix.subspaces = (json["mix"] as? [String: Any])?["subspaces"] as? Int ?? 1
    if let penalties = try object("recipe")["penalties"] as? [String: Any] {
      let orthogonality = penalties["orthogonality"] as? [String: Any] ?? [:]
      sharing.penalties.orthogonality = orthogonality["weight"] as? Double ?? 0
      sharing.penalties.orthogonalityEvery = orthogonality["every"] as? Int ?? 1
      sharing.penalties.groupLasso = penalties["group_lasso"] as? Double ?? 0
    }
    return Spec(name: name, data: [], tasks: tasks, network: network, sharing: sharing)
  }

  func sizes() throws -> NetworkSizes {
    let json = try object("sizes")
    let labels = try #require(json["labels"] as? [String: Int])
    return NetworkSizes(
      words: json["words"] as? Int ?? 0, characters: json["characters"] as? Int ?? 0,
      features: json["features"] as? [String: Int] ?? [:],
      labels: labels.mapValues { LabelShape(count: $0) })
  }

  /// Injected random values of a step by site.
  func injected(_ step: Int) -> [String: Matrix] { group("inject.\(step).").mapValues(\.matrix) }
}
