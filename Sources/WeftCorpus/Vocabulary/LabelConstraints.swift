/// Which labels may begin a sentence, follow each other, and end it, by the scheme of a ``LabelSet``.
struct LabelConstraints: Sendable, Equatable {
  /// [labels]
  let start: [Bool]
  /// [labels]
  let end: [Bool]
  /// [labels × labels], from row to column.
  let transitions: [Bool]

  init(_ labels: LabelSet) {
    let all = 0..<labels.count
    start = all.map(labels.allowsStart)
    end = all.map(labels.allowsEnd)
    transitions = all.flatMap { from in all.map { labels.allows(from, to: $0) } }
  }

  /// Whether some path of allowed labels agrees with the known ones.
  ///
  /// - Parameter ids: one a token; −1 is unlabelled.
  func admit(_ ids: some Collection<Int32>) -> Bool {
    if ids.isEmpty { return true }
    let count = start.count
    var reachable: [Int] = []
    for (token, id) in ids.enumerated() {
      let candidates = id < 0 ? Array(0..<count) : [Int(id)]
      reachable = candidates.filter { to in
        token == 0 ? start[to] : reachable.contains { transitions[$0 * count + to] }
      }
    }
    return reachable.contains { end[$0] }
  }
}
