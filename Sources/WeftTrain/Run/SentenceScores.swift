import WeftCorpus

/// Counts of every scored sentence (`sentences.json`), which paired significance tests resample.
///
/// ```json
/// {"dev": {"ner": [[2, 1, 1, 14, 13], ...]}, "test": {"ner": [...]}}
/// ```
///
/// By part of the data (`dev`, `test`; those that the spec has files for), then by task, a row for each sentence in the
/// order of the files. A row is `[gold, found, correct, tokens, correctTokens]`: spans of the gold, spans that the model
/// found, those that are right (all 0 for a metric without spans), labelled tokens, and those with the right label.
/// The score of a task is that of the sums: F1 = 2 · correct / (gold + found), accuracy = correctTokens / tokens. Runs on
/// the same files have their rows in the same order.
public struct SentenceScores: Sendable, Equatable, Codable {
  /// By part of the data, then by task.
  public var parts: [String: [String: [SentenceCounts]]]

  public init(parts: [String: [String: [SentenceCounts]]]) { self.parts = parts }

  /// - Parameter evaluations: by part of the data; nil where there is none.
  public init(_ evaluations: [String: Evaluation?]) {
    parts = evaluations.compactMapValues { evaluation in
      evaluation.map { Dictionary(uniqueKeysWithValues: $0.tasks.map { ($0.task, $0.score.sentences) }) }
    }
  }

  /// The sentences of a task; nil if it was not scored there.
  public func counts(_ part: String, task: String) -> [SentenceCounts]? { parts[part]?[task] }

  public init(from decoder: any Decoder) throws {
    let rows = try decoder.singleValueContainer().decode([String: [String: [[Int]]]].self)
    parts = try rows.mapValues { tasks in
      try tasks.mapValues { sentences in
        try sentences.map { row in
          guard row.count == 5, row.allSatisfy({ $0 >= 0 }) else {
            throw DecodingError.dataCorrupted(
              .init(
                codingPath: decoder.codingPath, debugDescription: "a sentence has five counts, not \(row)"))
          }
          return SentenceCounts(
            tokens: row[3], correctTokens: row[4],
            spans: ClassCounts(gold: row[0], found: row[1], correct: row[2]))
        }
      }
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(
      parts.mapValues { tasks in
        tasks.mapValues { sentences in
          sentences.map { [$0.spans.gold, $0.spans.found, $0.spans.correct, $0.tokens, $0.correctTokens] }
        }
      })
  }
}
