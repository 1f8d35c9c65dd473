/// Given vectors for some words of a vocabulary.
public struct WordVectors: Sendable, Equatable {
  /// Columns.
  public let width: Int
  /// Vocabulary ids that have a vector, ascending.
  public let ids: [Int32]
  /// [`ids.count` × ``width``], row-major.
  public let values: [Float]
  /// Vectors in the file.
  public let fileCount: Int

  public init(width: Int, ids: [Int32], values: [Float], fileCount: Int) {
    self.width = width
    self.ids = ids
    self.values = values
    self.fileCount = fileCount
  }

  /// Reads the vectors of a vocabulary's words from a GloVe, word2vec or fastText text file, plain or gzip.
  ///
  /// The first of repeated words wins. A vocabulary in lower case takes the vector of the word as it is; only if the
  /// file has none, that of the first word which is the same in lower case.
  public static func read(path: String, width: Int, vocabulary: Vocabulary) throws(CorpusError) -> WordVectors
  {
    var table = ByteTable(vocabulary.entries)
    var file = VectorFile(path: path, width: width, lowercase: vocabulary.lowercase)
    try file.read(table: &table, adding: false)
    return file.vectors(of: Array(0..<table.count))
  }
}

/// How many words of a corpus have a given vector.
public struct HitRate: Sendable, Equatable, Codable {
  public var tokens = 0
  public var tokenHits = 0
  /// Distinct words, in lower case if the vocabulary is.
  public var types = 0
  public var typeHits = 0

  /// A word is hit if the model has its vector: it is in the vocabulary, and the vector file has it.
  public init(_ corpus: Corpus, vocabulary: Vocabulary, vectors: WordVectors) {
    let hit = Set(vectors.ids)
    var seen = ByteTable()
    var isHit: [Bool] = []
    var types: [Int] = []
    for word in corpus.words.values {
      let type = seen.intern(vocabulary.lowercase ? SimpleLowercase.map(word) : word)
      if type == isHit.count { isHit.append(hit.contains(Int32(vocabulary.id(of: word)))) }
      types.append(type)
    }
    for cell in corpus.words.cells {
      tokens += 1
      if isHit[types[Int(cell)]] { tokenHits += 1 }
    }
    self.types = isHit.count
    typeHits = isHit.count { $0 }
  }
}
