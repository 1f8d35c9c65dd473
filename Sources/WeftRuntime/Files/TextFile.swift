import Foundation

/// Text files, written whole or not at all.
public enum TextFile {
  /// Writes a text; an old file stays as it is until all of the new one is on the disk.
  ///
  /// A device or a pipe is written to directly, since it cannot be replaced.
  ///
  /// - Throws: `.diskFull`, `.fileAccess`.
  public static func write(_ text: String, to path: String) throws(RuntimeError) {
    let url = URL(fileURLWithPath: path)
    let bytes = Array(text.utf8)
    var status = stat()
    if stat(path, &status) == 0, status.st_mode & S_IFMT != S_IFREG {
      guard status.st_mode & S_IFMT != S_IFDIR else {
        throw RuntimeError(.fileAccess, "Cannot write \(path): it is a folder.")
      }
      do {
        let handle = try FileHandle(forWritingTo: url)
        try handle.write(contentsOf: bytes)
        try handle.close()
      } catch {
        throw RuntimeError(.fileAccess, "Cannot write \(path): \(error.localizedDescription)")
      }
      return
    }
    try AtomicFile.write(to: url) { file throws(RuntimeError) in try file.append(bytes) }
  }

  /// Creates a folder and those above it.
  ///
  /// - Throws: `.diskFull`, `.fileAccess`.
  public static func createFolder(_ path: String) throws(RuntimeError) {
    try FileProblem.createFolder(URL(fileURLWithPath: path))
  }
}
