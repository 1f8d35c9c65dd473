/// Puts a spec together from its file, the files that it extends, and overrides.
struct Layering {
  let files: SpecFiles
  private(set) var diagnostics = DiagnosticCollector()
  /// Files that were read, outermost first.
  private(set) var paths: [String] = []

  /// Deeper chains are taken for a loop that links hide.
  private static let largestChain = 32

  init(files: SpecFiles) { self.files = files }

  /// The merged tree; nil when a file could not be read or parsed.
  mutating func load(path: String, overrides: [String]) -> SpecNode? {
    var root = loadFile(path, folder: "", chain: [], extendsSpan: nil)
    for text in overrides {
      guard let override = parseOverride(text) else { continue }
      if let node = root { root = apply(override, to: node) }
    }
    return root
  }

  /// A mapping of spec keys laid over a spec as a variant is, then overrides.
  mutating func lay(_ node: SpecNode, over base: SpecNode, overrides: [String]) -> SpecNode {
    var result = merge(node, over: base, at: [])
    for text in overrides {
      if let override = parseOverride(text) { result = apply(override, to: result) }
    }
    return result
  }

  mutating func report(_ message: String, at span: SourceSpan, suggestion: String? = nil) {
    diagnostics.error(message, at: span, suggestion: suggestion)
  }

  // MARK: Files

  /// - Parameters:
  ///   - folder: the file's folder relative to that of the spec that was asked for.
  ///   - chain: the files that extend this one, outermost first.
  ///   - extendsSpan: where this file is named.
  private mutating func loadFile(_ path: String, folder: String, chain: [String], extendsSpan: SourceSpan?)
    -> SpecNode?
  {
    guard let text = readText(path, extendsSpan: extendsSpan) else { return nil }
    let source = SourceText(path: path, text: text, folder: folder)
    let (node, problems) = YAMLReader.read(text, source: source)
    diagnostics.add(contentsOf: problems)
    guard let node else {
      if problems.isEmpty {
        diagnostics.error("the spec is empty", at: source.whole, suggestion: "a spec begins with 'weft: 1'")
      }
      return nil
    }
    guard let entries = node.entries else {
      diagnostics.error(
        "a spec must be a mapping of keys to values; found \(node.kindPhrase)", at: node.span,
        suggestion: "a spec begins with 'weft: 1'")
      return nil
    }
    guard checkVersion(of: node, in: source) else { return nil }
    guard let extends = node["extends"] else { return node }

    var own = node
    own.content = .mapping(entries.filter { $0.key != "extends" })
    guard let baseName = extends.text, extends.number == nil, !baseName.isEmpty else {
      diagnostics.error("'extends' must be a path; found \(extends.kindPhrase)", at: extends.span)
      return own
    }
    let basePath = SpecPath.join(SpecPath.folder(of: path), baseName)
    let chain = chain + [path]
    if chain.contains(where: { SpecPath.normal($0) == SpecPath.normal(basePath) })
      || chain.count > Self.largestChain
    {
      diagnostics.error(
        "'extends' goes in a circle: \((chain + [basePath]).suffix(6).joined(separator: " → "))",
        at: extends.span)
      return nil
    }
    let baseFolder = SpecPath.join(folder, SpecPath.folder(of: baseName))
    guard let base = loadFile(basePath, folder: baseFolder, chain: chain, extendsSpan: extends.span) else {
      return nil
    }
    return merge(own, over: base, at: [])
  }

  private mutating func readText(_ path: String, extendsSpan: SourceSpan?) -> String? {
    var bytes: [UInt8]
    do {
      bytes = try files.read(path)
      paths.append(path)
    } catch {
      diagnostics.error("cannot read '\(path)': \(error.reason)", at: extendsSpan ?? SourceSpan(path: path))
      return nil
    }
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes.removeFirst(3) }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      let line = bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
        .firstIndex { String(validating: $0, as: UTF8.self) == nil }
      diagnostics.error(
        "the text is not UTF-8",
        at: SourceSpan(location: SourceLocation(path: path, line: line.map { $0 + 1 })))
      return nil
    }
    return text
  }

  /// Whether the file is written in this version of the language; other versions are not looked at further.
  private mutating func checkVersion(of node: SpecNode, in source: SourceText) -> Bool {
    guard let version = node["weft"] else {
      diagnostics.error("missing key 'weft'", at: source.whole, suggestion: "a spec begins with 'weft: 1'")
      return true
    }
    if version.integer == 1 { return true }
    let isOther = version.number != nil
    diagnostics.error(
      isOther
        ? "the spec is written in version \(version.kindPhrase) of the language; this Weft reads version 1"
        : "'weft' must be the version of the language, 1; found \(version.kindPhrase)",
      at: version.span, suggestion: isOther ? nil : "write 'weft: 1'")
    return !isOther
  }

  // MARK: Merging

  /// Mappings merge, all else replaces; an empty value (`null`) takes an inherited key away.
  private func merge(_ node: SpecNode, over base: SpecNode, at path: [String]) -> SpecNode {
    guard let entries = node.entries, var merged = Self.spelledOut(base, at: path).entries else {
      return node
    }
    merged = Self.keysRead(by: node["kind"], of: merged, at: path)
    for entry in entries {
      guard let index = merged.firstIndex(where: { $0.key == entry.key }) else {
        merged.append(entry)
        continue
      }
      if entry.value.isNull {
        merged.remove(at: index)
      } else {
        let value = merge(entry.value, over: merged[index].value, at: path + [entry.key])
        merged[index] = SpecNode.Entry(key: entry.key, keySpan: entry.keySpan, value: value)
      }
    }
    var result = node
    result.content = .mapping(merged)
    return result
  }

  /// A scalar that is short for a mapping, such as `crf` for `{kind: crf}`, as that mapping.
  private static func spelledOut(_ node: SpecNode, at path: [String]) -> SpecNode {
    guard case .scalar = node.content, !node.isNull, let type = SpecLanguage.type(at: path),
      let section = type.section, let shorthand = section.shorthand,
      type.alternatives.contains(where: { StructureChecker.accepts($0, node) })
    else { return node }
    let keys = section.keys.filter { shorthand.contains($0.name) }
    let fits = keys.allSatisfy { key in
      key.type.alternatives.contains { StructureChecker.accepts($0, node) }
    }
    guard fits else { return node }
    var result = node
    result.content = .mapping(keys.map { SpecNode.Entry(key: $0.name, keySpan: node.span, value: node) })
    return result
  }

  /// Without the keys that another kind does not read: what is inherited along with the kind that it belongs to
  /// goes when the kind does.
  private static func keysRead(by kind: SpecNode?, of entries: [SpecNode.Entry], at path: [String])
    -> [SpecNode.Entry]
  {
    guard let kind = kind?.text, let section = SpecLanguage.type(at: path)?.section,
      section.keys.contains(where: { !$0.readBy.isEmpty }),
      kind != entries.first(where: { $0.key == "kind" })?.value.text ?? section.defaultKind
    else { return entries }
    return entries.filter { entry in
      section.keys.first { $0.name == entry.key }?.isRead(byKind: kind) ?? true
    }
  }

  // MARK: Overrides

  private struct Override {
    var keys: [(key: String, span: SourceSpan)]
    var value: SpecNode
  }

  /// Parses `train.rate=0.05`.
  private mutating func parseOverride(_ text: String) -> Override? {
    let keyPath = text.prefix { $0 != "=" }.trimmed
    let source = SourceText(path: "--set \(keyPath)", text: text, isOverride: true)
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let whole = source.span(line: 1, column: 1, length: text.unicodeScalars.count)
    guard parts.count == 2, !keyPath.isEmpty else {
      diagnostics.error("an override has the form key=value", at: whole, suggestion: "e.g. train.rate=0.05")
      return nil
    }
    var keys: [(String, SourceSpan)] = []
    var column = 1
    for part in parts[0].split(separator: ".", omittingEmptySubsequences: false) {
      let key = part.trimmed
      let count = part.unicodeScalars.count
      guard !key.isEmpty else {
        diagnostics.error(
          "an empty key", at: source.span(line: 1, column: column), suggestion: "e.g. train.rate=0.05")
        return nil
      }
      keys.append((key, source.span(line: 1, column: column, length: count)))
      column += count + 1
    }
    let (value, problems) = YAMLReader.read(String(parts[1]), source: source, indent: column - 1)
    diagnostics.add(contentsOf: problems)
    guard problems.isEmpty else { return nil }
    if keyPath == "weft" || keyPath == "extends" {
      diagnostics.error("'\(keyPath)' can be given in a file only", at: keys[0].1)
      return nil
    }
    return Override(
      keys: keys, value: value ?? SpecNode(content: .scalar("", quoted: false), span: whole, folder: ""))
  }

  /// The tree with one value replaced, or taken away by an empty value where there is one.
  private mutating func apply(_ override: Override, to root: SpecNode) -> SpecNode {
    replace(in: root, keys: override.keys[...], value: override.value, at: [])
  }

  private mutating func replace(
    in node: SpecNode, keys: ArraySlice<(key: String, span: SourceSpan)>, value: SpecNode,
    at path: [String]
  ) -> SpecNode {
    guard let (key, span) = keys.first else { return value }
    let rest = keys.dropFirst()
    let below = path + [key]
    let node = Self.spelledOut(node, at: path)
    let place = path.joined(separator: ".")
    var result = node
    switch node.content {
    case .mapping(var entries):
      if key == "kind", rest.isEmpty { entries = Self.keysRead(by: value, of: entries, at: path) }
      if let index = entries.firstIndex(where: { $0.key == key }) {
        if rest.isEmpty, value.isNull {
          entries.remove(at: index)
        } else {
          entries[index].value = replace(in: entries[index].value, keys: rest, value: value, at: below)
          if rest.isEmpty { entries[index].keySpan = span }
        }
      } else {
        let empty = SpecNode(content: .mapping([]), span: span, folder: "")
        let new = replace(in: empty, keys: rest, value: value, at: below)
        entries.append(SpecNode.Entry(key: key, keySpan: span, value: new))
      }
      result.content = .mapping(entries)
    case .list(var elements):
      guard let index = Int(key), elements.indices.contains(index) else {
        diagnostics.error(
          "'\(place)' is a list of \(elements.count); '\(key)' is no position in it", at: span,
          suggestion: elements.isEmpty ? nil : "positions are 0 to \(elements.count - 1)")
        return node
      }
      elements[index] = replace(in: elements[index], keys: rest, value: value, at: below)
      result.content = .list(elements)
    case .scalar:
      if node.isNull {
        var empty = node
        empty.content = .mapping([])
        return replace(in: empty, keys: keys, value: value, at: path)
      }
      diagnostics.error(
        "'\(place)' is \(node.kindPhrase) in the spec and has no keys", at: span,
        suggestion: "replace the whole of it with --set \(place)={…}")
    }
    return result
  }
}

extension StringProtocol {
  /// Without spaces at both ends.
  var trimmed: String {
    String(drop { $0 == " " || $0 == "\t" }.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
  }
}
