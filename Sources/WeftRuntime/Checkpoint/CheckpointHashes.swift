import Foundation

/// What a checkpoint was made for, as three hashes: what changes none of them invalidates nothing.
public struct CheckpointHashes: Sendable, Hashable, Codable {
  /// Graph, sizes and parameter names.
  public var architecture: String
  /// Vocabularies and labels.
  public var data: String
  /// How the network is trained.
  public var recipe: String
  public init(architecture: String, data: String, recipe: String) {
    self.architecture = architecture
    self.data = data
    self.recipe = recipe
  }

  /// What is to be done with a checkpoint, and so which hashes must be equal.
  public enum Use: Sendable, Hashable, CaseIterable {
    /// Masks of its weights: the architecture.
    case masks
    /// Tagging and scoring: architecture and data.
    case use
    /// Going on with its training: all three.
    case resume
  }

  enum Part: String, CaseIterable {
    case architecture = "network"
    case data = "vocabularies or labels"
    case recipe = "training recipe"
  }

  /// The parts that matter for a use and differ.
  func differences(from other: CheckpointHashes, for use: Use) -> [Part] {
    let parts: [(Part, Bool)] = [
      (.architecture, architecture != other.architecture), (.data, use != .masks && data != other.data),
      (.recipe, use == .resume && recipe != other.recipe),
    ]
    return parts.filter(\.1).map(\.0)
  }
}

/// What a checkpoint says of its experiment, beside tensors.
public struct CheckpointDescription: Sendable, Hashable {
  public var toolVersion: String
  public var hashes: CheckpointHashes
  /// The resolved spec as JSON.
  public var spec: String
  /// The vocabularies and label sets as JSON.
  public var vocabularies: String
  public init(toolVersion: String, hashes: CheckpointHashes, spec: String, vocabularies: String) {
    self.toolVersion = toolVersion
    self.hashes = hashes
    self.spec = spec
    self.vocabularies = vocabularies
  }

  /// Checks that a checkpoint with this description serves an experiment.
  ///
  /// - Throws: `.checkpointMismatch`, listing what differs.
  public func check(against wanted: CheckpointDescription, for use: CheckpointHashes.Use, file: String)
    throws(RuntimeError)
  {
    let parts = hashes.differences(from: wanted.hashes, for: use)
    if parts.isEmpty { return }
    var differences = JSONDifference.list(between: spec, and: wanted.spec)
    if parts.contains(.data) {
      differences += JSONDifference.list(
        between: vocabularies, and: wanted.vocabularies, under: "vocabularies")
    }
    let names = parts.map { "another \($0.rawValue)" }.joined(separator: ", ")
    let shown = differences.prefix(8).map { "\n  \($0)" }.joined()
    let rest = differences.count > 8 ? "\n  … and \(differences.count - 8) more" : ""
    let advice =
      use == .resume
      ? "To go on from its weights with a training of its own, start from the checkpoint instead of "
        + "resuming it."
      : "To take over the weights that fit, start a training from this checkpoint."
    throw RuntimeError(
      .checkpointMismatch,
      "\(file) is a checkpoint of "
        + "\(names).\(shown.isEmpty ? "" : " Checkpoint against spec:")\(shown)\(rest)\n\(advice)"
    )
  }

  static let metadataKeys = [
    "weft.architecture", "weft.data", "weft.format", "weft.recipe", "weft.spec", "weft.version",
    "weft.vocabularies",
  ]

  /// As safetensors metadata. `format` tells other readers the layout of tensors.
  func metadata(format: String) -> [String: String] {
    [
      "format": "pt", "weft.format": format, "weft.version": toolVersion,
      "weft.architecture": hashes.architecture, "weft.data": hashes.data, "weft.recipe": hashes.recipe,
      "weft.spec": spec, "weft.vocabularies": vocabularies,
    ]
  }

  /// - Throws: `.invalidFile` if a field is missing or the file is of another kind or a newer format.
  init(_ file: Safetensors.File, format: String) throws(RuntimeError) {
    func field(_ name: String) throws(RuntimeError) -> String {
      guard let value = file.metadata[name] else {
        throw RuntimeError(
          .invalidFile, "\(file.url.path) is not a checkpoint of Weft: its metadata lack `\(name)`.")
      }
      return value
    }
    let found = try field("weft.format")
    guard found == format else {
      throw RuntimeError(
        .invalidFile, "\(file.url.path) has the format `\(found)`; `\(format)` is expected here.")
    }
    self.init(
      toolVersion: try field("weft.version"),
      hashes: CheckpointHashes(
        architecture: try field("weft.architecture"), data: try field("weft.data"),
        recipe: try field("weft.recipe")),
      spec: try field("weft.spec"), vocabularies: try field("weft.vocabularies"))
  }
}
