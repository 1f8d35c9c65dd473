/// A place in a text that a person wrote.
public struct SourceLocation: Sendable, Hashable, Codable {
  /// The file as the person named it (or `--set KEY` for an override of the command line).
  public var path: String
  /// From 1; nil where the whole file is meant.
  public var line: Int?
  /// Unicode scalars from 1; nil where the whole line is meant.
  public var column: Int?

  public init(path: String, line: Int? = nil, column: Int? = nil) {
    self.path = path
    self.line = line
    self.column = column
  }
}

extension SourceLocation: CustomStringConvertible {
  /// `path`, `path:line` or `path:line:column`.
  public var description: String {
    guard let line else { return path }
    guard let column else { return "\(path):\(line)" }
    return "\(path):\(line):\(column)"
  }
}

/// A location together with the line of text that it points into.
public struct SourceSpan: Sendable, Hashable {
  public var location: SourceLocation
  /// The line without its line break; nil where there is none to show.
  public var sourceLine: String?
  /// What to underline, in Unicode scalars of `sourceLine` from 0.
  public var caret: Range<Int>?

  public init(location: SourceLocation, sourceLine: String? = nil, caret: Range<Int>? = nil) {
    self.location = location
    self.sourceLine = sourceLine
    self.caret = caret
  }

  /// A span of `length` scalars that begins at `column` (from 1) of a line.
  public init(path: String, line: Int, column: Int, length: Int = 1, sourceLine: String) {
    self.init(
      location: SourceLocation(path: path, line: line, column: column), sourceLine: sourceLine,
      caret: max(column - 1, 0)..<max(column - 1, 0) + max(length, 1))
  }

  /// A whole file.
  public init(path: String) {
    self.init(location: SourceLocation(path: path))
  }
}
