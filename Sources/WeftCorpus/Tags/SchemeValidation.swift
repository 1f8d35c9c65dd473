import WeftSpec

/// A tag that its scheme does not allow where it stands.
public struct TagViolation: Sendable, Equatable {
  /// Token in the sentence.
  public let token: Int
  /// The tag as it is written.
  public let tag: String
  /// What is wrong, as a clause: `I-PER follows O, but a span must begin with B-PER`.
  public let reason: String
}

extension TagScheme {
  /// The first tag of a sentence that the scheme does not allow; nil if all is well. `none` allows everything.
  ///
  /// Unlabelled tokens stand for whatever would be right.
  ///
  /// - Parameter labels: one a token, as written; nil is unlabelled.
  public func violation(in labels: [String?]) -> TagViolation? {
    if self == .none { return nil }
    return violation(in: labels.map { $0.map { ($0, SpanTag($0)) } })
  }

  /// As ``violation(in:)-([String?])``, for tags that are parsed already; a tag that is none of a scheme is nil.
  func violation(in labels: [(text: String, tag: SpanTag?)?]) -> TagViolation? {
    var previous: (text: String, tag: SpanTag)? = ("the beginning of the sentence", SpanTag(.outside))
    // The tag before a single unlabelled token, between which and the next one span would have to end and another
    // begin.
    var beforeGap: (text: String, tag: SpanTag)?
    for (token, label) in labels.enumerated() {
      guard let label else {
        beforeGap = previous
        previous = nil
        continue
      }
      func wrong(_ reason: String) -> TagViolation {
        TagViolation(token: token, tag: label.text, reason: reason)
      }
      guard let tag = label.tag else {
        return wrong("'\(label.text)' is no tag of scheme \(rawValue): \(forms)")
      }
      if !prefixes.contains(tag.prefix) {
        return wrong("'\(label.text)' has the prefix \(tag.prefix.rawValue): \(forms)")
      }
      if let previous, let problem = follow(tag, label.text, previous) { return wrong(problem) }
      if self == .bioes, previous == nil, let beforeGap, beforeGap.tag.isOpen, tag.goesOn,
        beforeGap.tag.type != tag.type
      {
        return wrong("\(label.text) cannot be one unlabelled token after \(beforeGap.text)")
      }
      previous = (label.text, tag)
    }
    if self == .bioes, let previous, previous.tag.isOpen, let last = labels.indices.last {
      return TagViolation(
        token: last, tag: previous.text,
        reason:
          "the sentence ends after \(previous.text), but that span must go on to \(SpanTag(.end, previous.tag.type).text)"
      )
    }
    return nil
  }

  private var prefixes: Set<SpanTag.Prefix> {
    switch self {
    case .none: Set(SpanTag.Prefix.allCases)
    case .iob1, .bio: [.outside, .begin, .inside]
    case .bioes: Set(SpanTag.Prefix.allCases)
    }
  }

  private var forms: String {
    switch self {
    case .none: "any label is allowed"
    case .iob1, .bio: "expected O, B-type or I-type"
    case .bioes: "expected O, or B-, I-, E- or S- and a type"
    }
  }

  private func follow(_ tag: SpanTag, _ text: String, _ previous: (text: String, tag: SpanTag)) -> String? {
    let goesOn = previous.tag.prefix != .outside && previous.tag.type == tag.type
    switch self {
    case .none: return nil
    case .iob1:
      if tag.prefix == .begin, !goesOn {
        return
          "\(text) follows \(previous.text), but B- is only for a span directly after another of its type"
      }
    case .bio:
      if tag.prefix == .inside, !goesOn {
        return
          "\(text) follows \(previous.text), but a span must begin with \(SpanTag(.begin, tag.type).text)"
      }
    case .bioes:
      if previous.tag.isOpen, !(tag.goesOn && goesOn) {
        return
          "\(text) follows \(previous.text), but that span must go on to \(SpanTag(.end, previous.tag.type).text)"
      }
      if tag.goesOn, !previous.tag.isOpen {
        let begin = SpanTag(.begin, tag.type).text
        return
          "\(text) follows \(previous.text), but a span must begin with \(begin) or be \(SpanTag(.single, tag.type).text)"
      }
    }
    return nil
  }
}

extension SpanTag {
  /// In bioes: the span goes on after this tag.
  var isOpen: Bool { prefix == .begin || prefix == .inside }

  /// In bioes: the span began before this tag.
  var goesOn: Bool { prefix == .inside || prefix == .end }
}
