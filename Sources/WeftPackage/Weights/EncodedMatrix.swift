import WeftCodegen

/// A parameter as a package stores it.
public struct EncodedMatrix: Sendable, Equatable {
  /// Values, and for int8 the scales of the rows behind them at the next multiple of 64 bytes.
  public let bytes: [UInt8]
  /// What a package computes with: the values as they are read back.
  public let values: [Float]

  /// - Parameters:
  ///   - weights: row-major.
  ///   - columns: of a row; each row of int8 has a scale of its own.
  /// - Throws: `.model` for a weight that is not finite.
  public init(
    _ weights: [Float], columns: Int, encoding: PackageLayout.Encoding, name: String
  ) throws(PackageError) {
    guard weights.allSatisfy(\.isFinite) else {
      throw PackageError(
        .model, "the parameter \(name) holds a number that is not finite",
        suggestion: "training diverged; package the checkpoint of an earlier epoch")
    }
    switch encoding {
    case .f32: (bytes, values) = (weights.flatMap { $0.bitPattern.littleEndianBytes }, weights)
    case .bf16:
      let halves = weights.map(Self.upperHalf)
      bytes = halves.flatMap(\.littleEndianBytes)
      values = halves.map { Float(bitPattern: UInt32($0) << 16) }
    case .int8: (bytes, values) = Self.scaled(weights, columns: columns)
    }
  }

  /// The upper half of a float, rounded to nearest even; the largest finite value instead of infinity.
  static func upperHalf(_ value: Float) -> UInt16 {
    let bits = value.bitPattern
    let rounded = bits &+ 0x7FFF &+ (bits >> 16 & 1)
    let half = UInt16(truncatingIfNeeded: rounded >> 16)
    return half & 0x7FFF >= 0x7F80 ? (half & 0x8000) | 0x7F7F : half
  }

  /// Symmetric eight bits: scale = max|w| / 127 of the row, q = w / scale rounded to nearest even.
  private static func scaled(_ weights: [Float], columns: Int) -> (bytes: [UInt8], values: [Float]) {
    var bytes: [UInt8] = []
    var scales: [Float] = []
    var values: [Float] = []
    bytes.reserveCapacity(weights.count)
    values.reserveCapacity(weights.count)
    for start in stride(from: 0, to: weights.count, by: max(columns, 1)) {
      let row = weights[start..<start + columns]
      let scale = row.reduce(0) { max($0, abs($1)) } / 127
      scales.append(scale)
      for weight in row {
        // A row of denormal numbers has a scale of 0 or one that is too coarse to reach 127.
        let quotient = scale == 0 ? 0 : (weight / scale).rounded(.toNearestOrEven)
        let level = Int8(max(-127, min(127, quotient)))
        bytes.append(UInt8(bitPattern: level))
        values.append(Float(level) * scale)
      }
    }
    bytes += [UInt8](repeating: 0, count: (64 - bytes.count % 64) % 64)
    for scale in scales { bytes += scale.bitPattern.littleEndianBytes }
    return (bytes, values)
  }
}

extension FixedWidthInteger {
  /// Lowest byte first.
  var littleEndianBytes: [UInt8] {
    (0..<Self.bitWidth / 8).map { UInt8(truncatingIfNeeded: self >> Self(8 * $0)) }
  }
}
