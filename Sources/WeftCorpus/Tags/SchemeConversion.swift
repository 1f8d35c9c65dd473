import WeftSpec

extension TagScheme {
  /// Tags of this scheme written in another.
  ///
  /// A tag that depends on what an unlabelled neighbour is becomes unlabelled too: in bio, `B-PER` before an
  /// unlabelled token is `B-PER` or `S-PER` in bioes, nobody knows which.
  ///
  /// - Parameters:
  ///   - tags: one a token; nil is unlabelled. What this scheme does not allow converts as ``spans(of:)`` reads it.
  ///   - target: the scheme wanted. If it is the same, or either is `none`, the tags come back as they are.
  public func convert(_ tags: [SpanTag?], to target: TagScheme) -> [SpanTag?] {
    if self == target || self == .none || target == .none { return tags }
    var starts = Array(repeating: false, count: tags.count)
    var ends = Array(repeating: false, count: tags.count)
    for span in Self.spans(of: tags) {
      starts[span.start] = true
      ends[span.end - 1] = true
    }
    return tags.indices.map { token in
      guard let tag = tags[token] else { return nil }
      if tag.prefix == .outside { return tag }
      var boundary = SpanBoundary(starts: starts[token], ends: ends[token], touches: false)
      if token > 0 {
        if let before = tags[token - 1] {
          boundary.touches = before.prefix != .outside && before.type == tag.type
        } else {
          boundary.forgetBefore(tag.prefix, self)
        }
      }
      if token + 1 < tags.count, tags[token + 1] == nil { boundary.forgetAfter(tag.prefix, self) }
      return boundary.prefix(in: target).map { SpanTag($0, tag.type) }
    }
  }

  /// As ``convert(_:to:)-([SpanTag?],_)``, for tags as text; what is no tag counts as `O`.
  public func convert(_ labels: [String?], to target: TagScheme) -> [String?] {
    if self == target || self == .none || target == .none { return labels }
    return convert(labels.map { $0.map { SpanTag($0) ?? SpanTag(.outside) } }, to: target).map { $0?.text }
  }
}

/// What is known about a token of a span; nil is unknown.
private struct SpanBoundary {
  /// It is the first of its span.
  var starts: Bool?
  /// It is the last of its span.
  var ends: Bool?
  /// The token before belongs to a span of the same type.
  var touches: Bool?

  /// The token before is unlabelled: only the tag itself tells.
  mutating func forgetBefore(_ prefix: SpanTag.Prefix, _ source: TagScheme) {
    let begins = prefix == .begin || prefix == .single
    switch source {
    case .iob1:
      starts = begins ? true : nil
      touches = begins ? true : nil
    case .bio, .bioes, .none:
      starts = begins
      touches = begins ? nil : true
    }
  }

  /// The token after is unlabelled.
  mutating func forgetAfter(_ prefix: SpanTag.Prefix, _ source: TagScheme) {
    ends = source == .bioes ? prefix == .end || prefix == .single : nil
  }

  func prefix(in target: TagScheme) -> SpanTag.Prefix? {
    switch target {
    case .bio, .none:
      return starts.map { $0 ? .begin : .inside }
    case .iob1:
      guard let starts else { return nil }
      if !starts { return .inside }
      return touches.map { $0 ? .begin : .inside }
    case .bioes:
      guard let starts, let ends else { return nil }
      return starts ? (ends ? .single : .begin) : (ends ? .end : .inside)
    }
  }
}
