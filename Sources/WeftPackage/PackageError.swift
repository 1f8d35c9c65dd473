/// Why a tagger cannot be packaged, or a package is not what it should be.
public struct PackageError: Error, Sendable, Equatable, CustomStringConvertible {
  public enum Kind: String, Sendable, Equatable {
    /// A model that packages cannot hold.
    case model
    /// A score that falls further than the user allows.
    case score
    /// A folder or file that cannot be used.
    case file
    /// A package whose answers differ from its checkpoint's.
    case difference
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

  public var description: String { "error: \(message)" + (suggestion.map { "\n  hint: \($0)" } ?? "") }
}
