import WeftCorpus
import WeftGraph
import WeftRuntime

/// The words of a vocabulary by their frequency in the training data, the most frequent first; words that occur equally
/// often, and all words of a model that does not know how often, keep their order.
struct WordOrder {
  /// The row that each row of a table comes from; those of padding and unknown words stay.
  private let rows: [Int]

  init(_ vocabularies: Vocabularies) {
    guard let words = vocabularies.words, let counts = vocabularies.wordCounts,
      counts.count == words.entries.count
    else {
      rows = []
      return
    }
    let special = words.count - counts.count
    let order = counts.indices.sorted { (counts[$1], $0) < (counts[$0], $1) }
    rows = Array(0..<special) + order.map { special + $0 }
  }

  private init(rows: [Int]) { self.rows = rows }

  /// The order that undoes this one.
  var inverse: WordOrder {
    var places = rows
    for (place, row) in rows.enumerated() { places[row] = place }
    return WordOrder(rows: places)
  }

  var isIdentity: Bool { rows.indices.allSatisfy { rows[$0] == $0 } }

  func reordered(_ vocabularies: Vocabularies) -> Vocabularies {
    guard let words = vocabularies.words, !isIdentity else { return vocabularies }
    let special = words.count - words.entries.count
    let order = rows[special...].map { $0 - special }
    var result = vocabularies
    let entries = words.entries
    result.words = Vocabulary(entries: order.map { entries[$0] }, lowercase: words.lowercase)
    result.wordCounts = vocabularies.wordCounts.map { counts in order.map { counts[$0] } }
    return result
  }

  /// Whether the rows of a parameter stand for words.
  func isOfWords(_ parameter: Parameter) -> Bool {
    EntryNames(words: []).axes(of: parameter.name).rows != nil && parameter.rows == rows.count
  }

  /// A parameter's values, row-major: with its rows in this order if they stand for words.
  func reordered<Value>(_ values: [Value], of parameter: Parameter) -> [Value] {
    guard isOfWords(parameter) else { return values }
    return rows.flatMap { values[($0 * parameter.columns)..<(($0 + 1) * parameter.columns)] }
  }
}
