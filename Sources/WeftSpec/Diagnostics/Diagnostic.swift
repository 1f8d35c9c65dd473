/// One problem of something that a person wrote: a value, so that a stage can go on and report all it finds.
public struct Diagnostic: Sendable, Hashable {
  public enum Severity: String, Sendable, Hashable, Codable { case error, warning, note }

  public var severity: Severity
  /// One line, beginning in lower case, without a full stop.
  public var message: String
  public var span: SourceSpan?
  /// What to do about it, e.g. `did you mean 'dropout'?`.
  public var suggestion: String?
  /// Further places that explain the problem.
  public var notes: [Diagnostic]

  public init(
    _ severity: Severity, _ message: String, at span: SourceSpan? = nil, suggestion: String? = nil,
    notes: [Diagnostic] = []
  ) {
    self.severity = severity
    self.message = message
    self.span = span
    self.suggestion = suggestion
    self.notes = notes
  }

  public var location: SourceLocation? { span?.location }

  public static func error(
    _ message: String, at span: SourceSpan? = nil, suggestion: String? = nil, notes: [Diagnostic] = []
  ) -> Diagnostic {
    Diagnostic(.error, message, at: span, suggestion: suggestion, notes: notes)
  }

  public static func warning(
    _ message: String, at span: SourceSpan? = nil, suggestion: String? = nil, notes: [Diagnostic] = []
  ) -> Diagnostic {
    Diagnostic(.warning, message, at: span, suggestion: suggestion, notes: notes)
  }

  public static func note(_ message: String, at span: SourceSpan? = nil) -> Diagnostic {
    Diagnostic(.note, message, at: span)
  }
}

extension Diagnostic: CustomStringConvertible {
  /// The longest part of a source line that is shown, in Unicode scalars.
  private static let snippetWidth = 100

  /// `path:line:column: error: message`, the source line, a caret under it and `help:`, without a final
  /// newline.
  public var description: String {
    var lines = [(span.map { "\($0.location): " } ?? "") + "\(severity.rawValue): \(Self.printable(message))"]
    if let span, let source = span.sourceLine, !source.isEmpty {
      let snippet = Self.snippet(of: source, caret: span.caret)
      lines.append("  " + snippet.text)
      if let marker = snippet.marker { lines.append("  " + marker) }
    }
    if let suggestion { lines.append("  help: " + Self.printable(suggestion)) }
    return (lines + notes.map(\.description)).joined(separator: "\n")
  }

  /// The line, or the part around the caret of a long one, and the line of markers beneath it.
  private static func snippet(of source: String, caret: Range<Int>?) -> (text: String, marker: String?) {
    let scalars = source.unicodeScalars.map(visible)
    let caret = caret.map { $0.clamped(to: 0..<scalars.count + 1) }
    var first = 0
    if scalars.count > snippetWidth, let caret, caret.lowerBound > snippetWidth * 3 / 4 {
      first = min(caret.lowerBound - snippetWidth / 2, scalars.count - snippetWidth)
    }
    let last = min(scalars.count, first + snippetWidth)
    var view = String.UnicodeScalarView()
    view.append(contentsOf: scalars[first..<last])
    let text = (first > 0 ? "…" : "") + String(view) + (last < scalars.count ? "…" : "")
    guard let caret else { return (text, nil) }
    // A tab stays a tab, so that the caret stands under its text whatever a tab's width is.
    var marker = String.UnicodeScalarView(first > 0 ? " ".unicodeScalars : "".unicodeScalars)
    for scalar in scalars[first..<min(caret.lowerBound, last)] { marker.append(scalar == "\t" ? "\t" : " ") }
    let length = max(1, min(caret.upperBound, last) - caret.lowerBound)
    return (text, String(marker) + "^" + String(repeating: "~", count: length - 1))
  }

  /// Text of a file reaches a terminal without its control characters.
  private static func visible(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
    switch scalar.properties.generalCategory {
    case .control where scalar != "\t", .lineSeparator, .paragraphSeparator: "\u{FFFD}"
    default: scalar
    }
  }

  private static func printable(_ text: String) -> String {
    var view = String.UnicodeScalarView()
    view.append(contentsOf: text.unicodeScalars.map(visible))
    return String(view)
  }
}
