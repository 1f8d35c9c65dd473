/// Names of the spec as C identifiers.
enum CIdentifier {
  /// Every character that an identifier cannot hold becomes `_`; a leading digit gets one in front.
  static func mangle(_ name: String) -> String {
    var result = ""
    for scalar in name.unicodeScalars {
      let isLetter = ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar)
      result.unicodeScalars.append(isLetter || ("0"..."9").contains(scalar) ? scalar : "_")
    }
    if let first = result.unicodeScalars.first, ("0"..."9").contains(first) { result = "_" + result }
    return result
  }

  /// Text as a C string literal, ASCII only.
  static func literal(_ text: String) -> String {
    var result = "\""
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""): result += "\\\""
      case UInt8(ascii: "\\"): result += "\\\\"
      case 0x20..<0x7F: result.unicodeScalars.append(Unicode.Scalar(byte))
      default:
        // Octal escapes end after three digits, so a digit behind one cannot be swallowed.
        let octal = String(byte, radix: 8)
        result += "\\" + String(repeating: "0", count: 3 - octal.count) + octal
      }
    }
    return result + "\""
  }

  /// Shortest text that reads back as the same float, as a C literal.
  static func float(_ value: Double) -> String {
    let single = Float(value)
    let text = "\(single)"
    return (text.contains(".") || text.contains("e") ? text : text + ".0") + "f"
  }
}

/// Hands out distinct identifiers for distinct names: `a-b` and `a_b` must not meet.
struct IdentifierTable {
  private var taken: Set<String> = []
  private(set) var names: [String: String] = [:]

  mutating func add(_ name: String) -> String {
    if let known = names[name] { return known }
    let base = CIdentifier.mangle(name)
    var candidate = base
    var number = 2
    while !taken.insert(candidate).inserted {
      candidate = "\(base)_\(number)"
      number += 1
    }
    names[name] = candidate
    return candidate
  }
}
