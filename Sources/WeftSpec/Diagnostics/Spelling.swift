/// Finds what a person may have meant.
public enum Spelling {
  /// Number of insertions, deletions, substitutions and transpositions of neighbours between two words
  /// (optimal string alignment; Damerau 1964). O(|a|·|b|).
  public static func distance(_ a: String, _ b: String) -> Int {
    let a = Array(a.unicodeScalars)
    let b = Array(b.unicodeScalars)
    var previous: [Int] = []
    var row = Array(0...b.count)
    for i in 0..<a.count {
      var next = [i + 1]
      for j in 0..<b.count {
        var cost = min(row[j + 1] + 1, next[j] + 1, row[j] + (a[i] == b[j] ? 0 : 1))
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { cost = min(cost, previous[j - 1] + 1) }
        next.append(cost)
      }
      previous = row
      row = next
    }
    return row[b.count]
  }

  /// The candidate nearest to a word, if it is near enough to be a slip of the keyboard: at most a third of
  /// the word's letters differ. Ties go to the first candidate.
  public static func nearest(to word: String, among candidates: some Sequence<String>) -> String? {
    // A long word is no slip of any key, and the distance is quadratic.
    guard word.unicodeScalars.count <= 64 else { return nil }
    let folded = fold(word)
    var best: (distance: Int, candidate: String)?
    for candidate in candidates where candidate != word {
      let distance = distance(folded, fold(candidate))
      let allowed = max(1, max(word.unicodeScalars.count, candidate.unicodeScalars.count) / 3)
      guard distance <= allowed, distance < folded.unicodeScalars.count else { continue }
      if distance < best?.distance ?? Int.max { best = (distance, candidate) }
    }
    return best?.candidate
  }

  /// `did you mean 'x'?` for the nearest candidate.
  public static func suggestion(for word: String, among candidates: some Sequence<String>) -> String? {
    nearest(to: word, among: candidates).map { "did you mean '\($0)'?" }
  }

  /// `weight_decay`, `weightDecay` and `Weight-Decay` are one slip from `weight-decay` at most.
  private static func fold(_ word: String) -> String {
    word.lowercased().filter { $0 != "-" && $0 != "_" }
  }
}
