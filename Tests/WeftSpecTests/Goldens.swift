import Foundation

/// Files beside the tests that hold exact expected text. `WEFT_RECORD=1 swift test` writes them anew.
enum Goldens {
  static let isRecording = ProcessInfo.processInfo.environment["WEFT_RECORD"] == "1"

  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()

  /// Compares a text with a file, or writes the file when recording. Returns what is wrong, if anything.
  static func difference(_ text: String, with file: URL) throws -> String? {
    if isRecording {
      try text.write(to: file, atomically: true, encoding: .utf8)
      return nil
    }
    guard let expected = try? String(contentsOf: file, encoding: .utf8) else {
      return "\(file.lastPathComponent) is missing; record it with WEFT_RECORD=1 and look at it"
    }
    guard expected != text else { return nil }
    return "\(file.lastPathComponent) differs\n--- expected\n\(expected)\n--- found\n\(text)"
  }

  static func files(in name: String, extension suffix: String) throws -> [URL] {
    try FileManager.default.contentsOfDirectory(
      at: folder.appendingPathComponent(name), includingPropertiesForKeys: nil
    )
    .filter { $0.pathExtension == suffix }
    .sorted { $0.path < $1.path }
  }
}
