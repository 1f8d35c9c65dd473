/// A mini-batch in the time-major packed layout: no padding, longest sentence first.
///
/// The tokens at position t of the `active(t)` longest sentences are the rows `tokenOffsets[t] ..< tokenOffsets[t + 1]`;
/// sentence s is in row `tokenOffsets[t] + s`. Scalars are packed likewise over the distinct spelled words of the
/// batch (*forms*), so that each is computed once.
public struct PackedBatch: Sendable, Equatable {
  public var sentenceCount: Int
  public var tokenCount: Int
  public var formCount: Int
  public var scalarCount: Int
  /// [longest sentence + 1]: first 0, last `tokenCount`.
  public var tokenOffsets: [Int32]
  /// [longest form + 1]: first 0, last `scalarCount`.
  public var scalarOffsets: [Int32]
  /// Global sentence ids in packed order: keys of random streams.
  public var sentences: [Int32]
  /// Packed sentence s is the `order[s]`-th of the sentences as they were given.
  public var order: [Int]
  /// Integer inputs by name: `word`, `form`, `character`, `feature.<name>`, `label.<task>` (−1: unlabelled).
  public var inputs: [String: [Int32]]

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
}
