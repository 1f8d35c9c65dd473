import WeftSpec

/// What scheme a column of labels looks like, and why.
public struct SchemeGuess: Sendable, Equatable {
  /// The scheme that fits best; `none` if the labels are no span tags.
  public let scheme: TagScheme
  /// Sentences with a tag that the scheme does not allow; 0 for a perfect fit.
  public let violations: Int
  /// Sentences that were looked at.
  public let sentences: Int
  /// The types of the spans in order of first appearance; empty for `none`.
  public let types: [String]
}

extension SchemeGuess {
  /// Looks at the labels of whole sentences.
  ///
  /// The labels are span tags if each is `O` or a prefix B, I, E, S (L, U) alone or with `-` and a type, some label
  /// is not `O`, and none but span prefixes would explain a column of such letters (a bare `E` needs B or I beside
  /// it). Of the schemes that allow every sentence, bioes wins over bio and bio over iob1; if none allows all, the
  /// one with the fewest wrong sentences wins.
  public init(labels sentences: some Sequence<[String?]>) {
    var counter = ViolationCounter()
    for sentence in sentences { counter.add(sentence) }
    self = counter.guess
  }
}

/// Counts which schemes the sentences contradict.
struct ViolationCounter {
  private var parsed: [String: SpanTag?] = [:]
  private var wrong: [TagScheme: Int] = [.iob1: 0, .bio: 0, .bioes: 0]
  private var sentences = 0
  private var areTags = true
  private var prefixes = Set<SpanTag.Prefix>()
  private var types: [String] = []
  private var knownTypes = Set<String>()

  mutating func add(_ sentence: [String?]) {
    sentences += 1
    guard areTags else { return }
    var labels: [(text: String, tag: SpanTag?)?] = []
    labels.reserveCapacity(sentence.count)
    for label in sentence {
      guard let label else {
        labels.append(nil)
        continue
      }
      let tag: SpanTag?
      if let known = parsed[label] {
        tag = known
      } else {
        tag = SpanTag(label)
        parsed[label] = .some(tag)
      }
      guard let tag else {
        areTags = false
        return
      }
      if tag.prefix != .outside {
        prefixes.insert(tag.prefix)
        if knownTypes.insert(tag.type).inserted { types.append(tag.type) }
      }
      labels.append((label, tag))
    }
    for scheme in [TagScheme.iob1, .bio, .bioes] where scheme.violation(in: labels) != nil {
      wrong[scheme, default: 0] += 1
    }
  }

  var guess: SchemeGuess {
    let spansPossible =
      !prefixes.isEmpty && (types != [""] || prefixes.contains(.begin) || prefixes.contains(.inside))
    guard areTags, spansPossible else {
      return SchemeGuess(scheme: .none, violations: 0, sentences: sentences, types: [])
    }
    // Without E and S a column of single-token spans could not be told from other schemes.
    let candidates: [TagScheme] =
      prefixes.contains(.end) || prefixes.contains(.single) ? [.bioes] : [.bio, .iob1]
    var best = candidates[0]
    for scheme in candidates where wrong[scheme, default: 0] < wrong[best, default: 0] { best = scheme }
    return SchemeGuess(scheme: best, violations: wrong[best, default: 0], sentences: sentences, types: types)
  }
}
