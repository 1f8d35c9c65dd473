import WeftSpec

/// What the values of one column look like.
struct ColumnStatistics {
  let distinct: Int
  let filled: Int
  let examples: [CorpusInspection.Example]
  /// The distinct values, the most frequent first.
  let values: [String]
  let role: CorpusInspection.Role
  let scheme: SchemeGuess

  /// More distinct values than this are no labels.
  private static let mostLabels = 400

  init(_ column: Corpus.Column, _ corpus: Corpus) {
    var counts = Array(repeating: 0, count: column.values.count)
    for cell in column.cells where cell >= 0 { counts[Int(cell)] += 1 }
    let order = counts.indices.filter { counts[$0] > 0 }.sorted {
      counts[$0] == counts[$1] ? $0 < $1 : counts[$0] > counts[$1]
    }
    let filled = counts.reduce(0, +)
    distinct = order.count
    self.filled = filled
    values = order.map { column.values[$0] }
    examples = order.prefix(5).map { .init(value: column.values[$0], count: counts[$0]) }

    var counter = ViolationCounter()
    if distinct <= Self.mostLabels {
      for sentence in 0..<corpus.sentenceCount { counter.add(corpus.tokens(of: sentence).map { column[$0] }) }
    }
    scheme = counter.guess

    let areNumbers = !values.isEmpty && values.allSatisfy { $0.utf8.allSatisfy { $0 >= 0x30 && $0 <= 0x39 } }
    if distinct <= 1 {
      role = .constant
    } else if areNumbers {
      let counts = (0..<corpus.sentenceCount).allSatisfy { sentence in
        corpus.tokens(of: sentence).enumerated().allSatisfy { offset, token in
          column[token] == String(offset + 1) || column[token] == String(offset)
        }
      }
      role = counts ? .index : .number
    } else if scheme.scheme != .none {
      role = .label
    } else {
      // Labels repeat: a small file may hold as many kinds of label as a tenth of its tokens would not allow.
      let repeats = distinct <= 60 ? 2 * distinct <= filled : 10 * distinct <= filled
      role = distinct <= Self.mostLabels && repeats ? .label : .text
    }
  }

  /// The column with the most distinct values that are no numbers; the first of equals.
  static func wordColumn(_ columns: [ColumnStatistics]) -> Int {
    var best = 0
    var most = -1
    for (index, column) in columns.enumerated() where column.role != .index && column.role != .number {
      if column.scheme.scheme == .none && column.distinct > most {
        best = index
        most = column.distinct
      }
    }
    return best
  }
}

/// What kind of labels a column holds, told by well-known label sets.
enum LabelKind {
  private static let entities: Set<String> = [
    "PER", "LOC", "ORG", "MISC", "GPE", "PERSON", "LOCATION", "ORGANIZATION", "FAC", "NORP", "CORPORATION",
    "GROUP",
  ]
  private static let chunks: Set<String> = ["NP", "VP", "PP", "ADVP", "SBAR", "ADJP", "PRT", "CONJP"]
  private static let universal: Set<String> = [
    "ADJ", "ADP", "ADV", "AUX", "CCONJ", "DET", "INTJ", "NOUN", "NUM", "PART", "PRON", "PROPN", "PUNCT",
    "SCONJ",
    "SYM", "VERB", "X",
  ]
  private static let penn: Set<String> = [
    "CC", "CD", "DT", "EX", "FW", "IN", "JJ", "JJR", "JJS", "MD", "NN", "NNS", "NNP", "NNPS", "PDT", "POS",
    "PRP",
    "PRP$", "RB", "RBR", "RBS", "RP", "TO", "UH", "VB", "VBD", "VBG", "VBN", "VBP", "VBZ", "WDT", "WP", "WP$",
    "WRB",
  ]
  private static let relations: Set<String> = [
    "root", "nsubj", "obj", "obl", "det", "case", "amod", "advmod", "punct", "conj", "cc", "nmod", "mark",
    "aux",
    "cop", "compound",
  ]

  /// A usual name for such labels; nil if they are of no known kind.
  static func name(values: [String], scheme: SchemeGuess) -> String? {
    if scheme.scheme != .none {
      let types = Set(scheme.types.map { $0.uppercased() })
      if types.intersection(chunks).count >= 2 { return "chunk" }
      if !types.isDisjoint(with: entities) { return "ner" }
      if types.contains(where: { $0.hasPrefix("N.") || $0.hasPrefix("V.") }) { return "supersense" }
      return nil
    }
    let known = Set(values)
    func share(_ set: Set<String>) -> Double {
      Double(values.prefix(20).count { set.contains($0) }) / Double(max(1, min(20, values.count)))
    }
    if known.isSubset(of: universal) { return "upos" }
    if share(penn) > 0.5 { return "xpos" }
    if share(relations) > 0.4 { return "deprel" }
    return nil
  }
}
