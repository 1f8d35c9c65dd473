/// The header of a safetensors file, parsed strictly: the format's own grammar rather than any JSON, so that
/// depth is bounded and nothing is ignored.
struct SafetensorsHeader {
  var metadata: [String: String] = [:]
  var tensors: [String: Safetensors.TensorInfo] = [:]

  /// - Parameters:
  ///   - bytes: the header.
  ///   - dataSize: bytes after it, which the tensors must fill exactly.
  init(parsing bytes: Slice<UnsafeRawBufferPointer>, dataSize: Int) throws(SafetensorsProblem) {
    var parser = SafetensorsParser(bytes)
    guard parser.peek() == UInt8(ascii: "{") else {
      throw SafetensorsProblem("its header does not start with `{`")
    }
    var hasMetadata = false
    try parser.parseObject { parser, name throws(SafetensorsProblem) in
      if name == "__metadata__" {
        guard !hasMetadata else { throw SafetensorsProblem("its header has two `__metadata__`") }
        hasMetadata = true
        try parser.parseObject { parser, key throws(SafetensorsProblem) in
          let value = try parser.parseString()
          guard metadata.updateValue(value, forKey: key) == nil else {
            throw SafetensorsProblem("its metadata have the key `\(key)` twice")
          }
        }
      } else {
        let info = try Self.parseTensor(&parser, name)
        guard tensors.updateValue(info, forKey: name) == nil else {
          throw SafetensorsProblem("it has two tensors named `\(name)`")
        }
      }
    }
    try parser.parsePadding()
    try checkCoverage(dataSize)
  }

  private static func parseTensor(
    _ parser: inout SafetensorsParser, _ name: String
  ) throws(SafetensorsProblem) -> Safetensors.TensorInfo {
    var type: Safetensors.DataType?
    var shape: [Int]?
    var offsets: [Int]?
    try parser.parseObject { parser, key throws(SafetensorsProblem) in
      let isRepeated: Bool
      switch key {
      case "dtype":
        isRepeated = type != nil
        let text = try parser.parseString()
        type = Safetensors.DataType(rawValue: text)
        guard type != nil else { throw SafetensorsProblem("tensor `\(name)` has the unknown type `\(text)`") }
      case "shape":
        isRepeated = shape != nil
        shape = try parser.parseIntegers()
      case "data_offsets":
        isRepeated = offsets != nil
        offsets = try parser.parseIntegers()
      default: throw SafetensorsProblem("tensor `\(name)` has the unknown field `\(key)`")
      }
      if isRepeated { throw SafetensorsProblem("tensor `\(name)` has the field `\(key)` twice") }
    }
    guard let type, let shape, let offsets else {
      throw SafetensorsProblem("tensor `\(name)` lacks a field of dtype, shape and data_offsets")
    }
    guard offsets.count == 2, offsets[0] <= offsets[1] else {
      throw SafetensorsProblem("tensor `\(name)` has the data_offsets \(offsets)")
    }
    var size = type.byteCount
    for extent in shape {
      let (product, overflow) = size.multipliedReportingOverflow(by: extent)
      guard !overflow else { throw SafetensorsProblem("the shape \(shape) of tensor `\(name)` overflows") }
      size = product
    }
    guard size == offsets[1] - offsets[0] else {
      throw SafetensorsProblem(
        "tensor `\(name)`, \(type.rawValue) \(shape), needs \(size) bytes but has \(offsets[1] - offsets[0])")
    }
    return Safetensors.TensorInfo(name: name, type: type, shape: shape, range: offsets[0]..<offsets[1])
  }

  /// Tensors must follow each other from the end of the header to the end of the file.
  private func checkCoverage(_ dataSize: Int) throws(SafetensorsProblem) {
    let ordered = tensors.values.sorted {
      ($0.range.lowerBound, $0.range.upperBound, $0.name) < (
        $1.range.lowerBound, $1.range.upperBound, $1.name
      )
    }
    var end = 0
    for tensor in ordered {
      if tensor.range.lowerBound < end {
        throw SafetensorsProblem("tensor `\(tensor.name)` overlaps the one before it")
      }
      if tensor.range.lowerBound > end {
        throw SafetensorsProblem(
          "there is a hole of \(tensor.range.lowerBound - end) bytes before tensor `\(tensor.name)`")
      }
      end = tensor.range.upperBound
    }
    if end > dataSize {
      throw SafetensorsProblem("it is cut short: its tensors need \(end) bytes, and \(dataSize) are there")
    }
    if end < dataSize { throw SafetensorsProblem("\(dataSize - end) bytes follow its last tensor") }
  }
}

/// Reads the JSON that safetensors headers consist of: objects, strings and lists of natural numbers.
struct SafetensorsParser {
  private let bytes: Slice<UnsafeRawBufferPointer>
  private var position: Int

  init(_ bytes: Slice<UnsafeRawBufferPointer>) {
    self.bytes = bytes
    position = bytes.startIndex
  }

  func peek() -> UInt8? { position < bytes.endIndex ? bytes[position] : nil }

  /// `{ "key": ..., ... }`; the closure reads each value.
  mutating func parseObject(
    _ parseValue: (inout SafetensorsParser, String) throws(SafetensorsProblem) -> Void
  ) throws(SafetensorsProblem) {
    try expect("{")
    if accept("}") { return }
    repeat {
      let key = try parseString()
      try expect(":")
      try parseValue(&self, key)
    } while accept(",")
    try expect("}")
  }

  mutating func parseIntegers() throws(SafetensorsProblem) -> [Int] {
    var numbers: [Int] = []
    try expect("[")
    if accept("]") { return numbers }
    repeat { numbers.append(try parseInteger()) } while accept(",")
    try expect("]")
    return numbers
  }

  private mutating func parseInteger() throws(SafetensorsProblem) -> Int {
    skipSpace()
    let start = position
    var value = 0
    while let byte = peek(), (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
      let (product, overflow) = value.multipliedReportingOverflow(by: 10)
      let (sum, carry) = product.addingReportingOverflow(Int(byte - UInt8(ascii: "0")))
      guard !overflow, !carry else { throw problem("a number is too large") }
      value = sum
      position += 1
    }
    guard position > start, position == start + 1 || bytes[start] != UInt8(ascii: "0") else {
      throw problem("a natural number is expected")
    }
    return value
  }

  mutating func parseString() throws(SafetensorsProblem) -> String {
    try expect("\"")
    var text: [UInt8] = []
    while true {
      guard let byte = peek() else { throw problem("a text does not end") }
      position += 1
      switch byte {
      case UInt8(ascii: "\""):
        guard let string = String(validating: text, as: UTF8.self) else {
          throw problem("a text is not valid UTF-8")
        }
        return string
      case UInt8(ascii: "\\"): try parseEscape(into: &text)
      case 0..<0x20: throw problem("a text contains a control character")
      default: text.append(byte)
      }
    }
  }

  private mutating func parseEscape(into text: inout [UInt8]) throws(SafetensorsProblem) {
    guard let byte = peek() else { throw problem("a text does not end") }
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
    case UInt8(ascii: "b"): text.append(0x08)
    case UInt8(ascii: "f"): text.append(0x0c)
    case UInt8(ascii: "n"): text.append(0x0a)
    case UInt8(ascii: "r"): text.append(0x0d)
    case UInt8(ascii: "t"): text.append(0x09)
    case UInt8(ascii: "u"):
      var code = try parseHexadecimal()
      if (0xd800..<0xdc00).contains(code) {
        guard peek() == UInt8(ascii: "\\") else { throw problem("half a surrogate pair") }
        position += 1
        guard peek() == UInt8(ascii: "u") else { throw problem("half a surrogate pair") }
        position += 1
        let low = try parseHexadecimal()
        guard (0xdc00..<0xe000).contains(low) else { throw problem("half a surrogate pair") }
        code = 0x10000 + (code - 0xd800) << 10 + (low - 0xdc00)
      }
      guard let scalar = Unicode.Scalar(code) else { throw problem("half a surrogate pair") }
      text.append(contentsOf: UTF8.encode(scalar)!)
    default: throw problem("an unknown escape")
    }
  }

  private mutating func parseHexadecimal() throws(SafetensorsProblem) -> UInt32 {
    var code: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = peek(), let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
        throw problem("four hexadecimal digits are expected")
      }
      position += 1
      code = code << 4 | UInt32(digit)
    }
    return code
  }

  /// Spaces may follow the header, so that tensors start at a round address.
  mutating func parsePadding() throws(SafetensorsProblem) {
    skipSpace()
    guard position == bytes.endIndex else { throw problem("something follows the header") }
  }

  private mutating func skipSpace() {
    while let byte = peek(), byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 { position += 1 }
  }

  private mutating func accept(_ character: Unicode.Scalar) -> Bool {
    skipSpace()
    guard peek() == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  private mutating func expect(_ character: Unicode.Scalar) throws(SafetensorsProblem) {
    if !accept(character) { throw problem("`\(character)` is expected") }
  }

  private func problem(_ reason: String) -> SafetensorsProblem {
    SafetensorsProblem("byte \(position - bytes.startIndex) of its header: \(reason)")
  }
}
