/// A text with its lines, from which spans are cut.
struct SourceText: Sendable {
  /// How locations name this text.
  let path: String
  let lines: [String]
  /// An override on the command line has one line, and its locations show no line and column.
  let isOverride: Bool
  /// The folder of the file relative to the folder of the spec that was asked for; empty when it is the same.
  let folder: String

  init(path: String, text: String, isOverride: Bool = false, folder: String = "") {
    self.path = path
    self.isOverride = isOverride
    self.folder = folder
    lines = Self.split(text)
  }

  /// Lines as YAML counts them: ended by CR, LF, CRLF, NEL, LS or PS.
  private static func split(_ text: String) -> [String] {
    var lines: [String] = []
    var line = String.UnicodeScalarView()
    var previous: Unicode.Scalar?
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\n" where previous == "\r": break
      case "\n", "\r", "\u{85}", "\u{2028}", "\u{2029}":
        lines.append(String(line))
        line = String.UnicodeScalarView()
      default: line.append(scalar)
      }
      previous = scalar
    }
    lines.append(String(line))
    return lines
  }

  /// The span of `length` scalars at a line and column, both from 1, cut at the end of the line.
  func span(line: Int, column: Int, length: Int = 1) -> SourceSpan {
    let source = lines.indices.contains(line - 1) ? lines[line - 1] : ""
    let count = source.unicodeScalars.count
    let first = min(max(column - 1, 0), count)
    let last = max(first + 1, min(first + length, count))
    return SourceSpan(
      location: SourceLocation(path: path, line: isOverride ? nil : line, column: isOverride ? nil : column),
      sourceLine: source, caret: first..<last)
  }

  /// The whole text.
  var whole: SourceSpan { SourceSpan(path: path) }

  /// Scalars of a line from a column (from 1) on.
  func rest(line: Int, column: Int) -> Substring.UnicodeScalarView {
    guard lines.indices.contains(line - 1) else { return Substring().unicodeScalars }
    return Substring(lines[line - 1]).unicodeScalars.dropFirst(column - 1)
  }
}
