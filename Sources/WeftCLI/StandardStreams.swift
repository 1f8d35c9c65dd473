import Foundation
import WeftReport

/// Standard output. Unlike `print`, it tells when nothing could be written, such as on a full disk.
enum StandardOutput {
  static let descriptor: Int32 = 1

  static func write(_ text: String) throws(Failure) { try write(Array(text.utf8)) }

  static func write(_ bytes: [UInt8]) throws(Failure) {
    guard Descriptor.write(bytes, to: descriptor) else {
      throw Failure(
        .inputOutput, error: "cannot write to standard output: \(String(cString: strerror(errno)))")
    }
  }
}

/// Standard error, for diagnostics and progress.
enum StandardError {
  static let descriptor: Int32 = 2

  /// Writes a line. That standard error itself cannot be written is nothing that anyone could be told.
  static func write(_ line: String) {
    guard !line.isEmpty else { return }
    write(raw: line + "\n")
  }

  /// Writes a text as it is.
  static func write(raw text: String) { _ = Descriptor.write(Array(text.utf8), to: descriptor) }

  /// A bar on a terminal, lines elsewhere.
  static var progressStyle: ProgressRenderer.Style {
    guard Descriptor.isTerminal(descriptor), ProcessInfo.processInfo.environment["TERM"] != "dumb" else {
      return .plain
    }
    var size = winsize()
    let isKnown = ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
    return .terminal(columns: isKnown ? Int(size.ws_col) : 80)
  }
}

enum Descriptor {
  /// Writes all bytes.
  ///
  /// - Returns: false if that is not possible; `errno` says why.
  static func write(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
    bytes.withUnsafeBytes { bytes in
      var rest = bytes[...]
      while !rest.isEmpty {
        // Sound: the pointer covers `rest`, and lives as long as this closure.
        let count = Foundation.write(
          descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { return false }
        rest = rest.dropFirst(count)
      }
      return true
    }
  }

  static func isTerminal(_ descriptor: Int32) -> Bool { isatty(descriptor) == 1 }
}
