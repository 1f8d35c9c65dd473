import Foundation

/// A file unpacked by the `gzip` program while it is read.
final class GzipStream {
  private let process = Process()
  private let output = Pipe()
  private let errors = Pipe()
  private let path: String

  /// Where the unpacked bytes can be read; closed with the object.
  var descriptor: Int32 { output.fileHandleForReading.fileDescriptor }

  init(path: String) throws(CorpusError) {
    self.path = path
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["gzip", "-dc", "--", path]
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = errors
    do { try process.run() } catch {
      throw CorpusError(
        .unreadable, path: path, "cannot start gzip: \(error.localizedDescription)",
        suggestion: "install gzip, or unpack the file")
    }
  }

  /// Ends gzip before all is read.
  func stop() {
    process.terminate()
    process.waitUntilExit()
  }

  /// Waits for gzip after all is read.
  ///
  /// - Throws: ``CorpusError`` if it failed, for example on a truncated file.
  func finish() throws(CorpusError) {
    let said = errors.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus != 0 else { return }
    let reason = String(decoding: said, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    throw CorpusError(
      .unreadable, path: path,
      "cannot unpack the file: \(reason.isEmpty ? "gzip failed" : reason)")
  }
}
