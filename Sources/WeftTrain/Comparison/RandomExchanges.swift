import WeftCorpus

/// The ways in which two systems can exchange what they did with sentences.
struct RandomExchanges {
  struct Outcome: Equatable {
    var pValue: Double
    var permutations: Int
    var isExact: Bool
  }

  private let pair: PairedCounts
  /// System − baseline of the sentences where the two differ, under each seed, sentence after sentence. Exchanging
  /// the others changes nothing.
  private let gaps: [PairedCounts.Ratio]
  private let sentences: Int
  /// A difference at least as large as this is as large as the systems' own, rounding aside.
  private let threshold: Double

  init(_ pair: PairedCounts) {
    self.pair = pair
    let seeds = pair.seedCount
    let all = zip(pair.system, pair.baseline).map { $0 - $1 }
    let differing = (0..<pair.sentenceCount).filter { sentence in
      all[sentence * seeds..<(sentence + 1) * seeds].contains { $0 != PairedCounts.Ratio() }
    }
    gaps = differing.flatMap { all[$0 * seeds..<($0 + 1) * seeds] }
    sentences = differing.count
    threshold = abs(pair.difference) - 1e-12
  }

  /// How many there are; `Int.max` for too many to count.
  var count: Int { sentences < 62 ? 1 << sentences : .max }

  /// Looks at every exchange; for small ``count``.
  func all() -> Outcome {
    let extreme = (0..<count).count { choice in
      isExtreme { sentence in choice >> sentence & 1 == 1 }
    }
    return Outcome(pValue: Double(extreme) / Double(count), permutations: count, isExact: true)
  }

  /// Draws exchanges.
  func drawn(_ permutations: Int, bits: RandomBits) -> Outcome {
    var bits = bits
    var choice = Array(repeating: UInt64(0), count: (sentences + 63) / 64)
    var extreme = 0
    for _ in 0..<permutations {
      for word in choice.indices { choice[word] = bits.next() }
      if isExtreme({ choice[$0 / 64] >> UInt64($0 % 64) & 1 == 1 }) { extreme += 1 }
    }
    // The systems as they are count as one more exchange (Noreen 1989), so p is never 0.
    return Outcome(
      pValue: Double(extreme + 1) / Double(permutations + 1), permutations: permutations, isExact: false)
  }

  private func isExtreme(_ isExchanged: (Int) -> Bool) -> Bool {
    let seeds = pair.seedCount
    var moved = Array(repeating: PairedCounts.Ratio(), count: seeds)
    for sentence in 0..<sentences where isExchanged(sentence) {
      for seed in 0..<seeds { moved[seed] += gaps[sentence * seeds + seed] }
    }
    var sum = 0.0
    for seed in 0..<seeds {
      var baseline = pair.baselineTotals[seed]
      baseline += moved[seed]
      sum += pair.score(pair.systemTotals[seed] - moved[seed]) - pair.score(baseline)
    }
    return abs(sum / Double(seeds)) >= threshold
  }
}

/// SplitMix64 (Steele, Lea and Flood 2014) as a sequence of words.
struct RandomBits {
  private var state: UInt64
  init(key: UInt64) { state = key }

  mutating func next() -> UInt64 {
    defer { state &+= 0x9E37_79B9_7F4A_7C15 }
    return splitmix64(state)
  }
}
