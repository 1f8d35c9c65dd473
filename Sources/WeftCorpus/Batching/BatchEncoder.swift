import WeftSpec

/// Turns text into ids for one model.
public struct BatchEncoder: Sendable {
  public let vocabularies: Vocabularies
  public let features: [FeatureSpec]
  public let tasks: [TaskSpec]
  public let limits: LimitsSpec

  public init(
    vocabularies: Vocabularies, features: [FeatureSpec] = [], tasks: [TaskSpec] = [],
    limits: LimitsSpec = LimitsSpec()
  ) {
    self.vocabularies = vocabularies
    self.features = features
    self.tasks = tasks
    self.limits = limits
  }

  public init(spec: Spec, vocabularies: Vocabularies) {
    self.init(
      vocabularies: vocabularies, features: spec.network.features, tasks: spec.tasks, limits: spec.limits)
  }

  /// Encodes a corpus with the labels of the tasks that read it.
  ///
  /// - Throws: ``CorpusError`` for a sentence or word beyond the limits, and for labels that contradict the scheme
  ///   of the data. Labels that the model does not have are unlabelled here and listed in
  ///   ``EncodedCorpus/unseenLabels``.
  public func encode(_ corpus: Corpus) throws(CorpusError) -> EncodedCorpus {
    try encode(corpus, tasks: tasks.filter { $0.data == corpus.name })
  }

  /// Packs sentences without labels, for tagging.
  ///
  /// - Throws: ``CorpusError`` for a sentence or word beyond the limits.
  public func encode(_ sentences: [Sentence]) throws(CorpusError) -> PackedBatch {
    let encoded = try encode(Corpus(name: "", sentences: sentences), tasks: [])
    return encoded.pack(Array(sentences.indices))
  }

  private func encode(_ corpus: Corpus, tasks: [TaskSpec]) throws(CorpusError) -> EncodedCorpus {
    try checkLimits(corpus)
    let words = corpus.words
    var wordIDs: [Int32] = []
    if let vocabulary = vocabularies.words {
      wordIDs = Self.spread(words.values.map { Int32(vocabulary.id(of: $0)) }, over: words.cells)
    }
    var characters: [Int32] = []
    var characterStarts: [Int] = []
    if let vocabulary = vocabularies.characters {
      let lookup = CharacterLookup(vocabulary)
      characterStarts.append(0)
      for word in words.values {
        for scalar in word.unicodeScalars { characters.append(lookup.id(of: scalar)) }
        characterStarts.append(characters.count)
      }
    }
    var unseen: [String: [String: Int]] = [:]
    var labels: [String: [Int32]] = [:]
    for task in tasks {
      guard let set = vocabularies.labels[task.name], corpus.labels(of: task) != nil else {
        continue
      }
      let column = try ColumnLabels(task, corpus: corpus)
      let ids = column.table.texts.map { set.id(of: $0).map { Int32($0) } ?? -1 }
      for cell in column.cells where cell >= 0 && ids[Int(cell)] < 0 {
        unseen[task.name, default: [:]][column.table.text(Int(cell)), default: 0] += 1
      }
      var known = Self.spread(ids, over: column.cells)
      if task.decoder == .crf, task.crf.constrained {
        try checkPaths(&known, gold: column.cells, task, set, corpus)
      }
      labels[task.name] = known
    }
    return EncodedCorpus(
      corpus: corpus, tasks: tasks, unseenLabels: unseen, words: wordIDs, characters: characters,
      characterStarts: characterStarts, features: features.map { ($0.name, featureIDs($0, corpus)) },
      labels: labels)
  }

  /// Finds sentences whose known labels no allowed path goes through; a constrained CRF could give them no
  /// probability. If a label that the model lacks is the cause, the sentence becomes unlabelled.
  private func checkPaths(
    _ labels: inout [Int32], gold: [Int32], _ task: TaskSpec, _ set: LabelSet, _ corpus: Corpus
  ) throws(CorpusError) {
    let constraints = LabelConstraints(set)
    for sentence in 0..<corpus.sentenceCount {
      let tokens = corpus.tokens(of: sentence)
      // The data's scheme has been checked, so that only a sentence with a gap can be without a path.
      guard tokens.contains(where: { labels[$0] < 0 }), tokens.contains(where: { labels[$0] >= 0 }),
        !constraints.admit(labels[tokens])
      else { continue }
      if tokens.contains(where: { gold[$0] >= 0 && labels[$0] < 0 }) {
        for token in tokens { labels[token] = -1 }
        continue
      }
      let (path, line) = corpus.location(ofToken: tokens.lowerBound)
      throw CorpusError(
        .schemeMismatch, path: path, line: line == 0 ? nil : line,
        "task '\(task.name)': no sequence of the model's labels agrees with the labels of this sentence",
        suggestion: "label its unlabelled tokens, or set 'crf: {constrained: false}'")
    }
  }

  private func featureIDs(_ feature: FeatureSpec, _ corpus: Corpus) -> [Int32] {
    let unknown = Int32(Vocabulary.unknown)
    guard let vocabulary = vocabularies.features[feature.name] else {
      return Array(repeating: unknown, count: corpus.tokenCount)
    }
    let column: Corpus.Column
    let values: [String]
    switch feature.source {
    case .column(let name):
      guard let found = corpus.column(name) else {
        return Array(repeating: unknown, count: corpus.tokenCount)
      }
      column = found
      values = column.values
    case .capitalization:
      column = corpus.words
      values = column.values.map { Capitalization(of: $0).rawValue }
    case .digits:
      column = corpus.words
      values = column.values.map { DigitShare(of: $0).rawValue }
    }
    return Self.spread(values.map { Int32(vocabulary.id(of: $0)) }, over: column.cells, absent: unknown)
  }

  private static func spread(_ ids: [Int32], over cells: [Int32], absent: Int32 = -1) -> [Int32] {
    cells.map { $0 < 0 ? absent : ids[Int($0)] }
  }

  private func checkLimits(_ corpus: Corpus) throws(CorpusError) {
    for sentence in 0..<corpus.sentenceCount where corpus.length(of: sentence) > limits.tokens {
      let (path, line) = corpus.location(ofToken: corpus.starts[sentence])
      throw CorpusError(
        .tooLong, path: path, line: line == 0 ? nil : line,
        "this sentence has \(corpus.length(of: sentence)) tokens; the limit is \(limits.tokens)",
        suggestion: "raise 'limits: {tokens: ...}', or cut the sentence")
    }
    let lengths = corpus.words.values.map(\.unicodeScalars.count)
    guard let longest = lengths.max(), longest > limits.scalars else { return }
    for (token, cell) in corpus.words.cells.enumerated() where lengths[Int(cell)] > limits.scalars {
      let (path, line) = corpus.location(ofToken: token)
      throw CorpusError(
        .tooLong, path: path, line: line == 0 ? nil : line,
        "the word '\(String(corpus.words.values[Int(cell)].unicodeScalars.prefix(20)))...' has \(lengths[Int(cell)])"
          + " characters; the limit is \(limits.scalars)",
        suggestion: "raise 'limits: {scalars: ...}', or cut the word")
    }
  }
}

/// Ids of characters by scalar value: an array for the first few thousand, a dictionary for the rest.
private struct CharacterLookup {
  private var low = Array(repeating: Int32(Vocabulary.unknown), count: 0x800)
  private var high: [UInt32: Int32] = [:]

  init(_ vocabulary: Vocabulary) {
    for (index, entry) in vocabulary.entries.enumerated() {
      guard let scalar = entry.unicodeScalars.first, entry.unicodeScalars.count == 1 else { continue }
      if scalar.value < 0x800 {
        low[Int(scalar.value)] = Int32(index + 2)
      } else {
        high[scalar.value] = Int32(index + 2)
      }
    }
  }

  func id(of scalar: Unicode.Scalar) -> Int32 {
    scalar.value < 0x800 ? low[Int(scalar.value)] : high[scalar.value] ?? Int32(Vocabulary.unknown)
  }
}
