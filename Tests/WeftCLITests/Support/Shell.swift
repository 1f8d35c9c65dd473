import Foundation

/// Runs commands of this machine.
enum Shell {
  struct Result: Sendable {
    var status: Int32
    /// Output and errors together.
    var text: String
  }

  static func run(_ command: String, in folder: String) throws -> Result {
    let process = Process()
    // A file rather than a pipe: no reader has to keep up.
    let output = FileManager.default.temporaryDirectory.appendingPathComponent(
      "weft-out-\(UUID().uuidString)")
    try Data().write(to: output)
    defer { try? FileManager.default.removeItem(at: output) }
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", command]
    process.currentDirectoryURL = URL(fileURLWithPath: folder)
    var variables = ProcessInfo.processInfo.environment
    variables["WEFT_CACHE"] = Weft.cache.path
    process.environment = variables
    let handle = try FileHandle(forUpdating: output)
    process.standardOutput = handle
    process.standardError = handle
    try process.run()
    process.waitUntilExit()
    return Result(
      status: process.terminationStatus, text: String(decoding: try Data(contentsOf: output), as: UTF8.self))
  }

  /// Does a command succeed here?
  static func has(_ command: String) -> Bool { (try? run(command, in: "/"))?.status == 0 }
}
