import WeftCodegen
import WeftRuntime

/// All parameters of a network as a package stores them.
public struct EncodedWeights: Sendable {
  public let format: PackageWeights
  /// The section of the blob.
  public let bytes: [UInt8]
  /// What the package computes with.
  public let parameters: ParameterBlock

  /// - Throws: `.model` for weights that are not finite, or a block of another network.
  public init(_ parameters: ParameterBlock, format: PackageWeights, layout: PackageLayout) throws {
    var bytes = [UInt8](repeating: 0, count: layout.parameterBytes)
    var rounded = parameters
    for entry in layout.entries {
      guard let values = parameters[entry.name], values.count == entry.count else {
        throw PackageError(.model, "the checkpoint has no parameter \(entry.name) of \(entry.count) weights")
      }
      let encoded = try EncodedMatrix(
        values, columns: entry.columns, encoding: entry.encoding, name: entry.name)
      bytes.replaceSubrange(entry.offset..<entry.offset + encoded.bytes.count, with: encoded.bytes)
      if entry.encoding != .f32 { try rounded.set(entry.name, to: encoded.values) }
    }
    self.format = format
    self.bytes = bytes
    self.parameters = rounded
  }
}
