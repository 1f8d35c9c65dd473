import WeftSpec

/// The lines of a corpus file as rows of cells, told apart into tokens and everything else.
///
/// When is a line of a `conll` file that starts with `#` a comment, when is it the token `#`? It is a comment if no
/// token of its sentence stands before it, its second byte is a space (or it is a lone `#` in a file with several
/// columns), and one of these holds: its third cell is `=` (`# text = ...`); it has no tab although the file's
/// token lines have; it has another number of cells than the file's first token line. Every other line is a token.
/// In `conllu` files every line that starts with `#` is a comment; in `tsv` files none is.
struct RowReader: ~Copyable {
  enum Row: Equatable {
    case end
    /// Blank, or spaces and tabs only: ends a sentence.
    case blank
    /// `-DOCSTART-`: ends a sentence.
    case document
    case comment
    /// A multiword range (`1-2`) or an empty node (`1.1`) of CoNLL-U.
    case skipped
    /// The header of a `tsv` file.
    case header
    case token
  }

  let format: CorpusSpec.Format
  let separator: CorpusSpec.Separator
  /// The current line.
  private(set) var bytes: [UInt8] = []
  /// Where the cells of the current line are in ``bytes``; for tokens and headers.
  private(set) var cells: [Range<Int>] = []
  /// Number of the current line, from 1.
  private(set) var number = 0
  /// Columns of the file, from its first token line (`conllu`: 10, or as `global.columns` says).
  private(set) var width: Int?
  /// Names of the columns where the file gives them.
  private(set) var columnNames: [String]?

  private var lines: ByteLines
  private var held: [(number: Int, bytes: [UInt8])] = []
  private var nextHeld = 0
  private var tabs = false
  private var inSentence = false
  private var started = false
  /// In a `tsv` file: the cell that tells a header by its name.
  private let wordCell: Int?

  static let universalColumns = [
    "id", "form", "lemma", "upos", "xpos", "feats", "head", "deprel", "deps", "misc",
  ]
  static let wordHeaders: Set<String> = ["word", "words", "token", "tokens", "form", "text"]

  var path: String { lines.path }

  /// - Parameter wordCell: number of the word column in a `tsv` file; nil if columns are found by header.
  init(
    _ lines: consuming ByteLines, format: CorpusSpec.Format, separator: CorpusSpec.Separator,
    wordCell: Int? = 0
  ) {
    self.lines = lines
    self.format = format
    self.separator = format == .conll ? separator : .tab
    self.wordCell = wordCell
    if format == .conllu {
      width = Self.universalColumns.count
      columnNames = Self.universalColumns
    }
  }

  /// The next row.
  mutating func next() throws(CorpusError) -> Row {
    if !started { try start() }
    guard try fetch() else { return .end }
    if isBlank {
      inSentence = false
      return .blank
    }
    switch format {
    case .conll:
      if isDocument {
        inSentence = false
        return .document
      }
      if isComment { return .comment }
      return try token()
    case .conllu:
      return try universalRow()
    case .tsv:
      if width == nil {
        split(.tab)
        width = cells.count
        if isHeader {
          columnNames = cells.map { String(decoding: bytes[$0], as: UTF8.self) }
          return .header
        }
      }
      return try token()
    }
  }

  // MARK: - Lines

  /// Looks ahead to the first line of a `conll` file that is surely a token, to learn the width of the file.
  private mutating func start() throws(CorpusError) {
    started = true
    guard format == .conll else { return }
    var line: [UInt8] = []
    while try lines.next(into: &line) {
      held.append((lines.number, line))
      bytes = line
      if isBlank || isDocument || startsLikeComment { continue }
      tabs = line.contains(UInt8(ascii: "\t"))
      split(separator)
      width = cells.count
      return
    }
  }

  private mutating func fetch() throws(CorpusError) -> Bool {
    if nextHeld < held.count {
      (number, bytes) = held[nextHeld]
      nextHeld += 1
      if nextHeld == held.count {
        held = []
        nextHeld = 0
      }
      return true
    }
    let found = try lines.next(into: &bytes)
    number = lines.number
    return found
  }

  private mutating func token() throws(CorpusError) -> Row {
    split(separator)
    let width = self.width ?? cells.count
    self.width = width
    guard cells.count == width else {
      let usual = "\(cells.count) column\(cells.count == 1 ? "" : "s"), but the lines before have \(width)"
      throw error(.raggedLine, "this line has \(usual)", suggestion: raggedHint)
    }
    inSentence = true
    return .token
  }

  private var raggedHint: String {
    switch (format, separator) {
    case (.conllu, _): "CoNLL-U separates its columns by single tabs and writes an absent value as _"
    case (.conll, .whitespace): "a word that holds a space needs tabs between the columns (separator: tab)"
    case (.conll, .automatic) where !bytes.contains(UInt8(ascii: "\t")):
      "a word that holds a space needs tabs between the columns"
    default: "write a missing label as an empty cell between tabs, or as a text listed under 'unlabelled'"
    }
  }

  private mutating func universalRow() throws(CorpusError) -> Row {
    if bytes.first == UInt8(ascii: "#") {
      if let names = globalColumns {
        columnNames = names
        width = names.count
      }
      return .comment
    }
    split(.tab)
    guard cells.count == width else {
      throw error(
        .raggedLine,
        "this line has \(cells.count) column\(cells.count == 1 ? "" : "s"); CoNLL-U needs \(width ?? 10)",
        suggestion: raggedHint)
    }
    if columnNames?.first == "id" {
      let id = bytes[cells[0]]
      if id.isEmpty || !id.allSatisfy({ ($0 >= 0x30 && $0 <= 0x39) || $0 == 0x2D || $0 == 0x2E }) {
        throw error(
          .malformedLine, "'\(String(decoding: id, as: UTF8.self))' is no token number",
          suggestion: "is this a CoNLL-U file? Column files without token numbers are 'format: conll'")
      }
      if id.contains(0x2D) || id.contains(0x2E) { return .skipped }
    }
    inSentence = true
    return .token
  }

  private var globalColumns: [String]? {
    let text = String(decoding: bytes, as: UTF8.self)
    guard text.hasPrefix("# global.columns = ") else { return nil }
    return text.dropFirst(19).split(separator: " ").map { $0.lowercased() }
  }

  // MARK: - Classification

  private var isBlank: Bool { bytes.allSatisfy { $0 == 0x20 || $0 == 0x09 } }

  private var isDocument: Bool {
    bytes.starts(with: Self.document)
      && (bytes.count == Self.document.count || bytes[Self.document.count] == 0x20
        || bytes[Self.document.count] == 0x09)
  }
  private static let document = Array("-DOCSTART-".utf8)

  private var startsLikeComment: Bool {
    bytes.first == UInt8(ascii: "#") && (bytes.count == 1 || bytes[1] == 0x20)
  }

  private var isComment: Bool {
    mutating get {
      guard startsLikeComment, !inSentence else { return false }
      if bytes.count == 1 { return (width ?? 1) > 1 }
      split(.whitespace)
      if cells.count > 2, cells[2].count == 1, bytes[cells[2].lowerBound] == UInt8(ascii: "=") { return true }
      guard let width else { return false }
      if tabs && !bytes.contains(UInt8(ascii: "\t")) && width > 1 { return true }
      split(separator)
      return cells.count != width
    }
  }

  private var isHeader: Bool {
    guard let wordCell else { return true }
    guard wordCell < cells.count else { return false }
    return Self.wordHeaders.contains(String(decoding: bytes[cells[wordCell]], as: UTF8.self).lowercased())
  }

  // MARK: - Cells

  private mutating func split(_ separator: CorpusSpec.Separator) {
    cells.removeAll(keepingCapacity: true)
    let byTab =
      switch separator {
      case .tab: true
      case .whitespace: false
      case .automatic: bytes.contains(UInt8(ascii: "\t"))
      }
    var start = 0
    if byTab {
      for i in bytes.indices where bytes[i] == 0x09 {
        cells.append(start..<i)
        start = i + 1
      }
      cells.append(start..<bytes.count)
    } else {
      for i in bytes.indices where bytes[i] == 0x20 || bytes[i] == 0x09 {
        if i > start { cells.append(start..<i) }
        start = i + 1
      }
      if bytes.count > start { cells.append(start..<bytes.count) }
    }
  }

  /// The text of the current line, repaired where it is not UTF-8.
  var text: String { String(decoding: bytes, as: UTF8.self) }

  /// An error at the current line, pointing at a cell or at the beginning.
  func error(_ kind: CorpusError.Kind, cell: Int? = nil, _ message: String, suggestion: String? = nil)
    -> CorpusError
  {
    var column = 1
    if let cell, cell < cells.count {
      column += String(decoding: bytes[0..<cells[cell].lowerBound], as: UTF8.self).unicodeScalars.count
    }
    return CorpusError(
      kind, path: path, line: number, column: column, message, suggestion: suggestion)
  }
}
