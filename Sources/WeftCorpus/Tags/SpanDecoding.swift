import WeftSpec

extension TagScheme {
  /// Spans of a sentence's tags, whatever the tags are; `docs/scores.md` has the table.
  ///
  /// One rule serves every scheme: O and an unlabelled token close an open span; B closes it and opens another; S
  /// closes it and is a span of its own; I and E go on with an open span of their type, and otherwise open one (as
  /// conlleval reads them); after E the span is closed. A span that is open at the end of the sentence ends there.
  /// On sequences of BIO2 these are exactly the spans that conlleval counts.
  ///
  /// - Parameter tags: one a token; nil is unlabelled.
  public static func spans(of tags: [SpanTag?]) -> [TagSpan] {
    var result: [TagSpan] = []
    var open: TagSpan?
    func close(at end: Int) {
      if var span = open {
        span.end = end
        result.append(span)
        open = nil
      }
    }
    for (token, tag) in tags.enumerated() {
      guard let tag, tag.prefix != .outside else {
        close(at: token)
        continue
      }
      let continues = (tag.prefix == .inside || tag.prefix == .end) && open?.type == tag.type
      if !continues {
        close(at: token)
        open = TagSpan(tag.type, token, token + 1)
      }
      if tag.prefix == .end || tag.prefix == .single { close(at: token + 1) }
    }
    close(at: tags.count)
    return result
  }

  /// The tags of spans that do not overlap; `none` writes them as bio.
  ///
  /// - Parameters:
  ///   - spans: ascending.
  ///   - count: tokens of the sentence.
  public func tags(of spans: [TagSpan], count: Int) -> [SpanTag] {
    var result = Array(repeating: SpanTag(.outside), count: count)
    var previous: TagSpan?
    for span in spans {
      for token in span.start..<span.end {
        let isFirst = token == span.start
        let isLast = token == span.end - 1
        let prefix: SpanTag.Prefix
        switch self {
        case .iob1:
          let touches = previous.map { $0.end == span.start && $0.type == span.type } ?? false
          prefix = isFirst && touches ? .begin : .inside
        case .bio, .none:
          prefix = isFirst ? .begin : .inside
        case .bioes:
          prefix = isFirst ? (isLast ? .single : .begin) : (isLast ? .end : .inside)
        }
        result[token] = SpanTag(prefix, span.type)
      }
      previous = span
    }
    return result
  }
}
