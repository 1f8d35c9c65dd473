/// Checks a tree against the description of the language: keys, types, ranges and words.
struct StructureChecker {
  private(set) var diagnostics = DiagnosticCollector()
  /// Key paths with an error, which later rules leave alone.
  private(set) var broken: Set<String> = []

  private mutating func report(
    _ message: String, at span: SourceSpan, path: String, suggestion: String? = nil
  ) {
    diagnostics.error(message, at: span, suggestion: suggestion)
    broken.insert(path)
  }

  // MARK: Sections

  /// - Parameter keySpan: where the section's key stands; missing keys are reported there.
  mutating func check(_ node: SpecNode, is section: Section, at path: String, keySpan: SourceSpan) {
    guard let entries = node.entries else { return }
    // Each file's version was looked at when the file was read.
    let elsewhere = section.takesSpecKeys ? SpecLanguage.specKeys.map(\.name) : []
    let names = section.keys.map(\.name) + elsewhere
    let place = path.isEmpty ? "" : " in '\(path)'"
    let kind = section.kind(of: node)
    var meant: Set<String> = []
    for entry in entries {
      let below = KeyPathText.join(path, entry.key)
      if elsewhere.contains(entry.key) { continue }
      guard let key = section.keys.first(where: { $0.name == entry.key }) else {
        let given = Set(entries.map(\.key))
        let near = Spelling.nearest(to: entry.key, among: names.filter { !given.contains($0) })
        if let near {
          meant.insert(near)
          broken.insert(KeyPathText.join(path, near))
        }
        report(
          "unknown key '\(entry.key)'\(place)", at: entry.keySpan, path: below,
          suggestion: near.map { "did you mean '\($0)'?" } ?? Self.advice(forKey: entry.key, in: section))
        continue
      }
      if key.name == "weft", path.isEmpty { continue }
      if let kind, !key.isRead(byKind: kind) {
        let readers = key.readBy.map { "'\($0)'" }.list(last: "and")
        report(
          "'\(entry.key)'\(place) is read by kind \(readers); this one is '\(kind)'", at: entry.keySpan,
          path: below, suggestion: "remove '\(entry.key)', or use kind: \(key.readBy.list(last: "or"))")
        continue
      }
      check(entry.value, is: key.type, at: below, keySpan: entry.keySpan)
    }
    if section.isUnion {
      let known = entries.filter { names.contains($0.key) }
      let words = names.map { "'\($0)'" }.list(last: "or")
      if known.count > 1 {
        report("only one of \(words) can be given\(place)", at: known[1].keySpan, path: path)
      } else if known.isEmpty, meant.isEmpty {
        report("missing \(words)\(place)", at: keySpan, path: path)
      }
    }
    for key in section.keys where key.presence == .required && !meant.contains(key.name) {
      guard node[key.name] == nil, key.name != "weft", !(key.name == "columns" && Self.isCoNLLU(node)) else {
        continue
      }
      report(
        "missing key '\(key.name)'\(place)", at: keySpan, path: KeyPathText.join(path, key.name),
        suggestion: "\(key.name): \(key.doc.prefix { !".:;".contains($0) }.description.lowercasedFirst)")
    }
  }

  /// A CoNLL-U corpus knows where its words are without `columns`.
  private static func isCoNLLU(_ corpus: SpecNode) -> Bool {
    corpus["format"]?.text == CorpusSpec.Format.conllu.rawValue
  }

  /// Where a key belongs that is unknown here, or which keys there are.
  private static func advice(forKey word: String, in section: Section) -> String {
    let homes = SpecLanguage.sections.filter { $0.section.keys.contains { $0.name == word } }.map(\.path)
    if !homes.isEmpty, homes.count <= 2 {
      let places = homes.map { $0.isEmpty ? "at the top level" : "in '\($0)'" }
      return "'\(word)' belongs \(places.list(last: "or"))"
    }
    return "the keys here are \(section.keys.map(\.name).list(last: "and"))"
  }

  // MARK: Values

  /// Checks what stands at a key path that the language knows.
  mutating func check(_ node: SpecNode, at path: String, keySpan: SourceSpan) {
    guard let type = SpecLanguage.type(at: path.split(separator: ".").map(String.init)) else { return }
    check(node, is: type, at: path, keySpan: keySpan)
  }

  private mutating func check(_ node: SpecNode, is type: LanguageType, at path: String, keySpan: SourceSpan) {
    let candidates = type.alternatives
    switch node.content {
    case .mapping(let entries):
      let isChosenByName = candidates.contains { if case .dictionary = $0 { true } else { false } }
      for candidate in candidates {
        switch candidate {
        case .section(let section)
        where isChosenByName && !entries.contains { entry in section.keys.contains { $0.name == entry.key } }:
          // A mapping with keys of a person's choice can stand here as well.
          continue
        case .section(let section):
          check(node, is: section, at: path, keySpan: keySpan)
          return
        case .dictionary(let type, let what):
          checkDictionary(entries, of: type, what: what, at: path, keySpan: keySpan)
          return
        default: continue
        }
      }
    case .list(let elements):
      for candidate in candidates {
        switch candidate {
        case .list(let type, _), .oneOrMore(let type, _):
          for (index, element) in elements.enumerated() {
            check(element, is: type, at: KeyPathText.join(path, "\(index)"), keySpan: element.span)
          }
          return
        default: continue
        }
      }
    case .scalar:
      checkScalar(node, candidates: candidates, type: type, at: path)
      return
    }
    mismatch(node, type, at: path)
  }

  private mutating func checkDictionary(
    _ entries: [SpecNode.Entry], of type: LanguageType, what: String, at path: String, keySpan: SourceSpan
  ) {
    if entries.isEmpty { report("'\(path)' names no \(what)", at: keySpan, path: path) }
    var symbols: [String: SpecNode.Entry] = [:]
    for entry in entries {
      let below = KeyPathText.join(path, entry.key)
      if Self.isName(entry.key) {
        // Generated symbols write '-' as '_'.
        let symbol = String(entry.key.map { $0 == "-" ? "_" : $0 })
        if let earlier = symbols[symbol] {
          report(
            "the names of \(what) '\(entry.key)' and \(what) '\(earlier.key)' differ only in '-' and '_'",
            at: entry.keySpan, path: below)
        }
        symbols[symbol] = entry
      } else {
        report(
          "'\(entry.key)' cannot name a \(what)", at: entry.keySpan, path: below,
          suggestion: "a name is a letter, then letters, digits, '-' and '_'")
      }
      check(entry.value, is: type, at: below, keySpan: entry.keySpan)
    }
  }

  private mutating func checkScalar(
    _ node: SpecNode, candidates: [LanguageType], type: LanguageType, at path: String
  ) {
    guard !node.isNull else { return mismatch(node, type, at: path) }
    let scalars = candidates.map { if case .oneOrMore(let inner, _) = $0 { inner } else { $0 } }
      .flatMap(\.alternatives)
    if scalars.contains(where: { Self.accepts($0, node) }) { return }
    mismatch(node, type, at: path, suggestion: Self.suggestion(for: node, among: scalars))
  }

  private mutating func mismatch(
    _ node: SpecNode, _ type: LanguageType, at path: String, suggestion: String? = nil
  ) {
    report(
      "'\(path)' must be \(type.phrase); found \(node.kindPhrase)", at: node.span, path: path,
      suggestion: suggestion)
  }

  /// Whether a scalar may stand where this type is expected.
  static func accepts(_ type: LanguageType, _ node: SpecNode) -> Bool {
    switch type {
    case .boolean: node.boolean != nil
    case .integer(let range, let odd):
      node.integer.map { range.contains($0) && (!odd || !$0.isMultiple(of: 2)) } ?? false
    case .number(let bounds): node.number.map(bounds.contains) ?? false
    case .name: node.text.map(isName) ?? false
    case .path: node.text.map { !$0.isEmpty && node.number == nil } ?? false
    case .text: node.text != nil
    case .choice(let choices): node.text.map { text in choices.contains { $0.word == text } } ?? false
    default: false
    }
  }

  private static func suggestion(for node: SpecNode, among types: [LanguageType]) -> String? {
    guard case .scalar(let text, let quoted) = node.content else { return nil }
    let plain = SpecNode(content: .scalar(text, quoted: false), span: node.span, folder: node.folder)
    if quoted, types.contains(where: { accepts($0, plain) }) { return "remove the quotes" }
    if case .boolean? = types.first, ["yes", "on", "no", "off"].contains(text.lowercased()) {
      return "write \(["yes", "on"].contains(text.lowercased()))"
    }
    let words = types.flatMap {
      if case .choice(let choices) = $0 { choices.map(\.word) } else { [String]() }
    }
    return Spelling.suggestion(for: text, among: words)
  }

  /// A letter, then letters, digits, `-` and `_`, all of them ASCII.
  static func isName(_ text: String) -> Bool {
    guard let first = text.utf8.first, isLetter(first) else { return false }
    return text.utf8.allSatisfy(isNamePart)
  }

  /// A letter, a digit, `-` or `_`.
  static func isNamePart(_ byte: UInt8) -> Bool {
    isLetter(byte) || (0x30...0x39).contains(byte) || byte == 0x2D || byte == 0x5F
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
  }
}

extension Section {
  /// The kind that decides which keys of a mapping are read; nil where all are, or where it is no word of the language.
  func kind(of node: SpecNode) -> String? {
    guard keys.contains(where: { !$0.readBy.isEmpty }) else { return nil }
    guard let given = node["kind"] else { return defaultKind }
    let words = keys.first { $0.name == "kind" }?.type.choices.map(\.word) ?? []
    return given.text.flatMap { words.contains($0) ? $0 : nil }
  }
}

extension String {
  /// With the first letter in lower case, for a sentence that goes on.
  fileprivate var lowercasedFirst: String { prefix(1).lowercased() + dropFirst() }
}
