import Foundation

extension Safetensors {
  /// A tensor to be written.
  public struct Tensor: Sendable {
    public enum Elements: Sendable {
      case float32([Float])
      case float64([Double])
      case int32([Int32])
      case int64([Int64])
      case uint8([UInt8])
      /// A parameter of a block, without a copy.
      case parameter(ParameterBlock, ParameterInfo)
    }
    public var name: String
    public var shape: [Int]
    public var elements: Elements

    /// - Parameter shape: its product must be the number of elements.
    public init(_ name: String, shape: [Int], _ elements: Elements) {
      self.name = name
      self.shape = shape
      self.elements = elements
    }

    public var type: DataType {
      switch elements {
      case .float32, .parameter: .float32
      case .float64: .float64
      case .int32: .int32
      case .int64: .int64
      case .uint8: .uint8
      }
    }
    public var count: Int {
      switch elements {
      case .float32(let values): values.count
      case .float64(let values): values.count
      case .int32(let values): values.count
      case .int64(let values): values.count
      case .uint8(let values): values.count
      case .parameter(_, let info): info.count
      }
    }

    fileprivate func write(to file: inout AtomicFile) throws(RuntimeError) {
      func append<Element: BitwiseCopyable>(_ values: [Element]) throws(RuntimeError) {
        try values.withUnsafeBufferPointer { values throws(RuntimeError) in
          try file.append(UnsafeRawBufferPointer(values))
        }
      }
      switch elements {
      case .float32(let values): try append(values)
      case .float64(let values): try append(values)
      case .int32(let values): try append(values)
      case .int64(let values): try append(values)
      case .uint8(let values): try append(values)
      case .parameter(let block, let info):
        try block.withFloats { floats throws(RuntimeError) in
          try floats.extracting(info.range).withUnsafeBufferPointer { values throws(RuntimeError) in
            try file.append(UnsafeRawBufferPointer(values))
          }
        }
      }
    }
  }

  /// Writes a file, whole or not at all. Equal arguments give equal bytes: names are sorted in the header,
  /// and tensors follow by size of element, largest first, then by name, which aligns them.
  ///
  /// - Throws: `.invalidInput` for two tensors of one name or a shape that does not fit; `.diskFull`,
  ///   `.fileAccess`.
  public static func write(
    _ tensors: [Tensor], metadata: [String: String] = [:], to url: URL
  ) throws(RuntimeError) {
    try write(tensors, metadata: metadata, to: url, through: { Foundation.write($0, $1, $2) })
  }

  static func write(
    _ tensors: [Tensor], metadata: [String: String], to url: URL, through call: @escaping AtomicFile.WriteCall
  ) throws(RuntimeError) {
    let ordered = tensors.sorted {
      ($1.type.byteCount, $0.name) < ($0.type.byteCount, $1.name)
    }
    let header = try header(ordered, metadata)
    try AtomicFile.write(to: url, through: call) { file throws(RuntimeError) in
      try file.append(header)
      for tensor in ordered { try tensor.write(to: &file) }
    }
  }

  /// Length and header, a multiple of eight bytes long.
  private static func header(_ ordered: [Tensor], _ metadata: [String: String]) throws(RuntimeError)
    -> [UInt8]
  {
    var entries: [String: String] = [:]
    var offset = 0
    for tensor in ordered {
      guard tensor.name != "__metadata__", entries[tensor.name] == nil else {
        throw RuntimeError(
          .invalidInput, "There are two tensors named `\(tensor.name)`, or it may not be used.")
      }
      guard tensor.shape.allSatisfy({ $0 >= 0 }), tensor.shape.reduce(1, *) == tensor.count else {
        throw RuntimeError(
          .invalidInput, "Tensor `\(tensor.name)` has \(tensor.count) elements and the shape \(tensor.shape)."
        )
      }
      let end = offset + tensor.count * tensor.type.byteCount
      let shape = tensor.shape.map(String.init).joined(separator: ",")
      entries[tensor.name] =
        "{\"dtype\":\"\(tensor.type.rawValue)\",\"shape\":[\(shape)],\"data_offsets\":[\(offset),\(end)]}"
      offset = end
    }
    var fields: [String] = []
    if !metadata.isEmpty {
      let pairs = metadata.sorted { $0.key < $1.key }.map { "\(quoted($0.key)):\(quoted($0.value))" }
      fields.append("\"__metadata__\":{\(pairs.joined(separator: ","))}")
    }
    fields += entries.sorted { $0.key < $1.key }.map { "\(quoted($0.key)):\($0.value)" }
    var text = Array("{\(fields.joined(separator: ","))}".utf8)
    text += Array(repeating: UInt8(ascii: " "), count: (8 - text.count % 8) % 8)
    guard text.count <= longestHeader else {
      throw RuntimeError(
        .invalidInput, "The header would have \(text.count) bytes; at most \(longestHeader) are allowed.")
    }
    return (0..<8).map { UInt8(truncatingIfNeeded: text.count >> (8 * $0)) } + text
  }

  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\t": result += "\\t"
      case "\r": result += "\\r"
      case "\u{0}"..<" ":
        let code = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - code.count) + code
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
