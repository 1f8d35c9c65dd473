import WeftSpec

/// One tag of a span scheme, taken apart.
public struct SpanTag: Sendable, Hashable {
  public enum Prefix: Character, Sendable, Hashable, CaseIterable {
    case outside = "O"
    case begin = "B"
    case inside = "I"
    case end = "E"
    case single = "S"
  }

  public var prefix: Prefix
  /// What follows the first hyphen, which may hold hyphens itself; empty for bare tags (`B`, `I`, `O`).
  public var type: String

  public init(_ prefix: Prefix, _ type: String = "") {
    self.prefix = prefix
    self.type = prefix == .outside ? "" : type
  }

  /// Parses `O`, `B-PER`, `I-creative-work`, `B` and so on; also `L-` as `E-` and `U-` as `S-` (BILOU).
  ///
  /// - Returns: nil if the text is no tag of any span scheme.
  public init?(_ text: String) {
    guard let first = text.first else { return nil }
    let rest = text.dropFirst()
    guard rest.isEmpty || rest.first == "-" else { return nil }
    switch first {
    case "O" where rest.isEmpty: self.init(.outside)
    case "B": self.init(.begin, String(rest.dropFirst()))
    case "I": self.init(.inside, String(rest.dropFirst()))
    case "E", "L": self.init(.end, String(rest.dropFirst()))
    case "S", "U": self.init(.single, String(rest.dropFirst()))
    default: return nil
    }
  }

  /// The tag as text.
  public var text: String {
    prefix == .outside || type.isEmpty ? String(prefix.rawValue) : "\(prefix.rawValue)-\(type)"
  }
}

/// A labelled stretch of tokens.
public struct TagSpan: Sendable, Hashable, Comparable {
  public var type: String
  /// First token.
  public var start: Int
  /// The token after the last.
  public var end: Int

  public init(_ type: String, _ start: Int, _ end: Int) {
    self.type = type
    self.start = start
    self.end = end
  }

  public static func < (left: TagSpan, right: TagSpan) -> Bool {
    (left.start, left.end, left.type) < (right.start, right.end, right.type)
  }
}
