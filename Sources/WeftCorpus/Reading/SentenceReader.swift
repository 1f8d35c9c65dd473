import WeftSpec

/// Reads a corpus sentence by sentence, in memory for one sentence only.
///
/// Besides the values of the named columns, a sentence keeps its lines, so that ``Sentence/rendered(adding:format:)``
/// gives them back with more columns. Only `word` must be there; other columns may be missing.
public struct SentenceReader: ~Copyable {
  private var rows: RowReader
  private let spec: CorpusSpec
  private let required: Set<String>
  private var picker: CellPicker?
  private var pending: Sentence
  private var ended = false

  /// Opens a file.
  public init(path: String, spec: CorpusSpec, required: Set<String> = ["word"]) throws(CorpusError) {
    self.init(try ByteLines(path: path), spec: spec, required: required)
  }

  /// Reads an open file descriptor, which stays open.
  public init(
    descriptor: Int32, path: String = "<standard input>", spec: CorpusSpec, required: Set<String> = ["word"]
  ) {
    self.init(ByteLines(descriptor: descriptor, path: path), spec: spec, required: required)
  }

  /// Reads a text.
  public init(text: [UInt8], path: String = "<memory>", spec: CorpusSpec, required: Set<String> = ["word"]) {
    self.init(ByteLines(bytes: text, path: path), spec: spec, required: required)
  }

  private init(_ lines: consuming ByteLines, spec: CorpusSpec, required: Set<String>) {
    self.spec = spec
    self.required = required
    let path = lines.path
    rows = RowReader(lines, format: spec.format, separator: spec.separator, wordCell: spec.wordCell)
    pending = Sentence(words: [], path: path)
  }

  /// The next sentence; nil at the end.
  ///
  /// The lines between two sentences (comments, `-DOCSTART-`) belong to the one after them; lines after the last
  /// sentence come as a last sentence without words.
  public mutating func next() throws(CorpusError) -> Sentence? {
    while !ended {
      switch try rows.next() {
      case .end:
        ended = true
        if !pending.words.isEmpty || !pending.lines.isEmpty { return take() }
      case .blank:
        if !pending.words.isEmpty { return take() }
        if pending.lines.last?.text.isEmpty == false {
          pending.lines.append(Sentence.Line(text: "", token: nil))
        }
      case .document:
        let line = Sentence.Line(text: rows.text, token: nil)
        if pending.words.isEmpty {
          pending.lines.append(line)
        } else {
          let sentence = take()
          pending.lines.append(line)
          return sentence
        }
      case .comment:
        if let id = Corpus.sentenceID(rows.bytes) { pending.id = id }
        pending.lines.append(Sentence.Line(text: rows.text, token: nil))
      case .skipped, .header:
        pending.lines.append(Sentence.Line(text: rows.text, token: nil))
      case .token:
        try addToken()
      }
    }
    return nil
  }

  private mutating func addToken() throws(CorpusError) {
    let cells: CellPicker
    if let picker {
      cells = picker
    } else {
      cells = try CellPicker(spec.columns, required: required, in: rows)
      picker = cells
    }
    if pending.words.isEmpty { pending.line = rows.number }
    pending.lines.append(Sentence.Line(text: rows.text, token: pending.words.count))
    for (index, column) in spec.columns.enumerated() {
      let value = cells.range(index, in: rows).map { String(decoding: rows.bytes[$0], as: UTF8.self) }
      if column.name == "word" {
        guard let value else {
          throw rows.error(.malformedLine, cell: cells.cell(index), "the word is empty")
        }
        pending.words.append(value)
      } else {
        let known = value.flatMap { spec.unlabelled.contains($0) ? nil : $0 }
        pending.columns[column.name, default: []].append(known)
      }
    }
  }

  private mutating func take() -> Sentence {
    let sentence = pending
    pending = Sentence(words: [], path: sentence.path)
    return sentence
  }
}

/// Reads plain text: a line is a sentence, its words are separated by spaces and tabs. Blank lines are left out.
public struct PlainTextReader: ~Copyable {
  private var lines: ByteLines
  private var bytes: [UInt8] = []

  /// Opens a file.
  public init(path: String) throws(CorpusError) { lines = try ByteLines(path: path) }

  /// Reads an open file descriptor, which stays open.
  public init(descriptor: Int32, path: String = "<standard input>") {
    lines = ByteLines(descriptor: descriptor, path: path)
  }

  /// Reads a text.
  public init(text: [UInt8], path: String = "<memory>") { lines = ByteLines(bytes: text, path: path) }

  /// The next sentence, which has at least one word; nil at the end.
  public mutating func next() throws(CorpusError) -> Sentence? {
    while try lines.next(into: &bytes) {
      let words = bytes.split(whereSeparator: { $0 == 0x20 || $0 == 0x09 })
      if words.isEmpty { continue }
      return Sentence(
        words: words.map { String(decoding: $0, as: UTF8.self) }, path: lines.path, line: lines.number)
    }
    return nil
  }
}
