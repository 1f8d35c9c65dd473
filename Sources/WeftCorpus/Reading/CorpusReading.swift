import WeftSpec

extension Corpus {
  /// Reads the files of one split.
  ///
  /// - Parameters:
  ///   - spec: format, columns and paths.
  ///   - split: which files.
  ///   - folder: what relative paths are relative to; empty for the working folder.
  ///   - required: columns that every file must have; nil for all of the spec.
  /// - Returns: nil if the spec names no file for the split.
  public static func read(
    _ spec: CorpusSpec, split: Split, folder: String = "", required: Set<String>? = nil
  ) throws(CorpusError) -> Corpus? {
    let paths = spec.paths(of: split)
    if paths.isEmpty { return nil }
    return try read(
      spec, paths: paths.map { resolve($0, in: folder) }, required: required)
  }

  /// Reads files one after the other as one corpus.
  public static func read(_ spec: CorpusSpec, paths: [String], required: Set<String>? = nil)
    throws(CorpusError) -> Corpus
  {
    var builder = CorpusBuilder(columns: spec.columns.map(\.name))
    var files: [(path: String, firstSentence: Int)] = []
    for path in paths {
      files.append((path, builder.sentenceCount))
      try read(ByteLines(path: path), spec, required: required, into: &builder)
    }
    return builder.corpus(name: spec.name, files: files, unlabelled: spec.unlabelled)
  }

  /// Reads the text of a corpus file.
  ///
  /// - Parameter path: what errors call it.
  public static func read(_ spec: CorpusSpec, text: [UInt8], path: String, required: Set<String>? = nil)
    throws(CorpusError) -> Corpus
  {
    var builder = CorpusBuilder(columns: spec.columns.map(\.name))
    try read(ByteLines(bytes: text, path: path), spec, required: required, into: &builder)
    return builder.corpus(name: spec.name, files: [(path, 0)], unlabelled: spec.unlabelled)
  }

  private static func read(
    _ lines: consuming ByteLines, _ spec: CorpusSpec, required: Set<String>?,
    into builder: inout CorpusBuilder
  ) throws(CorpusError) {
    var rows = RowReader(
      lines, format: spec.format, separator: spec.separator, wordCell: spec.wordCell)
    let required = required ?? Set(spec.columns.map(\.name))
    let before = builder.sentenceCount
    var picker: CellPicker?
    var id: String?
    reading: while true {
      switch try rows.next() {
      case .end:
        builder.endSentence(id: id)
        break reading
      case .blank, .document:
        builder.endSentence(id: id)
        id = nil
      case .comment:
        if let value = sentenceID(rows.bytes) { id = value }
      case .skipped, .header: break
      case .token:
        let cells: CellPicker
        if let picker {
          cells = picker
        } else {
          cells = try CellPicker(spec.columns, required: required, in: rows)
          picker = cells
        }
        builder.beginToken(line: rows.number)
        let bytes = rows.bytes.span
        for index in spec.columns.indices {
          guard let range = cells.range(index, in: rows) else {
            if spec.columns[index].name == "word" {
              throw rows.error(.malformedLine, cell: cells.cell(index), "the word is empty")
            }
            continue
          }
          builder.add(bytes.extracting(range), column: index)
        }
      }
    }
    if builder.sentenceCount == before {
      throw CorpusError(.empty, path: rows.path, "the corpus is empty: no line holds a token")
    }
  }

  static func resolve(_ path: String, in folder: String) -> String {
    if folder.isEmpty || path.hasPrefix("/") { return path }
    return folder.hasSuffix("/") ? folder + path : folder + "/" + path
  }

  /// The value of a `# sent_id = ...` comment.
  static func sentenceID(_ line: [UInt8]) -> String? {
    let text = String(decoding: line, as: UTF8.self)
    guard text.hasPrefix("# sent_id = ") else { return nil }
    return String(text.dropFirst(12))
  }
}

extension CorpusSpec {
  /// The files of a split.
  public func paths(of split: Split) -> [String] {
    switch split {
    case .train: train
    case .dev: dev
    case .test: test
    }
  }

  /// Number of the cell that holds the word; nil where columns are found by name.
  var wordCell: Int? {
    guard let word = columns.first(where: { $0.name == "word" }) else { return 0 }
    if case .index(let index) = word.source { return index }
    return nil
  }
}
