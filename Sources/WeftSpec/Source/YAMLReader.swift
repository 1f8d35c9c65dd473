import Yams

/// Text → `SpecNode`, with syntax errors and duplicate keys as located diagnostics.
struct YAMLReader {
  let source: SourceText
  private let text: String
  /// Added to the columns of line 1: what stands before the YAML in the shown text of an override.
  private let indent: Int
  private var diagnostics = DiagnosticCollector()
  /// First scalars of keys that were masked because the key occurs again, by line and column.
  private var masked: [Position: Unicode.Scalar] = [:]
  private var nodeCount = 0
  private var isTooLarge = false

  /// More values than any spec has: a chain of aliases that doubles with each link.
  private static let largestNodeCount = 100_000
  /// Deeper nesting than any spec has; bounds the recursion of everything that walks a tree.
  private static let largestDepth = 64
  /// The private use area: its scalars stand in for the first scalars of repeated keys, each for one.
  private static let masks: ClosedRange<UInt32> = 0xE000...0xF8FF

  /// Both from 1.
  private struct Position: Hashable {
    var line = 1
    var column = 1

    init() {}

    init(_ mark: Mark?) {
      guard let mark else { return }
      (line, column) = (mark.line, mark.column)
    }
  }

  private init(text: String, source: SourceText, indent: Int) {
    self.text = text
    self.source = source
    self.indent = indent
  }

  /// Reads one document; nil when there is nothing that could be looked at further.
  static func read(_ text: String, source: SourceText, indent: Int = 0) -> (
    node: SpecNode?, diagnostics: [Diagnostic]
  ) {
    var reader = YAMLReader(text: text, source: source, indent: indent)
    let node = reader.read()
    return (node, reader.diagnostics.diagnostics)
  }

  private mutating func read() -> SpecNode? {
    var lines = text
    // Yams stops at the first mapping that repeats a key. Masking the earlier key and parsing again finds the
    // rest.
    for _ in Self.masks {
      do {
        guard let root = try Yams.compose(yaml: lines, .default, .default, .utf8) else { return nil }
        let node = convert(root, depth: 0)
        return isTooLarge ? nil : node
      } catch YamlError.duplicatedKeysInMapping(_, let context) {
        guard let changed = mask(in: lines, at: Position(context.mark)) else { return nil }
        lines = changed
      } catch let error as YamlError {
        report(error)
        return nil
      } catch {
        diagnostics.error("this is no YAML", at: source.whole)
        return nil
      }
    }
    return nil
  }

  // MARK: Duplicate keys

  /// The text with the first letter of a key replaced, so that the key is unlike its later occurrences.
  private mutating func mask(in text: String, at mark: Position) -> String? {
    guard let stand = Unicode.Scalar(Self.masks.lowerBound + UInt32(masked.count)) else { return nil }
    var position = Position()
    var changed = String.UnicodeScalarView()
    var done = false
    var previous: Unicode.Scalar?
    for scalar in text.unicodeScalars {
      let isLetter = scalar != "\"" && scalar != "'"
      if !done, position.line == mark.line, position.column >= mark.column, isLetter {
        masked[mark] = scalar
        changed.append(stand)
        done = true
      } else {
        changed.append(scalar)
      }
      switch scalar {
      case "\n" where previous == "\r": break
      case "\n", "\r", "\u{85}", "\u{2028}", "\u{2029}":
        position.line += 1
        position.column = 1
      default: position.column += 1
      }
      previous = scalar
    }
    return done ? String(changed) : nil
  }

  // MARK: Nodes

  private mutating func convert(_ node: Node, depth: Int) -> SpecNode? {
    nodeCount += 1
    let mark = Position(node.mark)
    guard !isTooLarge else { return nil }
    guard nodeCount <= Self.largestNodeCount else {
      diagnostics.error(
        "more than \(Self.largestNodeCount) values", at: source.whole,
        suggestion: "an alias that holds aliases multiplies what it stands for")
      isTooLarge = true
      return nil
    }
    guard depth <= Self.largestDepth else {
      diagnostics.error("values are nested more than \(Self.largestDepth) deep", at: span(mark))
      isTooLarge = true
      return nil
    }
    let content: SpecNode.Content
    var length = 1
    switch node {
    case .scalar(let scalar):
      let quoted = scalar.style == .singleQuoted || scalar.style == .doubleQuoted
      length = scalar.string.unicodeScalars.count + (quoted ? 2 : 0)
      content = .scalar(scalar.string, quoted: quoted || scalar.style == .literal || scalar.style == .folded)
    case .sequence(let sequence):
      content = .list(sequence.compactMap { convert($0, depth: depth + 1) })
    case .mapping(let mapping):
      content = .mapping(entries(of: mapping, depth: depth))
    case .alias:
      diagnostics.error("an alias to nothing", at: span(mark))
      return nil
    }
    return SpecNode(content: content, span: span(mark, length: length), folder: source.folder)
  }

  private mutating func entries(of mapping: Node.Mapping, depth: Int) -> [SpecNode.Entry] {
    var entries: [SpecNode.Entry] = []
    for (keyNode, valueNode) in mapping {
      let mark = Position(keyNode.mark)
      guard case .scalar(let scalar) = keyNode else {
        diagnostics.error("a key must be a word", at: span(mark))
        continue
      }
      var key = scalar.string
      if let first = masked[mark] {
        key = String(String.UnicodeScalarView([first])) + String(key.unicodeScalars.dropFirst())
      }
      let quotes = scalar.style == .plain ? 0 : 2
      let keySpan = span(mark, length: key.unicodeScalars.count + quotes)
      guard key != "<<" else {
        diagnostics.error(
          "merge keys are not supported", at: keySpan,
          suggestion: "give the whole mapping by an alias, or build on another file with 'extends'")
        continue
      }
      guard var value = convert(valueNode, depth: depth + 1) else { continue }
      // Nothing was written where an empty value stands: its key is the place to show.
      if case .scalar("", quoted: false) = value.content { value.span = keySpan }
      if let earlier = entries.first(where: { $0.key == key }) {
        diagnostics.add(
          .error(
            "key '\(key)' is given twice", at: keySpan,
            notes: [.note("first given here", at: earlier.keySpan)]))
        continue
      }
      entries.append(SpecNode.Entry(key: key, keySpan: keySpan, value: value))
    }
    return entries
  }

  private func span(_ mark: Position, length: Int = 1) -> SourceSpan {
    source.span(line: mark.line, column: mark.column + (mark.line == 1 ? indent : 0), length: length)
  }

  // MARK: Syntax errors

  private mutating func report(_ error: YamlError) {
    switch error {
    case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _):
      reportSyntax(problem: problem, context: context, mark: Position(mark))
    case .composer(let context, let problem, let mark, _):
      if context != nil {
        diagnostics.error(
          "a second YAML document begins here", at: span(Position(mark)),
          suggestion: "a spec is one document; remove the '---'")
      } else {
        reportSyntax(problem: problem, context: nil, mark: Position(mark))
      }
    case .reader(let problem, let offset, _, _):
      let mark = offset.map(mark(ofCharacter:))
      diagnostics.error("YAML syntax: \(problem)", at: mark.map { span($0) } ?? source.whole)
    default:
      diagnostics.error("this is no YAML", at: source.whole)
    }
  }

  private mutating func reportSyntax(problem: String, context: YamlError.Context?, mark: Position) {
    var mark = mark
    if source.isOverride, mark.line > 1 {
      // What ends too early ends where the one line ends.
      mark = Position()
      mark.column = source.rest(line: 1, column: 1).count - indent + 1
    }
    let line = source.rest(line: mark.line, column: 1)
    if line.prefix(while: { $0 == " " || $0 == "\t" }).contains("\t")
      || source.rest(line: mark.line, column: mark.column).first == "\t"
    {
      let column = line.prefix { $0 != "\t" }.count + 1
      diagnostics.error(
        "a tab cannot indent YAML", at: source.span(line: mark.line, column: column),
        suggestion: "indent with spaces")
      return
    }
    var suggestion: String?
    guard !problem.hasPrefix("Maximum nesting") else {
      diagnostics.error("values are nested more than \(Self.largestDepth) deep", at: span(mark))
      return
    }
    if problem.contains("mapping values are not allowed") {
      suggestion = "quote a text that holds ': ', and put every key on a line of its own"
    } else if problem.contains("could not find expected ':'") {
      suggestion = "a key is followed by ':' and a space"
    } else if let context, context.mark.line != mark.line, !source.isOverride {
      suggestion = "\(context.text) that began in line \(context.mark.line)"
    }
    diagnostics.error("YAML syntax: \(problem)", at: span(mark), suggestion: suggestion)
  }

  private func mark(ofCharacter offset: Int) -> Position {
    var position = Position()
    for character in text.prefix(offset) {
      if character.isNewline {
        position.line += 1
        position.column = 1
      } else {
        position.column += character.unicodeScalars.count
      }
    }
    return position
  }
}
