import WeftCorpus
import WeftSpec

/// Reads the data of a spec, going on after problems so that all of them are reported together.
struct DataReader {
  private let loaded: LoadedSpec
  /// Those of a trained model; nil if they are to be built from the training files.
  private let given: Vocabularies?
  private let splits: Set<Split>
  private let keepsAllDomains: Bool
  private var diagnostics = DiagnosticCollector()
  private var domains: [String: [Split: [DomainSize]]] = [:]

  private var spec: Spec { loaded.spec }

  init(
    _ loaded: LoadedSpec, vocabularies: Vocabularies? = nil, splits: Set<Split> = Set(Split.allCases),
    keepsAllDomains: Bool = false
  ) {
    self.loaded = loaded
    given = vocabularies
    self.splits = splits
    self.keepsAllDomains = keepsAllDomains
  }

  consuming func read() throws(SpecError) -> ExperimentData {
    let corpora = readCorpora()
    let (vocabularies, vectors) = try vocabularies(of: corpora)
    let encoded = encode(corpora, vocabularies)
    try stopIfBroken()
    warn(encoded, vocabularies)

    let coverage = coverage(of: corpora, vocabularies, vectors)
    return ExperimentData(
      loaded: loaded, vocabularies: vocabularies, vectors: vectors, corpora: encoded, coverage: coverage,
      domains: domains, warnings: diagnostics.sorted)
  }

  private mutating func vocabularies(
    of corpora: [String: [Split: Corpus]]
  ) throws(SpecError) -> (Vocabularies, WordVectors?) {
    if let given {
      try stopIfBroken()
      return (given, nil)
    }
    checkTrainingSplits()
    try stopIfBroken()
    do {
      let train = corpora.compactMapValues { $0[.train] }
      let built = try VocabularyBuilder(spec: spec, folder: loaded.baseDirectory).build(train)
      checkLabels(built.0)
      return built
    } catch {
      diagnostics.add(error.diagnostic)
      throw SpecError(diagnostics: diagnostics.sorted)
    }
  }

  private mutating func coverage(
    of corpora: [String: [Split: Corpus]], _ vocabularies: Vocabularies, _ vectors: WordVectors?
  ) -> [VectorCoverage] {
    guard let vectors, let words = vocabularies.words else { return [] }
    var coverage: [VectorCoverage] = []
    for corpus in spec.data {
      for split in Split.allCases {
        guard let read = corpora[corpus.name]?[split] else { continue }
        let rate = HitRate(read, vocabulary: words, vectors: vectors)
        coverage.append(VectorCoverage(corpus: corpus.name, split: split, rate: rate))
      }
    }
    if !coverage.contains(where: { $0.split == .train && $0.rate.tokenHits > 0 }) {
      diagnostics.add(
        loaded.diagnostic(
          at: "network.words.vectors", "no word of the training files has a vector in this file",
          suggestion: "check the file and 'lowercase'", severity: .warning))
    }
    return coverage
  }

  private func stopIfBroken() throws(SpecError) {
    if diagnostics.hasErrors { throw SpecError(diagnostics: diagnostics.sorted) }
  }

  private mutating func readCorpora() -> [String: [Split: Corpus]] {
    var corpora: [String: [Split: Corpus]] = [:]
    for corpus in spec.data {
      for split in Split.allCases where splits.contains(split) || (split == .train && given == nil) {
        do {
          if let read = try Corpus.read(corpus, split: split, folder: loaded.baseDirectory) {
            if read.domains != nil { domains[corpus.name, default: [:]][split] = read.domainSizes }
            corpora[corpus.name, default: [:]][split] = chosen(of: read, corpus, split)
          }
        } catch {
          let place = "data.\(corpus.name).\(split.rawValue)"
          let note = loaded.diagnostic(at: place, "the file is named here", severity: .note)
          var diagnostic = error.diagnostic
          diagnostic.notes.append(note)
          diagnostics.add(diagnostic)
        }
      }
    }
    return corpora
  }

  // MARK: Domains

  /// What is read of a split: of the domains that are trained on only, but for test; of train at most so many, with
  /// labels by chance where tasks ask for them.
  private mutating func chosen(of read: Corpus, _ corpus: CorpusSpec, _ split: Split) -> Corpus? {
    var chosen = read
    if !corpus.trainOn.isEmpty, split == .train || split == .dev && !keepsAllDomains {
      guard checkDomains(corpus, read, split) else { return nil }
      chosen = read.selecting(domains: corpus.trainOn)
    }
    guard split == .train else { return chosen }
    if let limit = corpus.limit, limit < chosen.sentenceCount {
      chosen = chosen.selecting(Array(0..<limit))
    }
    return chosen.relabelled(for: spec.tasks)
  }

  /// Does the split have sentences of the domains that are trained on?
  private mutating func checkDomains(_ corpus: CorpusSpec, _ read: Corpus, _ split: Split) -> Bool {
    let known = read.domains?.names ?? []
    let missing = corpus.trainOn.enumerated().filter { !known.contains($0.element) }
    if split == .train {
      for (index, domain) in missing {
        let list = known.prefix(20).joined(separator: ", ") + (known.count > 20 ? ", …" : "")
        let near = Spelling.suggestion(for: domain, among: known)
        let place = "data.\(corpus.name).train-on"
        let element = "\(place).\(index)"
        diagnostics.add(
          loaded.diagnostic(
            at: loaded.locations.isWritten(element) ? element : place,
            "no training sentence of '\(corpus.name)' is of the domain '\(domain)'",
            suggestion: near.map { "\($0) The domains are \(list)" } ?? "the domains are \(list)"))
      }
      return missing.isEmpty
    }
    guard missing.count == corpus.trainOn.count else { return true }
    let names = corpus.trainOn.map { "'\($0)'" }.joined(separator: ", ")
    diagnostics.add(
      loaded.diagnostic(
        at: "data.\(corpus.name).dev",
        "no dev sentence is of a domain that is trained on (\(names)), so nothing tells when to stop",
        suggestion: "its domains are \(known.joined(separator: ", ")); without 'dev' all epochs are made"))
    return false
  }

  private mutating func checkTrainingSplits() {
    for task in spec.tasks {
      guard let corpus = spec.corpus(named: task.data), corpus.train.isEmpty else { continue }
      diagnostics.add(
        loaded.diagnostic(
          at: "data.\(corpus.name)", "the corpus has no training files, which task '\(task.name)' needs",
          suggestion: "add 'train: FILE'"))
    }
  }

  private mutating func checkLabels(_ vocabularies: Vocabularies) {
    for task in spec.tasks where (vocabularies.labels[task.name]?.count ?? 0) == 0 {
      diagnostics.add(
        loaded.diagnostic(
          at: "tasks.\(task.name)",
          "no training token has a label for this task: column '\(task.labels)' of '\(task.data)' is empty",
          suggestion: "check the column, and what 'unlabelled' lists"))
    }
  }

  private mutating func encode(
    _ corpora: [String: [Split: Corpus]], _ vocabularies: Vocabularies
  ) -> [String: [Split: EncodedCorpus]] {
    let encoder = BatchEncoder(spec: spec, vocabularies: vocabularies)
    var encoded: [String: [Split: EncodedCorpus]] = [:]
    for corpus in spec.data {
      for split in Split.allCases where splits.contains(split) {
        guard let read = corpora[corpus.name]?[split] else { continue }
        do {
          var part = try encoder.encode(read)
          part.trainedOn = corpus.trainOn
          encoded[corpus.name, default: [:]][split] = part
        } catch {
          diagnostics.add(error.diagnostic)
        }
      }
    }
    return encoded
  }

  private mutating func warn(_ corpora: [String: [Split: EncodedCorpus]], _ vocabularies: Vocabularies) {
    for task in spec.tasks {
      for split in [Split.dev, .test] {
        guard let corpus = corpora[task.data]?[split] else { continue }
        if corpus.sentences(labelledFor: task.name).isEmpty, corpus.unseenLabels[task.name] == nil {
          diagnostics.add(
            loaded.diagnostic(
              at: "data.\(task.data).\(split.rawValue)", "no token has a label for task '\(task.name)'",
              severity: .warning))
        }
        guard let unseen = corpus.unseenLabels[task.name], !unseen.isEmpty else { continue }
        let tokens = unseen.values.reduce(0, +)
        let names = unseen.keys.sorted()
        let shown =
          names.prefix(5).map { "'\($0)'" }.joined(separator: ", ") + (names.count > 5 ? ", ..." : "")
        diagnostics.add(
          loaded.diagnostic(
            at: "data.\(task.data).\(split.rawValue)",
            "\(tokens) token\(tokens == 1 ? " has a label" : "s have labels") of task '\(task.name)' that training"
              + " does not have, which can only be scored as wrong: \(shown)", severity: .warning))
      }
    }
    let hasDev = spec.tasks.contains { !(spec.corpus(named: $0.data)?.dev.isEmpty ?? true) }
    if !hasDev, given == nil {
      diagnostics.add(
        loaded.diagnostic(
          at: "data",
          "there are no dev files: training makes all its epochs, and the model is that of the last one",
          severity: .warning))
    }
  }
}
