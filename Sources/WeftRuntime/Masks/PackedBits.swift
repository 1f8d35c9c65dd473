/// Eight weights a byte, the first in the lowest bit: `numpy.packbits(mask, bitorder="little")`.
enum PackedBits {
  static func byteCount(_ weights: Int) -> Int { weights / 8 + (weights % 8 == 0 ? 0 : 1) }

  /// - Parameter bytes: 0 or 1 each.
  static func pack(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
    var packed = [UInt8](repeating: 0, count: byteCount(bytes.count))
    for (position, byte) in bytes.enumerated() where byte != 0 {
      packed[position >> 3] |= 1 << (position & 7)
    }
    return packed
  }

  /// - Returns: a byte 0 or 1 for each weight.
  /// - Precondition: `packed` has `byteCount(count)` bytes.
  static func unpack(_ packed: [UInt8], count: Int) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: count) { target, initialized in
      for position in 0..<count { target[position] = packed[position >> 3] >> (position & 7) & 1 }
      initialized = count
    }
  }

  /// Checks that a tensor holds exactly the bits of weights of this shape.
  ///
  /// - Throws: `.invalidFile` if it is missing, is not U8, has the wrong number of bytes, or bits that stand for no
  ///   weight.
  static func check(_ file: Safetensors.File, _ name: String, shape: [Int]) throws(RuntimeError) {
    let info = try file.info(name)
    func fail(_ problem: String) -> RuntimeError {
      RuntimeError(.invalidFile, "The tensor `\(name)` of \(file.url.path) \(problem).")
    }
    guard info.type == .uint8 else {
      throw fail("is \(info.type.rawValue), not U8 with eight weights a byte")
    }
    let count = try weights(shape, name, file)
    guard info.shape == [byteCount(count)] else {
      throw fail(
        "has the shape \(info.shape); the \(count) weights of \(shape) are [\(byteCount(count))] bytes")
    }
    if count % 8 != 0, let last = try file.uint8s(name).last, last >> (count % 8) != 0 {
      throw fail("has bits set beyond its \(count) weights")
    }
  }

  private static func weights(
    _ shape: [Int], _ name: String, _ file: Safetensors.File
  ) throws(RuntimeError) -> Int {
    var count = 1
    for extent in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: extent)
      guard extent > 0, !overflow else {
        throw RuntimeError(.invalidFile, "\(file.url.path) gives \(name) the impossible shape \(shape).")
      }
      count = product
    }
    guard !shape.isEmpty else {
      throw RuntimeError(.invalidFile, "\(file.url.path) gives \(name) no shape.")
    }
    return count
  }
}
