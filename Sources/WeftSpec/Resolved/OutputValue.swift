/// A tree of values on its way out: a spec spelled out, or a JSON Schema.
indirect enum OutputValue: Sendable, Equatable {
  case text(String)
  case integer(Int)
  case seed(UInt64)
  case number(Double)
  case boolean(Bool)
  case list([OutputValue])
  case mapping([(key: String, value: OutputValue)])
  /// A mapping whose keys are names in an order that matters. JSON objects have no order, so JSON shows it as
  /// a list of objects with a `name`; an entry that is no mapping stands there under `is`.
  case named([(key: String, value: OutputValue)])

  static func == (a: OutputValue, b: OutputValue) -> Bool { a.json == b.json }

  static func texts(_ texts: [String]) -> OutputValue { .list(texts.map(OutputValue.text)) }
}

extension OutputValue {
  // MARK: JSON

  /// JSON without spaces, keys sorted by Unicode scalars, numbers in their shortest form: one text for one
  /// value.
  var json: String {
    switch self {
    case .text(let text): return JSONText.quoted(text)
    case .integer(let value): return String(value)
    case .seed(let value): return String(value)
    case .number(let value): return NumberText.text(value)
    case .boolean(let value): return String(value)
    case .list(let elements): return "[" + elements.map(\.json).joined(separator: ",") + "]"
    case .mapping(let entries): return Self.object(entries)
    case .named(let entries):
      return "["
        + entries.map { entry in
          guard case .mapping(let inner) = entry.value else {
            return Self.object([("name", .text(entry.key)), ("is", entry.value)])
          }
          return Self.object([("name", .text(entry.key))] + inner)
        }.joined(separator: ",") + "]"
    }
  }

  private static func object(_ entries: [(key: String, value: OutputValue)]) -> String {
    "{"
      + entries.sorted { $0.key.unicodeScalars.lexicographicallyPrecedes($1.key.unicodeScalars) }
      .map { JSONText.quoted($0.key) + ":" + $0.value.json }.joined(separator: ",") + "}"
  }

  /// JSON on several lines, with the keys in the order given.
  func prettyJSON(indent: Int = 0) -> String {
    let margin = String(repeating: " ", count: indent)
    let inner = margin + "  "
    switch self {
    case .mapping(let entries) where !entries.isEmpty:
      let lines = entries.map {
        "\(inner)\(JSONText.quoted($0.key)): \($0.value.prettyJSON(indent: indent + 2))"
      }
      return "{\n" + lines.joined(separator: ",\n") + "\n\(margin)}"
    case .list(let elements) where elements.contains { $0.entries != nil }:
      let lines = elements.map { inner + $0.prettyJSON(indent: indent + 2) }
      return "[\n" + lines.joined(separator: ",\n") + "\n\(margin)]"
    case .list(let elements): return "[" + elements.map(\.json).joined(separator: ", ") + "]"
    default: return json
    }
  }

  // MARK: YAML

  /// Block style; mappings of scalars within lists and short mappings in flow style.
  var yaml: String {
    guard let entries else { return flow + "\n" }
    return Self.block(entries, indent: 0)
  }

  private var entries: [(key: String, value: OutputValue)]? {
    switch self {
    case .mapping(let entries), .named(let entries): entries
    default: nil
    }
  }

  private static func block(_ entries: [(key: String, value: OutputValue)], indent: Int) -> String {
    let margin = String(repeating: " ", count: indent)
    return entries.map { entry in
      guard let inner = entry.value.entries, !entry.value.fitsOneLine else {
        return "\(margin)\(entry.key): \(entry.value.flow)\n"
      }
      return "\(margin)\(entry.key):\n" + block(inner, indent: indent + 2)
    }.joined()
  }

  private var fitsOneLine: Bool {
    guard let entries else { return true }
    return entries.allSatisfy { $0.value.entries == nil } && flow.unicodeScalars.count <= 60
  }

  private var flow: String {
    switch self {
    case .text(let text): return Self.scalar(text)
    case .list(let elements): return "[" + elements.map(\.flow).joined(separator: ", ") + "]"
    case .mapping(let entries), .named(let entries):
      return "{" + entries.map { "\($0.key): \($0.value.flow)" }.joined(separator: ", ") + "}"
    default: return json
    }
  }

  /// Plain where nothing can be mistaken, otherwise quoted as JSON, which YAML reads alike.
  private static func scalar(_ text: String) -> String {
    let isPlain =
      text.unicodeScalars.first.map { $0.properties.isAlphabetic || $0 == "/" } == true
      && text.unicodeScalars.allSatisfy {
        $0.properties.isAlphabetic || ("0"..."9").contains($0) || "-_./+".unicodeScalars.contains($0)
      }
      && !["true", "false", "null", "yes", "no", "on", "off", "y", "n"].contains(text.lowercased())
    return isPlain ? text : JSONText.quoted(text)
  }
}

/// JSON strings.
enum JSONText {
  /// Quoted, with control characters and the separators that end lines in YAML escaped.
  static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case _ where scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value), "\u{2028}", "\u{2029}",
        "\u{FEFF}":
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
