import WeftSpec

/// The part of a corpus that a file belongs to.
public enum Split: String, Sendable, Equatable, Codable, CaseIterable { case train, dev, test }

/// Sentences held as named columns: each distinct value once, and one number a token.
///
/// Tasks refer to columns; none of them copies a sentence. A sentence's index is its global id.
public struct Corpus: Sendable {
  /// One named column over all tokens.
  public struct Column: Sendable {
    public let name: String
    /// The distinct values in order of first appearance.
    public let values: [String]
    /// For each token its index in ``values``, or −1 where it has no value.
    public let cells: [Int32]

    /// The value at a token.
    public subscript(token: Int) -> String? {
      let cell = cells[token]
      return cell < 0 ? nil : values[Int(cell)]
    }
  }

  public let name: String
  public let columns: [Column]
  /// First token of each sentence, and at the end the number of tokens.
  public let starts: [Int]
  /// The files, with the number of the first sentence of each.
  public let files: [(path: String, firstSentence: Int)]
  /// Line of each token in its file, from 1; empty if the corpus is from no file.
  let lines: [Int32]
  /// Values of `sent_id` comments by sentence.
  let ids: [Int: String]
  /// What each sentence is from; nil if the spec does not say.
  public internal(set) var domains: SentenceDomains?
  /// Labels in place of those of a column, by task.
  var relabelled: [String: Column] = [:]

  public var sentenceCount: Int { starts.count - 1 }
  public var tokenCount: Int { starts[starts.count - 1] }
  /// The column `word`.
  public var words: Column { columns[wordColumn] }
  let wordColumn: Int

  init(
    name: String, columns: [Column], starts: [Int], files: [(path: String, firstSentence: Int)],
    lines: [Int32], ids: [Int: String], wordColumn: Int, domains: SentenceDomains? = nil,
    relabelled: [String: Column] = [:]
  ) {
    self.name = name
    self.columns = columns
    self.starts = starts
    self.files = files
    self.lines = lines
    self.ids = ids
    self.wordColumn = wordColumn
    self.domains = domains
    self.relabelled = relabelled
  }

  /// A corpus of sentences in memory; empty ones are kept.
  public init(name: String, sentences: [Sentence]) {
    var names: [String] = []
    for sentence in sentences {
      for name in sentence.columns.keys.sorted() where !names.contains(name) { names.append(name) }
    }
    var builder = CorpusBuilder(columns: ["word"] + names)
    var files: [(path: String, firstSentence: Int)] = []
    for (number, sentence) in sentences.enumerated() {
      if files.last?.path != sentence.path { files.append((sentence.path, number)) }
      var tokenLines =
        sentence.lines.isEmpty ? [] : sentence.lines.indices.filter { sentence.lines[$0].token != nil }
      if let first = tokenLines.first { tokenLines = tokenLines.map { $0 - first } }
      for (token, word) in sentence.words.enumerated() {
        let offset = token < tokenLines.count ? tokenLines[token] : token
        builder.beginToken(line: sentence.line == 0 ? 0 : sentence.line + offset)
        builder.add(word, column: 0)
        for (index, name) in names.enumerated() {
          if let values = sentence.columns[name], token < values.count, let value = values[token] {
            builder.add(value, column: index + 1)
          }
        }
      }
      builder.endSentence(id: sentence.id, keepEmpty: true)
    }
    self = builder.corpus(name: name, files: files, unlabelled: [])
  }

  /// Tokens of a sentence.
  public func tokens(of sentence: Int) -> Range<Int> { starts[sentence]..<starts[sentence + 1] }

  /// Number of tokens of a sentence.
  public func length(of sentence: Int) -> Int { starts[sentence + 1] - starts[sentence] }

  /// The column with this name.
  public func column(_ name: String) -> Column? { columns.first { $0.name == name } }

  /// The values of a column in one sentence; all nil if there is no such column.
  public func values(_ column: String, of sentence: Int) -> [String?] {
    guard let column = self.column(column) else { return Array(repeating: nil, count: length(of: sentence)) }
    return tokens(of: sentence).map { column[$0] }
  }

  /// A copy of one sentence.
  public subscript(sentence: Int) -> Sentence {
    var result = Sentence(words: tokens(of: sentence).map { words[$0] ?? "" })
    for column in columns where column.name != "word" {
      result.columns[column.name] = tokens(of: sentence).map { column[$0] }
    }
    result.id = ids[sentence]
    if length(of: sentence) > 0 { (result.path, result.line) = location(ofToken: starts[sentence]) }
    return result
  }

  /// File and line (from 1; 0 if the token is from no file) of a token.
  public func location(ofToken token: Int) -> (path: String, line: Int) {
    var low = 0
    var high = sentenceCount
    while high - low > 1 {
      let middle = (low + high) / 2
      if starts[middle] <= token { low = middle } else { high = middle }
    }
    let path = files.last { $0.firstSentence <= low }?.path ?? "<memory>"
    return (path, token < lines.count ? Int(lines[token]) : 0)
  }
}

/// Collects rows into a ``Corpus``.
struct CorpusBuilder {
  private let names: [String]
  private var tables: [ByteTable]
  private var cells: [[Int32]]
  private var starts = [0]
  private var lines: [Int32] = []
  private var ids: [Int: String] = [:]
  private var domains: [Int32] = []

  var sentenceCount: Int { starts.count - 1 }

  init(columns: [String]) {
    names = columns
    tables = Array(repeating: ByteTable(), count: columns.count)
    cells = Array(repeating: [], count: columns.count)
  }

  mutating func beginToken(line: Int) {
    lines.append(Int32(truncatingIfNeeded: line))
    for index in cells.indices { cells[index].append(-1) }
  }

  mutating func add(_ value: Span<UInt8>, column: Int) {
    cells[column][cells[column].count - 1] = Int32(tables[column].intern(value))
  }

  mutating func add(_ value: String, column: Int) {
    cells[column][cells[column].count - 1] = Int32(tables[column].intern(value))
  }

  /// - Parameter domain: its index; nil for corpora that comments tell no domains of.
  mutating func endSentence(id: String?, domain: Int32? = nil, keepEmpty: Bool = false) {
    guard keepEmpty || lines.count > starts[starts.count - 1] else { return }
    if let id { ids[sentenceCount] = id }
    if let domain { domains.append(domain) }
    starts.append(lines.count)
  }

  /// - Parameters:
  ///   - unlabelled: values that stand for "no value" in every column but `word`.
  ///   - domainNames: what the sentences' domains are called; empty without domains.
  func corpus(
    name: String, files: [(path: String, firstSentence: Int)], unlabelled: [String],
    domainNames: [String] = []
  ) -> Corpus {
    var columns: [Corpus.Column] = []
    for (index, name) in names.enumerated() {
      var cells = self.cells[index]
      if name != "word" {
        let absent = Set(unlabelled.compactMap { tables[index].find($0) }.map { Int32($0) })
        if !absent.isEmpty {
          for token in cells.indices where absent.contains(cells[token]) { cells[token] = -1 }
        }
      }
      columns.append(Corpus.Column(name: name, values: tables[index].texts, cells: cells))
    }
    let word = names.firstIndex(of: "word") ?? 0
    return Corpus(
      name: name, columns: columns, starts: starts, files: files,
      lines: lines.contains { $0 != 0 } ? lines : [], ids: ids, wordColumn: word,
      domains: domainNames.isEmpty ? nil : SentenceDomains(names: domainNames, indices: domains))
  }
}
