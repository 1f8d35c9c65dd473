import WeftSpec

extension Corpus {
  /// Reads the files of one split, with the domains of their sentences.
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
    var corpus = try read(
      spec, paths: paths.map { resolve($0, in: folder) }, required: required)
    if case .file(let path) = spec.domains {
      corpus.domains = try DomainTable(path: resolve(path, in: folder)).domains(
        of: split, count: corpus.sentenceCount, files: paths.joined(separator: ", "))
    }
    return corpus
  }

  /// Reads files one after the other as one corpus.
  public static func read(_ spec: CorpusSpec, paths: [String], required: Set<String>? = nil)
    throws(CorpusError) -> Corpus
  {
    var builder = CorpusBuilder(columns: spec.columns.map(\.name))
    var comments = DomainComments(spec)
    var files: [(path: String, firstSentence: Int)] = []
    for path in paths {
      files.append((path, builder.sentenceCount))
      try read(ByteLines(path: path), spec, required: required, into: &builder, &comments)
    }
    return builder.corpus(
      name: spec.name, files: files, unlabelled: spec.unlabelled, domainNames: comments?.names ?? [])
  }

  /// Reads the text of a corpus file.
  ///
  /// - Parameter path: what errors call it.
  public static func read(_ spec: CorpusSpec, text: [UInt8], path: String, required: Set<String>? = nil)
    throws(CorpusError) -> Corpus
  {
    var builder = CorpusBuilder(columns: spec.columns.map(\.name))
    var comments = DomainComments(spec)
    try read(ByteLines(bytes: text, path: path), spec, required: required, into: &builder, &comments)
    return builder.corpus(
      name: spec.name, files: [(path, 0)], unlabelled: spec.unlabelled, domainNames: comments?.names ?? [])
  }

  private static func read(
    _ lines: consuming ByteLines, _ spec: CorpusSpec, required: Set<String>?,
    into builder: inout CorpusBuilder, _ comments: inout DomainComments?
  ) throws(CorpusError) {
    comments?.beginFile()
    var rows = RowReader(
      lines, format: spec.format, separator: spec.separator, wordCell: spec.wordCell)
    let required = required ?? Set(spec.columns.map(\.name))
    let before = builder.sentenceCount
    var picker: CellPicker?
    var id: String?
    // That of the sentence under way.
    var domain: Int32?
    reading: while true {
      switch try rows.next() {
      case .end:
        builder.endSentence(id: id, domain: domain)
        break reading
      case .blank, .document:
        builder.endSentence(id: id, domain: domain)
        id = nil
        domain = nil
      case .comment:
        if let value = sentenceID(rows.bytes) { id = value }
        comments?.read(rows.bytes)
      case .skipped, .header: break
      case .token:
        let cells: CellPicker
        if let picker {
          cells = picker
        } else {
          cells = try CellPicker(spec.columns, required: required, in: rows)
          picker = cells
        }
        if let comments, domain == nil {
          guard let current = comments.current else {
            throw rows.error(
              .malformedLine, "no comment '\(comments.form)' before this sentence says which domain it is of",
              suggestion: "add one, or change 'domains: {comment: …}'")
          }
          domain = current
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

extension DomainComments {
  /// Nil for a corpus whose comments tell no domains.
  fileprivate init?(_ spec: CorpusSpec) {
    guard case .comment(let field, let until) = spec.domains else { return nil }
    self.init(field: field, until: until)
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
