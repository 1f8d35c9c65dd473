/// A batch of sentences without padding, laid out for recurrent networks.
///
/// Four index sets: **sentence** (sorted by length, longest first; equal lengths in the order given), **token**
/// (time-major: rows `tokenOffsets[t] ..< tokenOffsets[t + 1]` are the tokens at position t of the longest
/// sentences), **form** (the distinct spelled words, most scalars first; ties by first appearance among the token
/// rows) and **scalar** (time-major over forms, as tokens over sentences).
public struct PackedBatch: Sendable, Equatable {
  /// Sentences with at least one token; empty ones take no part.
  public var sentenceCount: Int
  public var tokenCount: Int
  public var formCount: Int
  public var scalarCount: Int
  /// Longest sentence + 1 entries, the first 0, the last ``tokenCount``.
  public var tokenOffsets: [Int32]
  /// Longest form + 1 entries, the first 0, the last ``scalarCount``.
  public var scalarOffsets: [Int32]
  /// Global id of each sentence in its corpus, in packed order: a key of random streams.
  public var sentences: [Int32]
  /// Packed sentence s is the `order[s]`-th of those given.
  public var order: [Int]
  /// Integer inputs by name: `word`, `form`, `character`, `feature.<name>`, `label.<task>` (−1 is unlabelled).
  public var inputs: [String: [Int32]]

  /// Without arguments: the batch of no sentence.
  public init(
    sentenceCount: Int = 0, tokenCount: Int = 0, formCount: Int = 0, scalarCount: Int = 0,
    tokenOffsets: [Int32] = [0], scalarOffsets: [Int32] = [0], sentences: [Int32] = [], order: [Int] = [],
    inputs: [String: [Int32]] = [:]
  ) {
    self.sentenceCount = sentenceCount
    self.tokenCount = tokenCount
    self.formCount = formCount
    self.scalarCount = scalarCount
    self.tokenOffsets = tokenOffsets
    self.scalarOffsets = scalarOffsets
    self.sentences = sentences
    self.order = order
    self.inputs = inputs
  }

  /// The integer input with this name; `sentence` gives ``sentences``.
  public func input(_ name: String) -> [Int32]? { name == "sentence" ? sentences : inputs[name] }

  /// Row of the token at a position of a packed sentence.
  public func tokenRow(sentence: Int, position: Int) -> Int { Int(tokenOffsets[position]) + sentence }

  /// Tokens of each packed sentence.
  public var lengths: [Int] {
    var lengths = Array(repeating: 0, count: sentenceCount)
    for t in 0..<(tokenOffsets.count - 1) {
      for s in 0..<Int(tokenOffsets[t + 1] - tokenOffsets[t]) { lengths[s] = t + 1 }
    }
    return lengths
  }

  /// Puts one value a token row back into sentences.
  ///
  /// - Parameters:
  ///   - rows: ``tokenCount`` values in packed order.
  ///   - count: how many sentences were given to pack; empty ones get an empty array.
  /// - Returns: for each sentence as given its values by position.
  public func bySentence<Value>(_ rows: [Value], count: Int) -> [[Value]] {
    var result: [[Value]] = Array(repeating: [], count: count)
    for (s, length) in lengths.enumerated() {
      result[order[s]] = (0..<length).map { rows[tokenRow(sentence: s, position: $0)] }
    }
    return result
  }

  /// Offsets of the time-major layout of items with these lengths, which descend.
  static func offsets(_ lengths: [Int]) -> [Int32] {
    var offsets: [Int32] = [0]
    var active = lengths.count
    for t in 0..<(lengths.first ?? 0) {
      while active > 0 && lengths[active - 1] <= t { active -= 1 }
      offsets.append(offsets[t] + Int32(active))
    }
    return offsets
  }
}
