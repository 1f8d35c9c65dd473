import Foundation

extension Mask {
  /// What stands for a parameter that a file does not have.
  public enum Fill: String, Sendable, Hashable, CaseIterable { case ones, zeros }

  /// Takes over a mask made elsewhere: a safetensors file with a tensor of zeros and ones for each parameter, of any
  /// numeric type, in the weight's shape or with all extents behind the first as one.
  ///
  /// - Parameters:
  ///   - reached: names of the parameters that the task reaches; others may be absent, and nothing is used of them.
  ///   - fill: stands for parameters that the file does not have; without it, their absence is an error.
  /// - Throws: `.fileAccess`; `.invalidFile` for a damaged file, a value other than 0 and 1, with its place;
  ///   `.checkpointMismatch` for parameters that are missing, left over or of another shape.
  public init(
    importing url: URL, layout: MaskLayout, reached: Set<String>? = nil, fill: Fill? = nil
  ) throws(RuntimeError) {
    let file = try Safetensors.File(contentsOf: url)
    let reached = reached ?? layout.names
    guard file.metadata["weft.kind"] != MaskFile.kind else {
      throw RuntimeError(
        .invalidFile,
        "\(url.path) is a mask of Weft and need not be imported; `weft masks set --like` takes it over.")
    }
    var problems: [String] = []
    for parameter in layout.parameters {
      guard let info = file.tensors[parameter.name] else {
        if fill == nil, reached.contains(parameter.name) {
          problems.append("\(parameter.name) \(parameter.shape) is missing")
        }
        continue
      }
      let rows = parameter.shape.first ?? 1
      guard info.shape == parameter.shape || info.shape == [rows, parameter.count / rows] else {
        problems.append(
          "\(parameter.name) is \(info.shape) in the file and \(parameter.shape) in the network")
        continue
      }
    }
    problems += file.names.filter { layout.parameter(named: $0) == nil }.map {
      "\($0) is no prunable parameter of the network"
    }
    guard problems.isEmpty else {
      let isAbsent = problems.contains { $0.hasSuffix("is missing") }
      throw RuntimeError(
        .checkpointMismatch,
        "\(url.path) does not fit the network: \(MaskLayout.sentence(problems))"
          + (isAbsent ? " With `--fill ones` or `--fill zeros`, parameters may be missing." : ""))
    }
    var bytes: [UInt8] = []
    for parameter in layout.parameters {
      if file.tensors[parameter.name] == nil {
        bytes += [UInt8](repeating: fill == .ones ? 1 : 0, count: parameter.count)
      } else {
        bytes += try file.zerosAndOnes(parameter.name)
      }
    }
    self = Mask(layout, bytes: bytes).restricted(to: reached)
  }
}

extension Safetensors.File {
  /// The elements of a tensor that holds nothing but zeros and ones, of any type, a byte each.
  ///
  /// - Throws: `.invalidFile` with the first other value and its index.
  func zerosAndOnes(_ name: String) throws(RuntimeError) -> [UInt8] {
    let info = try info(name)
    let (size, one) = (info.type.byteCount, info.type.bitsOfOne)
    let sign: UInt64 = info.type.isFloat ? 1 << UInt64(8 * size - 1) : 0
    return try withUnsafeBytes(of: info) { source throws(RuntimeError) in
      var result = [UInt8](repeating: 0, count: info.count)
      for index in 0..<info.count {
        var bits: UInt64 = 0
        for byte in 0..<size { bits |= UInt64(source[index * size + byte]) << UInt64(8 * byte) }
        if bits == one {
          result[index] = 1
        } else if bits & ~sign != 0 {
          throw RuntimeError(
            .invalidFile,
            "The tensor `\(name)` of \(url.path) is \(info.type.describe(bits)) at "
              + "\(Self.index(index, in: info.shape)); a mask holds nothing but 0 and 1.")
        }
      }
      return result
    }
  }

  private static func index(_ position: Int, in shape: [Int]) -> [Int] {
    var rest = position
    return shape.reversed().map { extent in
      defer { rest /= extent }
      return rest % extent
    }.reversed()
  }
}

extension Safetensors.DataType {
  fileprivate var isFloat: Bool { exponentBits != nil }

  /// Of floating-point types.
  private var exponentBits: Int? {
    switch self {
    case .float64: 11
    case .float32, .bfloat16: 8
    case .float16, .float8e5m2: 5
    case .float8e4m3: 4
    default: nil
    }
  }

  /// The element 1.
  fileprivate var bitsOfOne: UInt64 {
    guard let exponentBits else { return 1 }
    // Exponent 0 is stored as the bias, 2^(e − 1) − 1, above the fraction.
    return (1 << UInt64(exponentBits - 1) - 1) << UInt64(8 * byteCount - 1 - exponentBits)
  }

  /// An element as text.
  fileprivate func describe(_ bits: UInt64) -> String {
    guard let exponentBits else {
      switch self {
      case .int64: return "\(Int64(bitPattern: bits))"
      case .int32: return "\(Int32(truncatingIfNeeded: bits))"
      case .int16: return "\(Int16(truncatingIfNeeded: bits))"
      case .int8: return "\(Int8(truncatingIfNeeded: bits))"
      default: return "\(bits)"
      }
    }
    switch self {
    case .float64: return "\(Double(bitPattern: bits))"
    case .float32: return "\(Float(bitPattern: UInt32(bits)))"
    default: break
    }
    let fractionBits = 8 * byteCount - 1 - exponentBits
    let (bias, largest) = (1 << (exponentBits - 1) - 1, 1 << exponentBits - 1)
    let exponent = Int(bits >> UInt64(fractionBits)) & largest
    let fraction = Int(bits) & (1 << fractionBits - 1)
    let sign = bits >> UInt64(8 * byteCount - 1) == 1 ? "-" : ""
    // E4M3 has no infinity, and one pattern that is no number.
    if self == .float8e4m3 ? (exponent, fraction) == (largest, 7) : exponent == largest {
      return self == .float8e4m3 || fraction != 0 ? "nan" : sign + "inf"
    }
    let significand = Double(fraction + (exponent == 0 ? 0 : 1 << fractionBits))
    let value =
      significand * Double(sign: .plus, exponent: max(exponent, 1) - bias - fractionBits, significand: 1)
    return "\(sign)\(value)"
  }
}
