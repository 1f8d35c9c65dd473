import WeftSpec

/// What a corpus file seems to be, with the evidence: what a starter spec is written from.
public struct CorpusInspection: Sendable, Equatable {
  /// What a column holds.
  public enum Role: String, Sendable, Equatable {
    case word
    /// Token numbers, 1 2 3 ... in each sentence.
    case index
    /// Other whole numbers, such as heads.
    case number
    /// Few distinct values: labels of a task.
    case label
    /// The same value everywhere.
    case constant
    /// Many distinct values, such as lemmas.
    case text
  }

  public struct Column: Sendable, Equatable {
    public let source: ColumnSpec.Source
    /// A name for the column, unique in the file.
    public let name: String
    public let role: Role
    /// Distinct values.
    public let distinct: Int
    /// Tokens with a value.
    public let filled: Int
    /// The most frequent values with their counts, at most five.
    public let examples: [Example]
    /// For labels: their scheme.
    public let scheme: SchemeGuess
    /// For labels: the metric that suits them.
    public var metric: Metric { scheme.scheme == .none ? .accuracy : .spanF1 }
  }

  public struct Example: Sendable, Equatable {
    public let value: String
    public let count: Int
  }

  public let path: String
  public let format: CorpusSpec.Format
  public let separator: CorpusSpec.Separator
  public let sentences: Int
  public let tokens: Int
  public let longestSentence: Int
  /// In the order of the file; CoNLL-U: its fields.
  public let columns: [Column]

  /// The columns that look like tasks.
  public var labelColumns: [Column] { columns.filter { $0.role == .label } }

  /// A corpus description that reads the file's word column and label columns.
  public func spec(named name: String) -> CorpusSpec {
    CorpusSpec(
      name: name, format: format, separator: separator, train: [path],
      columns: columns.filter { $0.role == .word || $0.role == .label }
        .map { ColumnSpec(name: $0.role == .word ? "word" : $0.name, source: $0.source) })
  }
}

extension CorpusInspection {
  /// Reads a file and guesses.
  ///
  /// - Throws: ``CorpusError`` if it cannot be read as rows of columns at all.
  public init(path: String) throws(CorpusError) {
    var lines = try ByteLines(path: path)
    let shape = try FileShape(&lines)
    let names = try shape.columns(path: path)
    let spec = CorpusSpec(
      name: "inspected", format: shape.format,
      columns: names.enumerated().map { ColumnSpec(name: "column\($0.offset)", source: $0.element) })
    let corpus = try Corpus.read(spec, paths: [path])

    var statistics: [ColumnStatistics] = []
    for column in corpus.columns { statistics.append(ColumnStatistics(column, corpus)) }
    let word = shape.format == .conllu ? 0 : ColumnStatistics.wordColumn(statistics)
    var taken: Set<String> = ["word"]
    var columns: [Column] = []
    for (index, found) in statistics.enumerated() {
      let role = index == word ? .word : found.role
      let name = Self.name(names[index], shape.header?[index], role, found, index, &taken)
      columns.append(
        Column(
          source: names[index], name: name, role: role, distinct: found.distinct, filled: found.filled,
          examples: found.examples, scheme: found.scheme))
    }
    self.path = path
    format = shape.format
    separator = .automatic
    sentences = corpus.sentenceCount
    tokens = corpus.tokenCount
    longestSentence = (0..<corpus.sentenceCount).map(corpus.length).max() ?? 0
    self.columns = columns
  }

  private static func name(
    _ source: ColumnSpec.Source, _ header: String?, _ role: Role, _ found: ColumnStatistics, _ index: Int,
    _ taken: inout Set<String>
  ) -> String {
    let base: String
    switch (source, role) {
    case (_, .word): return "word"
    case (.field(let field), _): base = field
    case (.key(_, let key), _): base = key.lowercased()
    case (.index, _) where header?.isEmpty == false: base = header ?? "column\(index)"
    case (_, .label): base = LabelKind.name(values: found.values, scheme: found.scheme) ?? "column\(index)"
    case (_, .index): base = "index"
    case (_, .number): base = "number\(index)"
    case (_, .constant), (_, .text): base = "column\(index)"
    }
    if taken.insert(base).inserted { return base }
    let unique = "\(base)\(index)"
    taken.insert(unique)
    return unique
  }
}

/// Format and number of columns of a file.
private struct FileShape {
  let format: CorpusSpec.Format
  /// Names of the columns of a table with a header.
  private(set) var header: [String]?
  private var width = 0

  init(_ lines: inout ByteLines) throws(CorpusError) {
    var line: [UInt8] = []
    var rows: [[UInt8]] = []
    var isUniversal = false
    while rows.count < 200, try lines.next(into: &line) {
      if line.starts(with: Array("# global.columns".utf8)) { isUniversal = true }
      if line.allSatisfy({ $0 == 0x20 || $0 == 0x09 }) { continue }
      if line.first == UInt8(ascii: "#"), line.count == 1 || line[1] == 0x20 { continue }
      if line.starts(with: Array("-DOCSTART-".utf8)) { continue }
      rows.append(line)
    }
    let cells = rows.map { $0.split(separator: 0x09, omittingEmptySubsequences: false) }
    let numbered = cells.allSatisfy { row in
      row.count == 10 && !row[0].isEmpty
        && row[0].allSatisfy { ($0 >= 0x30 && $0 <= 0x39) || $0 == 0x2D || $0 == 0x2E }
    }
    if isUniversal || (numbered && !rows.isEmpty) {
      format = .conllu
      return
    }
    if let first = cells.first, first.count > 1,
      first.contains(where: {
        RowReader.wordHeaders.contains(String(decoding: $0, as: UTF8.self).lowercased())
      }),
      cells.allSatisfy({ $0.count == first.count })
    {
      format = .tsv
      header = first.map { String(decoding: $0, as: UTF8.self).lowercased() }
      width = first.count
      return
    }
    format = .conll
    if let first = rows.first {
      width =
        first.contains(0x09)
        ? cells[0].count : first.split(whereSeparator: { $0 == 0x20 }).count
    }
  }

  func columns(path: String) throws(CorpusError) -> [ColumnSpec.Source] {
    switch format {
    case .conllu:
      var rows = RowReader(try ByteLines(path: path), format: .conllu, separator: .tab)
      while true {
        let row = try rows.next()
        if row == .token || row == .end { break }
      }
      var fields = (rows.columnNames ?? RowReader.universalColumns).filter {
        $0 != "id" && $0 != "feats" && $0 != "misc"
      }
      // The word comes first.
      if let form = fields.firstIndex(of: "form") { fields.swapAt(0, form) }
      return fields.map { .field($0) }
    case .conll, .tsv:
      if width == 0 {
        throw CorpusError(.empty, path: path, "the corpus is empty: no line holds a token")
      }
      return (0..<width).map { .index($0) }
    }
  }
}
