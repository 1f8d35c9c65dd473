import Foundation
import Testing

/// Runs the built `weft`.
struct Weft {
  /// What a run left behind.
  struct Result: Sendable {
    var status: Int32
    /// Was it ended by a signal, so that `status` is the signal's number?
    var wasKilled: Bool
    var output: String
    var errors: String
  }

  /// The executable beside the tests.
  static let executable: URL = {
    let bundle = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
    let candidates = [bundle, bundle.deletingLastPathComponent(), bundle.appendingPathComponent("../../..")]
    return candidates.map { $0.appendingPathComponent("weft").standardizedFileURL }
      .first { FileManager.default.isExecutableFile(atPath: $0.path) }
      ?? bundle.appendingPathComponent("weft")
  }()

  /// The root of the project.
  static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  /// Compiled libraries are kept by content, so that later runs of the tests find them.
  static let cache = FileManager.default.temporaryDirectory.appendingPathComponent("weft-test-cache")

  /// Runs it to its end.
  ///
  /// - Parameters:
  ///   - input: its standard input.
  ///   - environment: variables to change; nil values remove one.
  ///   - shell: a command of `sh` before it, e.g. `ulimit -f 8`.
  ///   - folder: the current folder; the project's root if nil.
  static func run(
    _ arguments: [String], input: String = "", environment: [String: String?] = [:], shell: String? = nil,
    in folder: URL? = nil
  ) throws -> Result {
    let run = try start(arguments, input: input, environment: environment, shell: shell, in: folder)
    return run.finish()
  }

  static func start(
    _ arguments: [String], input: String = "", environment: [String: String?] = [:], shell: String? = nil,
    in folder: URL? = nil
  ) throws -> Running {
    try Running(arguments, input: input, environment: environment, shell: shell, folder: folder ?? root)
  }

  /// A run that has not ended.
  final class Running {
    let process = Process()
    private let streams: URL

    fileprivate init(
      _ arguments: [String], input: String, environment: [String: String?], shell: String?, folder: URL
    ) throws {
      // Files rather than pipes: no reader has to keep up, whatever the process writes.
      streams = FileManager.default.temporaryDirectory.appendingPathComponent("weft-run-\(UUID().uuidString)")
      try FileManager.default.createDirectory(at: streams, withIntermediateDirectories: true)
      func file(_ name: String, _ text: String) throws -> FileHandle {
        let url = streams.appendingPathComponent(name)
        try Data(text.utf8).write(to: url)
        return try FileHandle(forUpdating: url)
      }
      if let shell {
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", shell + "; exec \"$@\"", "sh", Weft.executable.path] + arguments
      } else {
        process.executableURL = Weft.executable
        process.arguments = arguments
      }
      process.currentDirectoryURL = folder
      var variables = ProcessInfo.processInfo.environment
      variables["WEFT_CACHE"] = Weft.cache.path
      for (name, value) in environment { variables[name] = value }
      process.environment = variables
      process.standardInput = try file("input", input)
      process.standardOutput = try file("output", "")
      process.standardError = try file("errors", "")
      try process.run()
    }

    deinit { try? FileManager.default.removeItem(at: streams) }

    /// What it has written so far.
    func text(_ name: String) -> String {
      (try? String(decoding: Data(contentsOf: streams.appendingPathComponent(name)), as: UTF8.self)) ?? ""
    }

    /// Waits for its end.
    func finish() -> Result {
      process.waitUntilExit()
      return Result(
        status: process.terminationStatus, wasKilled: process.terminationReason == .uncaughtSignal,
        output: text("output"), errors: text("errors"))
    }
  }
}

/// A folder that goes away with the test.
final class TemporaryFolder: Sendable {
  let url: URL
  var path: String { url.path }

  init() throws {
    url = FileManager.default.temporaryDirectory.appendingPathComponent("weft-test-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  @discardableResult
  func write(_ name: String, _ text: String) throws -> String {
    let file = url.appendingPathComponent(name)
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: file)
    return file.path
  }

  func text(_ name: String) throws -> String {
    String(decoding: try Data(contentsOf: url.appendingPathComponent(name)), as: UTF8.self)
  }

  /// Names of what is in it, hidden files included.
  var contents: [String] {
    (try? FileManager.default.subpathsOfDirectory(atPath: url.path))?.sorted() ?? []
  }
}
