/// Why training, scoring or tagging cannot go on.
public struct TrainError: Error, Sendable, Equatable, CustomStringConvertible {
  public enum Kind: String, Sendable, Equatable {
    /// Data that do not fit the spec: nothing to train on, a label that the model lacks.
    case data
    /// A loss or gradient that is not a number.
    case diverged
    /// A state or checkpoint that is not there or cannot be read.
    case unreadable
    /// A state or checkpoint that belongs to another spec.
    case mismatch
    /// A file that cannot be written.
    case unwritable
  }
  public let kind: Kind
  public let message: String
  /// What to do about it.
  public let suggestion: String?

  public init(_ kind: Kind, _ message: String, suggestion: String? = nil) {
    self.kind = kind
    self.message = message
    self.suggestion = suggestion
  }

  public var description: String {
    "error: \(message)" + (suggestion.map { "\n  hint: \($0)" } ?? "")
  }
}
