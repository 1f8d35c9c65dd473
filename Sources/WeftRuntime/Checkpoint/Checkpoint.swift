import Foundation

/// A trained network in a file (`model.safetensors`): parameters by name in PyTorch's layouts, and all that
/// is needed to use them.
public struct Checkpoint: Sendable, Equatable {
  public var description: CheckpointDescription
  /// As read from a file, in an order of its own; `parameters(for:)` lays them out for a library.
  public var parameters: ParameterBlock
  /// By corpus part (`dev`, `test`), then by task or `mean`.
  public var scores: [String: [String: Double]]
  /// By task: the subnet that the task was trained with, and is to be used with. None for tasks that use all weights.
  public var masks: [String: Mask]

  private static let format = "weft-model-1"

  /// - Parameter parameters: with the shapes that the file is to show, see `ParameterBlock.reshaped`.
  public init(
    description: CheckpointDescription, parameters: ParameterBlock, scores: [String: [String: Double]] = [:],
    masks: [String: Mask] = [:]
  ) {
    self.description = description
    self.parameters = parameters
    self.scores = scores
    self.masks = masks
  }

  /// Reads a checkpoint.
  ///
  /// - Throws: `.fileAccess`, `.invalidFile`.
  public init(contentsOf url: URL) throws(RuntimeError) {
    let file = try Safetensors.File(contentsOf: url)
    description = try CheckpointDescription(file, format: Self.format)
    parameters = try ParameterBlock(file)
    masks = try CheckpointMasks.read(file, parameters)
    do {
      let text = file.metadata["weft.scores"] ?? "{}"
      scores = try JSONDecoder().decode([String: [String: Double]].self, from: Data(text.utf8))
    } catch {
      throw RuntimeError(.invalidFile, "\(url.path) has scores that are not numbers by corpus part and task.")
    }
  }

  /// Writes the checkpoint, whole or not at all. Equal checkpoints give equal bytes.
  ///
  /// - Throws: `.diskFull`, `.fileAccess`; `.invalidInput` if a score is not finite.
  public func write(to url: URL) throws(RuntimeError) {
    var metadata = description.metadata(format: Self.format)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    do {
      metadata["weft.scores"] = String(decoding: try encoder.encode(scores), as: UTF8.self)
    } catch {
      throw RuntimeError(.invalidInput, "Scores must be finite numbers.")
    }
    let tensors = parameters.tensors(prefix: "") + (try CheckpointMasks.tensors(masks, parameters))
    try Safetensors.write(tensors, metadata: metadata, to: url)
  }

  /// The masks as a library needs them, by task.
  ///
  /// - Throws: `.checkpointMismatch` if a mask covers other parameters than those that the library can mask.
  public func masks(for tables: LibraryTables) throws(RuntimeError) -> [String: Mask] {
    let layout = MaskLayout(
      tables, shapes: Dictionary(uniqueKeysWithValues: parameters.table.map { ($0.name, $0.shape) }))
    var laidOut: [String: Mask] = [:]
    for (task, mask) in masks { laidOut[task] = try mask.laidOut(as: layout) }
    return laidOut
  }

  /// Checks that a built library is of this checkpoint's network, which equal sizes alone do not tell.
  ///
  /// - Throws: `.checkpointMismatch`.
  public func check(library tables: LibraryTables, file: String) throws(RuntimeError) {
    guard description.hashes.architecture == tables.architectureHash else {
      throw RuntimeError(
        .checkpointMismatch,
        "\(file) is of a network with the architecture \(description.hashes.architecture); the library "
          + "`\(tables.name)` was generated for \(tables.architectureHash). Generate it from the checkpoint's spec."
      )
    }
  }

  /// The parameters as a library needs them.
  ///
  /// - Throws: `.checkpointMismatch` if a parameter is missing, is left over, or has another size.
  public func parameters(for tables: LibraryTables) throws(RuntimeError) -> ParameterBlock {
    var block = try ParameterBlock(tables)
    var problems: [String] = []
    for info in tables.parameters {
      guard let own = parameters.info(info.name), let values = parameters[info.name] else {
        problems.append("\(info.name) is missing")
        continue
      }
      guard own.rows == info.rows, own.columns == info.columns else {
        problems.append("\(info.name) is \(own.shape), not \(info.shape)")
        continue
      }
      try block.set(info.name, to: values)
    }
    let known = Set(tables.parameters.map(\.name))
    problems += parameters.names.filter { !known.contains($0) }.map {
      "\($0) is not a parameter of the network"
    }
    guard problems.isEmpty else {
      throw RuntimeError(
        .checkpointMismatch,
        "The checkpoint is of another network than `\(tables.name)`: "
          + "\(problems.prefix(8).joined(separator: "; "))"
          + (problems.count > 8 ? "; and \(problems.count - 8) more." : "."))
    }
    return try block.reshaped(
      Dictionary(uniqueKeysWithValues: parameters.table.map { ($0.name, $0.shape) }))
  }
}

extension ParameterBlock {
  /// The float tensors of a file, in order of their names; masks are passed over.
  init(_ file: Safetensors.File) throws(RuntimeError) {
    var table: [ParameterInfo] = []
    var end = 0
    for name in file.names {
      let info = try file.info(name)
      if CheckpointMasks.isMask(info) { continue }
      guard info.type == .float32 else {
        throw RuntimeError(
          .invalidFile, "The tensor `\(name)` of \(file.url.path) is \(info.type.rawValue), not F32.")
      }
      table.append(ParameterInfo(name: name, offset: end, shape: info.shape.isEmpty ? [1] : info.shape))
      end = (end + info.count + 15) / 16 * 16
    }
    try self.init(table: table, count: end)
    for info in table { try fill(info, from: file, tensor: info.name) }
  }

  /// Copies a tensor of a file into a parameter.
  ///
  /// - Throws: `.invalidFile` if the tensor is missing or does not have the parameter's type and size.
  mutating func fill(_ info: ParameterInfo, from file: Safetensors.File, tensor: String) throws(RuntimeError)
  {
    let source = try file.info(tensor)
    guard source.type == .float32, source.count == info.count else {
      throw RuntimeError(
        .invalidFile,
        "The tensor `\(tensor)` of \(file.url.path) is \(source.type.rawValue) \(source.shape), not F32 "
          + "\(info.shape)."
      )
    }
    try withUnsafeAddress { address throws(RuntimeError) in
      try file.withUnsafeBytes(of: source) { bytes in
        UnsafeMutableRawBufferPointer(
          UnsafeMutableBufferPointer(start: address + info.offset, count: info.count)
        )
        .copyMemory(from: bytes)
      }
    }
  }

  /// Its parameters as tensors to write.
  func tensors(prefix: String) -> [Safetensors.Tensor] {
    table.map { Safetensors.Tensor(prefix + $0.name, shape: $0.shape, .parameter(self, $0)) }
  }
}
