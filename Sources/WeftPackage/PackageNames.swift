import WeftCodegen

/// What a package and its parts are called, by the name of the spec.
public struct PackageNames: Sendable, Equatable {
  /// Of files and commands: the spec's name, such as `ewt-hard`.
  public let name: String
  /// Of C symbols and of the Python module: `ewt_hard`.
  public let prefix: String
  /// Of the Swift module: `EwtHard`.
  public let module: String

  /// What a program needs that has the tagger and its weights in it.
  public var libraryFiles: [String] { ["\(name).c", "\(name).h", "\(name).weights", "\(name)-weights.c"] }

  /// Of C macros: `EWT_HARD`.
  public var upper: String { prefix.uppercased() }

  public init(_ name: String) {
    self.name = name
    prefix = Self.identifier(name)
    let words = name.split { !($0.isASCII && ($0.isLetter || $0.isNumber)) }
    let joined = words.map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
    module = joined.first.map { $0.isNumber ? "Tagger" + joined : joined } ?? "Tagger"
  }

  /// Names of files, goals of make, and words of languages that a package of that name would get in the way of.
  private static let taken: Set<String> = [
    "all", "clean", "cli", "install", "licenses", "makefile", "python", "sources", "test", "uninstall",
    "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del", "elif", "else",
    "except", "false", "finally", "for", "foundation", "from", "global", "if", "import", "in", "is", "lambda",
    "none", "nonlocal", "not", "or", "pass", "raise", "return", "swift", "testing", "true", "try", "while",
    "with", "yield",
  ]

  /// Checks that a package may be called so.
  ///
  /// - Throws: `.model`.
  func check() throws(PackageError) {
    guard Self.taken.contains(name.lowercased()) else { return }
    throw PackageError(
      .model, "a package cannot be called '\(name)': a file, a goal of make or a keyword has that name",
      suggestion: "give the spec another name and train it")
  }

  /// A name as `CodeGenerator` puts it before symbols: what an identifier cannot hold becomes `_`.
  static func identifier(_ name: String) -> String {
    let text = String(name.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" })
    return text.first.map { $0.isNumber ? "_" + text : text } ?? "_"
  }
}
