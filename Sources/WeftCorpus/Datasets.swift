import WeftSpec

/// The corpora of a spec, read, checked and encoded, with the vocabularies that they were encoded by.
public struct Datasets: Sendable {
  public let spec: Spec
  public let vocabularies: Vocabularies
  /// The given vectors of words, if the spec names a file and the vocabularies were built here.
  public let vectors: WordVectors?
  /// Problems that do not stop the work, as sentences for the user.
  public let warnings: [String]
  private let encoded: [String: [Split: EncodedCorpus]]

  /// Reads the files of a spec.
  ///
  /// - Parameters:
  ///   - spec: the resolved spec.
  ///   - folder: what its paths are relative to.
  ///   - vocabularies: those of a trained model; nil builds them (and reads word vectors) from the training files.
  ///   - splits: what to read. Building vocabularies reads train in any case.
  /// - Throws: ``CorpusError`` for the first file that is not what the spec says.
  public init(
    spec: Spec, folder: String = "", vocabularies: Vocabularies? = nil,
    splits: Set<Split> = Set(Split.allCases)
  ) throws(CorpusError) {
    self.spec = spec
    var corpora: [String: [Split: Corpus]] = [:]
    for data in spec.data {
      for split in Split.allCases
      where splits.contains(split) || (split == .train && vocabularies == nil) {
        corpora[data.name, default: [:]][split] = try Corpus.read(data, split: split, folder: folder)
      }
    }
    if let vocabularies {
      self.vocabularies = vocabularies
      vectors = nil
    } else {
      (self.vocabularies, vectors) = try VocabularyBuilder(spec: spec, folder: folder)
        .build(corpora.compactMapValues { $0[.train] })
    }
    let encoder = BatchEncoder(spec: spec, vocabularies: self.vocabularies)
    var encoded: [String: [Split: EncodedCorpus]] = [:]
    var warnings: [String] = []
    for data in spec.data {
      for split in Split.allCases {
        guard splits.contains(split), let corpus = corpora[data.name]?[split] else { continue }
        let result = try encoder.encode(corpus)
        encoded[data.name, default: [:]][split] = result
        warnings += Self.warnings(result, split)
      }
    }
    self.encoded = encoded
    self.warnings = warnings
  }

  /// One split of a corpus; nil if the spec has no file for it or it was not asked for.
  public subscript(corpus: String, split: Split) -> EncodedCorpus? { encoded[corpus]?[split] }

  /// The sentences of a task's corpus.
  public subscript(task: TaskSpec, split: Split) -> EncodedCorpus? { encoded[task.data]?[split] }

  /// How many words of a split have a given vector; nil without vectors.
  public func hitRate(_ corpus: String, _ split: Split) -> HitRate? {
    guard let vectors, let words = vocabularies.words, let data = encoded[corpus]?[split] else { return nil }
    return HitRate(data.corpus, vocabulary: words, vectors: vectors)
  }

  private static func warnings(_ data: EncodedCorpus, _ split: Split) -> [String] {
    var warnings: [String] = []
    for task in data.tasks {
      if let unseen = data.unseenLabels[task.name] {
        let names = unseen.keys.sorted()
        let shown = names.prefix(10).map { "\($0) (\(unseen[$0] ?? 0))" }.joined(separator: ", ")
        let more = names.count > 10 ? " and \(names.count - 10) more" : ""
        warnings.append(
          "task '\(task.name)': \(split.rawValue) has \(names.count) label\(names.count == 1 ? "" : "s") that train"
            + " lacks; they count as errors: \(shown)\(more)")
      }
      if data.sentences(labelledFor: task.name).isEmpty {
        warnings.append("task '\(task.name)': no token of \(split.rawValue) has a label the model knows")
      }
    }
    return warnings
  }
}
