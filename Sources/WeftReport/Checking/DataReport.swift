import WeftCorpus
import WeftSpec
import WeftTrain

/// What the corpora of a spec hold, as tables.
public struct DataReport: Sendable {
  private let data: ExperimentData

  public init(_ data: ExperimentData) { self.data = data }

  /// Sizes of the files.
  public func corpora() -> TextTable {
    var text = TextTable([
      .init("corpus", .left), .init("split", .left), .init("sentences"), .init("tokens"),
      .init("longest sentence"), .init("longest word"),
    ])
    for corpus in data.spec.data {
      for split in Split.allCases {
        guard let file = data.corpora[corpus.name]?[split]?.corpus else { continue }
        let longest = (0..<file.sentenceCount).map(file.length).max() ?? 0
        let longestWord = file.words.values.map(\.unicodeScalars.count).max() ?? 0
        text.add([
          corpus.name, split.rawValue, Quantity.count(file.sentenceCount), Quantity.count(file.tokenCount),
          Quantity.count(longest), Quantity.count(longestWord),
        ])
      }
    }
    return text
  }

  /// Sentences and tokens of each domain (Ruder et al. 2019, Table 1); nil if no corpus is split in domains.
  public func domains() -> TextTable? {
    guard !data.domains.isEmpty else { return nil }
    var text = TextTable(
      [.init("corpus", .left), .init("domain", .left), .init("trained on", .left)]
        + Split.allCases.flatMap {
          [TextTable.Column("\($0.rawValue) sentences"), TextTable.Column("\($0.rawValue) tokens")]
        })
    for corpus in data.spec.data {
      guard let splits = data.domains[corpus.name] else { continue }
      var names: [String] = []
      for size in Split.allCases.flatMap({ splits[$0] ?? [] }) where !names.contains(size.domain) {
        names.append(size.domain)
      }
      for name in names {
        let sizes = Split.allCases.map { splits[$0]?.first { $0.domain == name } }
        text.add(
          [corpus.name, name, corpus.trainOn.isEmpty || corpus.trainOn.contains(name) ? "yes" : "no"]
            + sizes.flatMap {
              [$0.map { Quantity.count($0.sentences) } ?? "–", $0.map { Quantity.count($0.tokens) } ?? "–"]
            })
      }
    }
    return text
  }

  /// The tasks with their labels.
  public func tasks() -> TextTable {
    var text = TextTable([
      .init("task", .left), .init("column", .left), .init("scheme", .left), .init("labels"),
      .init("decoder", .left), .init("metric", .left), .init("train"), .init("dev"), .init("test"),
    ])
    for task in data.spec.tasks {
      let scheme =
        task.dataScheme == task.modelScheme
        ? task.dataScheme.rawValue : "\(task.dataScheme.rawValue) → \(task.modelScheme.rawValue)"
      let labelled = Split.allCases.map { split in
        data.corpora[task.data]?[split].map { Quantity.count($0.sentences(labelledFor: task.name).count) }
          ?? "–"
      }
      text.add(
        [
          task.name, "\(task.data).\(task.labels)", scheme,
          Quantity.count(data.vocabularies.labels[task.name]?.count ?? 0), task.decoder.rawValue,
          task.metric.rawValue,
        ] + labelled)
    }
    return text
  }

  /// Sizes of vocabularies, with padding and unknown.
  public func vocabularies() -> TextTable {
    var text = TextTable([.init("vocabulary", .left), .init("entries")])
    let vocabularies = data.vocabularies
    if let words = vocabularies.words { text.add(["words", Quantity.count(words.count)]) }
    if let characters = vocabularies.characters {
      text.add(["characters", Quantity.count(characters.count)])
    }
    for (name, feature) in vocabularies.features.sorted(by: { $0.key < $1.key }) {
      text.add(["feature \(name)", Quantity.count(feature.count)])
    }
    return text
  }

  /// How many words of each file have a vector; nil if the spec names no vectors.
  public func vectors() -> TextTable? {
    guard data.vectors != nil else { return nil }
    var text = TextTable([
      .init("vectors for", .left), .init("split", .left), .init("tokens %"), .init("words %"),
    ])
    func share(_ hits: Int, _ all: Int) -> String {
      all == 0 ? "–" : Quantity.percent(Double(hits) / Double(all))
    }
    for coverage in data.coverage {
      let rate = coverage.rate
      text.add([
        coverage.corpus, coverage.split.rawValue, share(rate.tokenHits, rate.tokens),
        share(rate.typeHits, rate.types),
      ])
    }
    return text
  }

  /// Mean number of characters of a training token, rounded up; 1 without data.
  public var scalarsPerToken: Int {
    var scalars = 0
    var tokens = 0
    for corpus in data.spec.data {
      guard let train = data.corpora[corpus.name]?[.train]?.corpus else { continue }
      let lengths = train.words.values.map(\.unicodeScalars.count)
      for cell in train.words.cells where cell >= 0 { scalars += lengths[Int(cell)] }
      tokens += train.tokenCount
    }
    return tokens == 0 ? 1 : max(1, (scalars + tokens - 1) / tokens)
  }
}
