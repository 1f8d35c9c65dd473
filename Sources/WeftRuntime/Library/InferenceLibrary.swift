import CWeftABI
import Foundation

/// A generated tagger, loaded: its tables and functions, no weights.
public final class InferenceLibrary: Sendable {
  public let url: URL
  public let tables: LibraryTables
  let functions: FunctionTable<weft_inference>

  /// Loads a built library. No compiler is needed.
  ///
  /// - Parameters:
  ///   - url: `lib<name>.so`.
  ///   - name: the spec's name, if the file is called otherwise.
  /// - Throws: `.fileAccess`, `.libraryUnusable` or `.abiMismatch`.
  public init(contentsOf url: URL, name: String? = nil) throws(RuntimeError) {
    let library = try DynamicLibrary(contentsOf: url)
    let symbol = "weft_" + (name.map(DynamicLibrary.symbolName) ?? DynamicLibrary.modelName(of: url))
    let table = try library.query(symbol, as: weft_inference.self).pointee
    let isComplete =
      table.model_size != nil && table.model_open != nil && table.model_isa != nil
      && table.workspace_size != nil && table.run != nil && table.nbest_size != nil && table.nbest != nil
    guard isComplete, let tables = table.tables else {
      throw RuntimeError(.libraryUnusable, "The function table of \(url.path) has gaps. Generate it again.")
    }
    self.url = url
    self.functions = FunctionTable(table: table)
    self.tables = try LibraryTables(tables.pointee, of: url.path)
  }
}

/// A library's functions; whoever makes one has checked that none is null.
///
/// Sound to share between threads: the functions and tables are constants of a library that is never closed,
/// and the library keeps no state of its own.
struct FunctionTable<Table>: @unchecked Sendable {
  let table: Table
}

extension weft_status {
  /// - Throws: what the status means, if it is not `WEFT_OK`.
  func check(_ call: String, in library: URL) throws(RuntimeError) {
    switch self {
    case WEFT_OK: return
    case WEFT_BAD_ARGUMENT:
      throw RuntimeError(.invalidInput, "\(library.lastPathComponent) refused an argument of \(call).")
    case WEFT_TOO_SMALL:
      throw RuntimeError(
        .outOfMemory, "\(library.lastPathComponent) was given too little memory for \(call).")
    case WEFT_NOT_SUPPORTED:
      throw RuntimeError(
        .notSupported,
        "\(library.lastPathComponent) has no code for \(call) that this processor can run.")
    default:
      throw RuntimeError(
        .libraryUnusable, "\(library.lastPathComponent) returned the unknown status \(rawValue) from \(call)."
      )
    }
  }
}
