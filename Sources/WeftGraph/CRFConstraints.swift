import WeftCorpus

/// Which paths a CRF may take.
public struct CRFConstraints: Sendable, Hashable, Codable {
  /// [L · L]: may label `row` be followed by label `column`?
  public var allowed: [Bool]
  /// [L]: may a sentence begin with the label?
  public var allowedStart: [Bool]
  /// [L]: may a sentence end with the label?
  public var allowedEnd: [Bool]

  public init(allowed: [Bool], allowedStart: [Bool], allowedEnd: [Bool]) {
    self.allowed = allowed
    self.allowedStart = allowedStart
    self.allowedEnd = allowedEnd
  }

  /// What the scheme of a task's labels allows.
  public init(_ labels: LabelSet) {
    let ids = 0..<labels.count
    allowed = ids.flatMap { from in ids.map { labels.allows(from, to: $0) } }
    allowedStart = ids.map(labels.allowsStart)
    allowedEnd = ids.map(labels.allowsEnd)
  }

  public var labelCount: Int { allowedStart.count }

  public func allows(_ from: Int, _ to: Int) -> Bool { allowed[from * labelCount + to] }

  /// The first sentence length, from 1, for which no labelling is allowed; nil if every length has one.
  ///
  /// The set of labels that position n can hold is a function of the set at n − 1, so the search ends when a set
  /// comes back.
  public var impossibleLength: Int? {
    var reachable = allowedStart
    var seen: Set<[Bool]> = []
    var length = 1
    while seen.insert(reachable).inserted {
      guard zip(reachable, allowedEnd).contains(where: { $0 && $1 }) else { return length }
      reachable = (0..<labelCount).map { to in
        (0..<labelCount).contains { from in reachable[from] && allows(from, to) }
      }
      length += 1
    }
    return nil
  }

  /// The constraints in a line of text.
  var description: String {
    func bits(_ flags: [Bool]) -> String { flags.map { $0 ? "1" : "0" }.joined() }
    return "\(bits(allowedStart))/\(bits(allowed))/\(bits(allowedEnd))"
  }
}
