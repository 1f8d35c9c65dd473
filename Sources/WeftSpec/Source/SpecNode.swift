/// A YAML value with the places it was written at.
struct SpecNode: Sendable {
  enum Content: Sendable {
    /// A quoted scalar is text whatever it looks like.
    case scalar(String, quoted: Bool)
    case list([SpecNode])
    case mapping([Entry])
  }

  struct Entry: Sendable {
    var key: String
    var keySpan: SourceSpan
    var value: SpecNode
  }

  var content: Content
  var span: SourceSpan
  /// Folder of the file that wrote this value (see `SourceText.folder`); paths are relative to it.
  var folder: String
}

extension SpecNode {
  var entries: [Entry]? {
    if case .mapping(let entries) = content { entries } else { nil }
  }

  var elements: [SpecNode]? {
    if case .list(let elements) = content { elements } else { nil }
  }

  subscript(key: String) -> SpecNode? { entries?.first { $0.key == key }?.value }

  /// Where a key of this mapping stands.
  func keySpan(of key: String) -> SourceSpan? { entries?.first { $0.key == key }?.keySpan }

  var isMapping: Bool { entries != nil }

  /// An empty value, `~` or `null`.
  var isNull: Bool {
    guard case .scalar(let text, quoted: false) = content else { return false }
    return ["", "~", "null", "Null", "NULL"].contains(text)
  }

  var boolean: Bool? {
    guard case .scalar(let text, quoted: false) = content else { return nil }
    switch text {
    case "true", "True", "TRUE": return true
    case "false", "False", "FALSE": return false
    default: return nil
    }
  }

  /// Whether a plain scalar has the form of a decimal integer, in range of `Int` or not.
  var looksLikeInteger: Bool {
    guard case .scalar(let text, quoted: false) = content else { return false }
    let digits =
      text.utf8.first.map { $0 == 0x2B || $0 == 0x2D } == true ? text.utf8.dropFirst() : text.utf8[...]
    return !digits.isEmpty && digits.allSatisfy { (0x30...0x39).contains($0) }
  }

  var integer: Int? {
    guard looksLikeInteger, case .scalar(let text, _) = content else { return nil }
    return Int(text)
  }

  /// A finite decimal number, with or without an exponent.
  var number: Double? {
    guard case .scalar(let text, quoted: false) = content,
      text.utf8.contains(where: { (0x30...0x39).contains($0) }),
      text.utf8.allSatisfy({ (0x30...0x39).contains($0) || "+-.eE".utf8.contains($0) }),
      let value = Double(text), value.isFinite
    else { return nil }
    return value
  }

  /// The text of a scalar that is neither empty by itself nor a truth value.
  var text: String? {
    guard case .scalar(let text, _) = content, !isNull, boolean == nil else { return nil }
    return text
  }

  /// What stands here, for messages.
  var kindPhrase: String {
    switch content {
    case .list: return "a list"
    case .mapping: return "a mapping"
    case .scalar(let text, let quoted):
      if isNull { return "nothing" }
      let shown = text.unicodeScalars.count > 40 ? String(text.prefix(40)) + "…" : text
      if quoted { return "the text '\(shown)'" }
      return boolean != nil || number != nil ? shown : "'\(shown)'"
    }
  }

  /// Visits this value and all below it with their key paths (`data.ewt.train`, `network.encoder.0`).
  func visit(
    at path: String = "", key: SourceSpan? = nil,
    _ body: (_ path: String, _ key: SourceSpan?, _ node: SpecNode) -> Void
  ) {
    body(path, key, self)
    switch content {
    case .scalar: break
    case .list(let elements):
      for (index, element) in elements.enumerated() {
        element.visit(at: KeyPathText.join(path, "\(index)"), body)
      }
    case .mapping(let entries):
      for entry in entries {
        entry.value.visit(at: KeyPathText.join(path, entry.key), key: entry.keySpan, body)
      }
    }
  }
}

/// Key paths of a spec as text: keys and list positions joined by full stops.
enum KeyPathText {
  static func join(_ path: String, _ key: String) -> String { path.isEmpty ? key : path + "." + key }

  static func parent(of path: String) -> String? {
    guard !path.isEmpty else { return nil }
    guard let dot = path.lastIndex(of: ".") else { return "" }
    return String(path[..<dot])
  }

  /// Whether one path is the other or lies below it.
  static func overlap(_ a: String, _ b: String) -> Bool {
    a == b || a.isEmpty || b.isEmpty || a.hasPrefix(b + ".") || b.hasPrefix(a + ".")
  }
}
