import Foundation

/// Where a mask comes from.
public struct MaskProvenance: Sendable, Hashable, Codable {
  /// Name of the spec that it was made for.
  public var spec: String
  public var seed: UInt64?
  /// Prunings that led to it.
  public var round: Int?
  /// What made it: `weft 0.1.0 prune`, `weft masks set --random 0.5`.
  public var madeBy: String

  public init(spec: String, seed: UInt64? = nil, round: Int? = nil, madeBy: String) {
    self.spec = spec
    self.seed = seed
    self.round = round
    self.madeBy = madeBy
  }
}

/// A task's mask in a file (`ner.safetensors`): one bit a weight, and what the mask is for. The format is described in
/// `docs/masks.md`.
public struct MaskFile: Sendable, Equatable {
  public var mask: Mask
  public var task: String
  /// The network that it is a mask of (`CheckpointHashes.architecture`).
  public var architectureHash: String
  /// What was removed as one: `weights`, `blocks` or `units`.
  public var granularity: String
  /// The parameters that the task reaches, over which its density is taken; nothing is used of the others.
  public var reached: Set<String>
  public var provenance: MaskProvenance
  /// The task's score on the dev files when trained with this mask.
  public var devScore: Double?

  /// Share of the weights that the task reaches which the mask keeps.
  public var density: Double { mask.density(of: reached) }
  public var keptCount: Int { mask.keptCount(of: reached) }
  /// Prunable weights that the task reaches.
  public var reachedCount: Int { mask.layout.count(of: reached) }

  static let kind = "mask"
  static let format = "weft-mask-1"

  /// - Parameter reached: names of the parameters that the task reaches; nil for all. What the mask uses of others is
  ///   taken out.
  public init(
    mask: Mask, task: String, architectureHash: String, granularity: String = "weights",
    reached: Set<String>? = nil, provenance: MaskProvenance, devScore: Double? = nil
  ) {
    let reached = reached.map { $0.intersection(mask.layout.names) } ?? mask.layout.names
    self.mask = mask.restricted(to: reached)
    self.task = task
    self.architectureHash = architectureHash
    self.granularity = granularity
    self.reached = reached
    self.provenance = provenance
    self.devScore = devScore
  }

  /// Writes the mask, whole or not at all. Equal masks give equal bytes.
  ///
  /// - Throws: `.diskFull`, `.fileAccess`; `.invalidInput` if the dev score is not finite.
  public func write(to url: URL) throws(RuntimeError) {
    var metadata = [
      "weft.kind": Self.kind, "weft.format": Self.format, "weft.architecture": architectureHash,
      "weft.task": task, "weft.density": "\(density)", "weft.granularity": granularity,
    ]
    if let devScore {
      guard devScore.isFinite else {
        throw RuntimeError(.invalidInput, "The dev score of a mask must be a finite number.")
      }
      metadata["weft.dev-score"] = "\(devScore)"
    }
    let shapes = Dictionary(uniqueKeysWithValues: mask.layout.parameters.map { ($0.name, $0.shape) })
    metadata["weft.shapes"] = try Self.json(shapes)
    metadata["weft.reached"] = try Self.json(reached.sorted())
    metadata["weft.provenance"] = try Self.json(provenance)
    try Safetensors.write(mask.tensors(prefix: ""), metadata: metadata, to: url)
  }

  private static func json(_ value: some Encodable) throws(RuntimeError) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    do {
      return String(decoding: try encoder.encode(value), as: UTF8.self)
    } catch {
      throw RuntimeError(.invalidInput, "A mask's description cannot be written: \(error).")
    }
  }
}

extension Mask {
  /// A tensor of packed bits for each parameter.
  func tensors(prefix: String) -> [Safetensors.Tensor] {
    layout.parameters.map { parameter in
      let packed = PackedBits.pack(bytes[parameter.range])
      return Safetensors.Tensor(prefix + parameter.name, shape: [packed.count], .uint8(packed))
    }
  }

  /// Reads tensors of packed bits.
  ///
  /// - Throws: `.invalidFile` if a tensor is missing, is not U8, has the wrong number of bytes, or stray bits.
  init(_ file: Safetensors.File, _ layout: MaskLayout, prefix: String) throws(RuntimeError) {
    var bytes: [UInt8] = []
    for parameter in layout.parameters {
      try PackedBits.check(file, prefix + parameter.name, shape: parameter.shape)
      let packed = try file.uint8s(prefix + parameter.name)
      bytes += PackedBits.unpack(packed, count: parameter.count)
    }
    self.init(layout, bytes: bytes)
  }
}
