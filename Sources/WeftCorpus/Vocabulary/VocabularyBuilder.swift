import WeftSpec

/// Makes the vocabularies of a spec from its training files.
///
/// Every vocabulary is in order of first appearance, going through the corpora in the order of the spec.
public struct VocabularyBuilder: Sendable {
  public let spec: Spec
  /// What relative paths are relative to.
  public let folder: String

  public init(spec: Spec, folder: String = "") {
    self.spec = spec
    self.folder = folder
  }

  /// All vocabularies, and the vectors of the words if the spec names a file.
  ///
  /// - Parameter train: the training split of each corpus by name; a corpus without one is left out.
  public func build(_ train: [String: Corpus]) throws(CorpusError) -> (Vocabularies, WordVectors?) {
    let corpora = spec.data.compactMap { train[$0.name] }
    var result = Vocabularies()
    var vectors: WordVectors?
    if let words = spec.network.words {
      (result.words, vectors) = try self.words(words, corpora)
      result.wordCounts = result.words.map { Self.counts(of: $0, corpora) }
    }
    if let chars = spec.network.chars { result.characters = characters(chars, corpora) }
    for feature in spec.network.features { result.features[feature.name] = values(feature, corpora) }
    for task in spec.tasks {
      guard let corpus = train[task.data] else { continue }
      result.labels[task.name] = LabelSet(
        try ColumnLabels(task, corpus: corpus).table, scheme: task.modelScheme)
    }
    return (result, vectors)
  }

  private func words(_ words: WordSpec, _ corpora: [Corpus]) throws(CorpusError) -> (Vocabulary, WordVectors?)
  {
    var table = ByteTable()
    var keep: [Bool] = []
    var adds = false
    switch words.vocabulary {
    case .file(let path):
      table = try entries(Corpus.resolve(path, in: folder), lowercase: words.lowercase)
      keep = Array(repeating: true, count: table.count)
    case .train, .trainAndVectors:
      let counts = count(corpora.map(\.words), into: &table) {
        words.lowercase ? SimpleLowercase.map($0) : $0
      }
      keep = counts.map { $0 >= words.minCount }
      adds = words.vocabulary == .trainAndVectors
    }
    guard let path = words.vectors else {
      let kept = (0..<table.count).filter { keep[$0] }
      return (Vocabulary(entries: kept.map(table.text), lowercase: words.lowercase), nil)
    }
    var file = VectorFile(
      path: Corpus.resolve(path, in: folder), width: words.dim, lowercase: words.lowercase)
    try file.read(table: &table, adding: adds)
    // A word with a vector stays, however rare.
    let kept = (0..<table.count).filter { $0 >= keep.count || keep[$0] || file.row(of: $0) != nil }
    let vocabulary = Vocabulary(entries: kept.map(table.text), lowercase: words.lowercase)
    return (vocabulary, file.vectors(of: kept))
  }

  private func entries(_ path: String, lowercase: Bool) throws(CorpusError) -> ByteTable {
    var lines = try ByteLines(path: path)
    var table = ByteTable()
    var line: [UInt8] = []
    while try lines.next(into: &line) {
      if line.allSatisfy({ $0 == 0x20 || $0 == 0x09 }) { continue }
      let text = String(decoding: line, as: UTF8.self)
      table.intern(lowercase ? SimpleLowercase.map(text) : text)
    }
    if table.count == 0 {
      throw CorpusError(
        .empty, path: path, "the vocabulary is empty", suggestion: "write one word a line")
    }
    return table
  }

  private func characters(_ chars: CharSpec, _ corpora: [Corpus]) -> Vocabulary {
    var table = ByteTable()
    var counts: [Int] = []
    for corpus in corpora {
      let occurrences = Self.occurrences(corpus.words)
      for (value, word) in corpus.words.values.enumerated() {
        for scalar in word.unicodeScalars {
          let id = table.intern(String(scalar))
          if id == counts.count { counts.append(0) }
          counts[id] += occurrences[value]
        }
      }
    }
    return Vocabulary(entries: (0..<table.count).filter { counts[$0] >= chars.minCount }.map(table.text))
  }

  private func values(_ feature: FeatureSpec, _ corpora: [Corpus]) -> Vocabulary {
    switch feature.source {
    case .column(let name):
      var table = ByteTable()
      _ = count(corpora.compactMap { $0.column(name) }, into: &table) { $0 }
      return Vocabulary(entries: table.texts)
    case .capitalization:
      return Vocabulary(entries: Capitalization.allCases.map(\.rawValue))
    case .digits:
      return Vocabulary(entries: DigitShare.allCases.map(\.rawValue))
    }
  }

  /// Adds the values of columns to a table and counts the tokens of each member.
  private func count(_ columns: [Corpus.Column], into table: inout ByteTable, _ key: (String) -> String)
    -> [Int]
  {
    var counts: [Int] = []
    for column in columns {
      for (value, occurrences) in Self.occurrences(column).enumerated() where occurrences > 0 {
        let id = table.intern(key(column.values[value]))
        if id == counts.count { counts.append(0) }
        counts[id] += occurrences
      }
    }
    return counts
  }

  /// How often the words of a vocabulary occur, in the order of its entries.
  private static func counts(of words: Vocabulary, _ corpora: [Corpus]) -> [Int] {
    var counts = Array(repeating: 0, count: words.count)
    for corpus in corpora {
      for (word, occurrences) in zip(corpus.words.values, occurrences(corpus.words)) where occurrences > 0 {
        counts[words.id(of: word)] += occurrences
      }
    }
    return Array(counts[(words.count - words.entries.count)...])
  }

  private static func occurrences(_ column: Corpus.Column) -> [Int] {
    var counts = Array(repeating: 0, count: column.values.count)
    for cell in column.cells where cell >= 0 { counts[Int(cell)] += 1 }
    return counts
  }
}
