import Foundation
import WeftCodegen

/// A package in a folder of its own, with programs built from it.
struct PackageBuild {
  let folder: URL
  let name: String

  init(_ sample: PackageSample) throws {
    name = sample.generator.name
    folder = FileManager.default.temporaryDirectory.appending(path: "weft-package-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    for file in try sample.generator.packageFiles(sample.contents) {
      try Data(file.contents.utf8).write(to: folder.appending(path: file.name))
    }
    try Data(sample.blob()).write(to: folder.appending(path: name + ".weights"))
  }

  func remove() { try? FileManager.default.removeItem(at: folder) }

  struct Result {
    var status: Int32
    var output: String
    var errors: String
  }

  /// Runs a program in the folder; nil if this machine does not have it.
  func run(_ program: String, _ arguments: [String], environment: [String: String] = [:]) throws -> Result? {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [program] + arguments
    process.currentDirectoryURL = folder
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    let output = folder.appending(path: UUID().uuidString)
    let errors = folder.appending(path: UUID().uuidString)
    for file in [output, errors] { try Data().write(to: file) }
    process.standardOutput = try FileHandle(forWritingTo: output)
    process.standardError = try FileHandle(forWritingTo: errors)
    try process.run()
    process.waitUntilExit()
    let result = Result(
      status: process.terminationStatus, output: try String(contentsOf: output, encoding: .utf8),
      errors: try String(contentsOf: errors, encoding: .utf8))
    return result.status == 127 ? nil : result
  }

  /// Writes a file of the folder.
  func write(_ name: String, _ text: String) throws {
    try Data(text.utf8).write(to: folder.appending(path: name))
  }
}
