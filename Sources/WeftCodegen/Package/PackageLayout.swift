import WeftGraph

/// Where parameters and masks are in the blob of a package, and how they are encoded.
public struct PackageLayout: Sendable, Equatable {
  public typealias Encoding = WeightType

  public struct Entry: Sendable, Equatable {
    public let name: String
    public let rows: Int
    public let columns: Int
    public let encoding: Encoding
    /// Bytes from the start of the section of the parameters.
    public let offset: Int
    /// Bytes from the start of the section to the scales of the rows; for ``Encoding/int8``.
    public let scaleOffset: Int?
    /// Bytes from the start of a section of a mask; nil if masks leave the parameter alone.
    public let maskOffset: Int?

    public var count: Int { rows * columns }
    public var isPrunable: Bool { maskOffset != nil }
  }

  /// In the order of the parameter table.
  public let entries: [Entry]
  /// Bytes of the section of the parameters.
  public let parameterBytes: Int
  /// Bytes of the section of a mask.
  public let maskBytes: Int

  /// Parameters with fewer weights are not worth a loss of precision.
  static let smallest = 1024

  /// Numbers of a parameter, and then its scales, begin at multiples of 64 bytes.
  static func rounded(_ bytes: Int) -> Int { (bytes + 63) / 64 * 64 }

  /// - Parameter graph: specialised for use.
  init(graph: Graph, weights: PackageWeights) {
    let decoders = Set(graph.tasks.flatMap(\.decoderParameters))
    var entries: [Entry] = []
    var offset = 0
    var maskOffset = 0
    for parameter in graph.parameters {
      let isWide =
        weights == .fp32 || parameter.rows < 2 || parameter.columns < 2 || parameter.count < Self.smallest
        || decoders.contains(parameter.id)
      let encoding: Encoding = isWide ? .f32 : weights == .bf16 ? .bf16 : .int8
      let scaleOffset = encoding == .int8 ? offset + Self.rounded(parameter.count) : nil
      entries.append(
        Entry(
          name: parameter.name, rows: parameter.rows, columns: parameter.columns, encoding: encoding,
          offset: offset, scaleOffset: scaleOffset, maskOffset: parameter.isPrunable ? maskOffset : nil))
      switch encoding {
      case .f32: offset += Self.rounded(4 * parameter.count)
      case .bf16: offset += Self.rounded(2 * parameter.count)
      case .int8: offset += Self.rounded(parameter.count) + Self.rounded(4 * parameter.rows)
      }
      if parameter.isPrunable { maskOffset += (parameter.count + 7) / 8 }
    }
    self.entries = entries
    parameterBytes = offset
    maskBytes = maskOffset
  }
}
