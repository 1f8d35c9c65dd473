import WeftSpec

/// A corpus, vocabulary or vector file that cannot be used as the spec says.
public struct CorpusError: Error, Sendable, Equatable, CustomStringConvertible {
  public enum Kind: String, Sendable, Equatable {
    /// The file cannot be opened or read.
    case unreadable
    /// No sentence in the file.
    case empty
    /// A line with more or fewer columns than the file's first.
    case raggedLine
    /// A named column that the file does not have.
    case missingColumn
    /// A line that the format does not allow.
    case malformedLine
    /// A label that contradicts the declared tag scheme.
    case schemeMismatch
    /// A sentence or word beyond the declared limits.
    case tooLong
    /// A word-vector file that cannot be used.
    case vectors
  }

  public let kind: Kind
  /// The file as it was named, or a description such as `<standard input>`.
  public let path: String
  /// Line from 1; nil where the whole file is meant.
  public let line: Int?
  /// Column from 1, in Unicode scalars; nil where the whole line is meant.
  public let column: Int?
  public let message: String
  /// What to do about it.
  public let suggestion: String?

  public init(
    _ kind: Kind, path: String, line: Int? = nil, column: Int? = nil, _ message: String,
    suggestion: String? = nil
  ) {
    self.kind = kind
    self.path = path
    self.line = line
    self.column = column
    self.message = message
    self.suggestion = suggestion
  }

  /// `path:line:column: error: message` and, on a line of its own, the suggestion.
  public var description: String { diagnostic(sourceLine: nil).description }

  /// The error with the line that it points at, which is read from the file again; without it where that fails.
  public var diagnostic: Diagnostic {
    diagnostic(
      sourceLine: line.flatMap { ByteLines.line($0, of: path) }.map { String(decoding: $0, as: UTF8.self) })
  }

  private func diagnostic(sourceLine: String?) -> Diagnostic {
    let location = SourceLocation(path: path, line: line, column: line == nil ? nil : column ?? 1)
    var span = SourceSpan(location: location)
    if let sourceLine {
      span.sourceLine = sourceLine
      if let column { span.caret = (column - 1)..<column }
    }
    return .error(message, at: span, suggestion: suggestion)
  }
}
