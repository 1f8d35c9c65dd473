import Foundation

/// Where the matrix library of training code is, and what to do where it is not.
enum OpenBLAS {
  static let advice =
    "Install it: `apt-get install libopenblas-dev` (Debian, Ubuntu), `dnf install openblas-devel` "
    + "(Fedora) or `brew install openblas` (macOS); or name the folder that holds its `include` and "
    + "`lib` in the environment variable WEFT_OPENBLAS."

  /// Folders in which distributions keep OpenBLAS's own `cblas.h`. On Debian the one that compilers find by
  /// themselves may be of another BLAS.
  private static let includeFolders =
    ["x86_64-linux-gnu", "aarch64-linux-gnu"].flatMap { machine in
      ["pthread", "openmp", "serial"].map { "/usr/include/\(machine)/openblas-\($0)" }
    } + [
      "/usr/include/openblas", "/opt/homebrew/opt/openblas/include", "/usr/local/opt/openblas/include",
    ]
  private static let libraryFolders = ["/opt/homebrew/opt/openblas/lib", "/usr/local/opt/openblas/lib"]

  /// Where the compiler finds `cblas.h`.
  ///
  /// - Parameter root: a folder with `include` and `lib`, if the user named one.
  static func compileFlags(root: String?) -> [String] {
    let own = root.map { ["\($0)/include", "\($0)/include/openblas"] } ?? []
    let folder = (own + includeFolders).first { FileManager.default.fileExists(atPath: "\($0)/cblas.h") }
    return folder.map { ["-I\($0)"] } ?? []
  }

  /// Where the linker finds the library.
  static func linkFlags(root: String?) -> [String] {
    let folders = (root.map { ["\($0)/lib"] } ?? []) + libraryFolders
    return folders.filter { FileManager.default.fileExists(atPath: $0) }
      .flatMap { ["-L\($0)", "-Wl,-rpath,\($0)"] } + ["-lopenblas"]
  }

  /// Whether a compiler's complaint says that OpenBLAS is not installed.
  static func isMissing(inDiagnostics text: String) -> Bool {
    text.contains("cblas.h") && (text.contains("not found") || text.contains("No such file"))
      || text.contains("cannot find -lopenblas") || text.contains("library not found for -lopenblas")
      || text.contains("library 'openblas' not found")
  }

  /// Turns off OpenBLAS's own threads.
  static func useOneThread(in library: DynamicLibrary) {
    guard let symbol = library.symbol("openblas_set_num_threads") else { return }
    // Sound: this is the documented type, void openblas_set_num_threads(int).
    unsafeBitCast(symbol, to: (@convention(c) (Int32) -> Void).self)(1)
  }
}
