import WeftSpec

/// A task's labels over a corpus, checked against the scheme of the data and written in the scheme of the model.
struct ColumnLabels {
  /// The distinct labels in the model's scheme, in order of first appearance.
  private(set) var table = ByteTable()
  /// Tokens in the model's scheme: index in ``table``, −1 unlabelled.
  private(set) var cells: [Int32]

  /// - Throws: ``CorpusError`` naming the first line whose label contradicts the scheme of the data.
  init(_ task: TaskSpec, corpus: Corpus) throws(CorpusError) {
    guard let column = corpus.labels(of: task) else {
      throw CorpusError(
        .missingColumn, path: corpus.files.first?.path ?? corpus.name,
        "task '\(task.name)' reads column '\(task.labels)', which corpus '\(corpus.name)' does not name",
        suggestion: "its columns are \(corpus.columns.map(\.name).joined(separator: ", "))")
    }
    cells = Array(repeating: -1, count: corpus.tokenCount)
    if task.dataScheme == .none {
      relabel(column) { $0 }
      return
    }
    let tags = column.values.map { SpanTag($0) }
    for sentence in 0..<corpus.sentenceCount {
      let tokens = corpus.tokens(of: sentence)
      let labels: [(text: String, tag: SpanTag?)?] = tokens.map { token in
        let cell = Int(column.cells[token])
        return cell < 0 ? nil : (column.values[cell], tags[cell])
      }
      if let violation = task.dataScheme.violation(in: labels) {
        throw Self.error(violation, task, column, corpus, token: tokens.lowerBound + violation.token)
      }
      let converted = task.dataScheme.convert(labels.map { $0.flatMap(\.tag) }, to: task.modelScheme)
      for (token, tag) in zip(tokens, converted) {
        if let tag { cells[token] = Int32(table.intern(tag.text)) }
      }
    }
  }

  private mutating func relabel(_ column: Corpus.Column, _ label: (String) -> String) {
    var ids = Array(repeating: Int32(-1), count: column.values.count)
    for token in column.cells.indices where column.cells[token] >= 0 {
      let value = Int(column.cells[token])
      if ids[value] < 0 { ids[value] = Int32(table.intern(label(column.values[value]))) }
      cells[token] = ids[value]
    }
  }

  private static func error(
    _ violation: TagViolation, _ task: TaskSpec, _ column: Corpus.Column, _ corpus: Corpus, token: Int
  ) -> CorpusError {
    let guess = SchemeGuess(
      labels: (0..<corpus.sentenceCount).lazy.map { corpus.tokens(of: $0).map { column[$0] } })
    let hint: String
    if guess.scheme == .none {
      hint = "the column does not look like span tags: declare 'scheme: none', or name another column"
    } else if guess.scheme != task.dataScheme, guess.violations == 0 {
      hint =
        "the whole column is valid \(guess.scheme.rawValue): declare 'scheme: {data: \(guess.scheme.rawValue)}'"
    } else if guess.scheme != task.dataScheme {
      hint =
        "the column looks most like \(guess.scheme.rawValue), which \(guess.violations) of \(guess.sentences)"
        + " sentences contradict"
    } else {
      hint =
        "\(guess.violations) of \(guess.sentences) sentences contradict \(guess.scheme.rawValue); correct these lines"
    }
    let (path, line) = corpus.location(ofToken: token)
    return CorpusError(
      .schemeMismatch, path: path, line: line == 0 ? nil : line,
      column: CellLocation.column(of: violation.tag, path: path, line: line),
      "column '\(column.name)' is not \(task.dataScheme.rawValue): \(violation.reason)", suggestion: hint)
  }
}

/// Finds a cell again in a file, for an error message.
enum CellLocation {
  /// The column (from 1, in scalars) where the last cell with this text begins in a line; 1 if it cannot be told.
  static func column(of text: String, path: String, line: Int) -> Int {
    guard line > 0, let bytes = ByteLines.line(line, of: path) else { return 1 }
    let wanted = Array(text.utf8)
    var start = bytes.count - wanted.count
    while start >= 0 {
      let end = start + wanted.count
      let isCell =
        (start == 0 || isSeparator(bytes[start - 1])) && (end == bytes.count || isSeparator(bytes[end]))
      if isCell, bytes[start..<end].elementsEqual(wanted) {
        return String(decoding: bytes[0..<start], as: UTF8.self).unicodeScalars.count + 1
      }
      start -= 1
    }
    return 1
  }

  private static func isSeparator(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x7C }
}
