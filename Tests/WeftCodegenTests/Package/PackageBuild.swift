import Foundation
import Testing

@testable import WeftCodegen

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

  /// Compiles `PackageHarness` with the package.
  ///
  /// - Parameters:
  ///   - compiler: the command, with options of its own.
  ///   - isOptimised: off where optimised builds of the same kernels are looked at elsewhere; it takes most of the time.
  ///   - counting: counts allocations, with a C library that lets its `malloc` be replaced.
  func compileHarness(
    _ sample: PackageSample, compiler: [String] = ["clang"], isOptimised: Bool = true, counting: Bool = true
  ) throws {
    try write(
      "main.c",
      PackageHarness.source(
        header: name + ".h", prefix: sample.generator.symbol, hasColumn: !sample.contents.columns.isEmpty))
    try write(
      "input", PackageExpectation.sentences.map { $0.joined(separator: " ") }.joined(separator: "\n") + "\n")
    let options = ["-std=gnu11", isOptimised ? "-O1" : "-O0"] + (counting ? ["-DCOUNT_ALLOCATIONS"] : [])
    let compiled = try #require(
      try run(
        compiler[0], compiler.dropFirst() + options + ["main.c", name + ".c", "-lm", "-o", "main"]))
    try #require(compiled.status == 0, "\(compiled.errors.prefix(2000))")
  }

  /// The lines that the harness prints for the sentences of `PackageExpectation`.
  func runHarness(_ command: [String], isa: String) throws -> [String] {
    let variable = CIdentifier.mangle(name).uppercased() + "_ISA"
    let line = (command + [name + ".weights", "3"]).joined(separator: " ") + " < input"
    let result = try #require(try run("sh", ["-c", line], environment: [variable: isa]))
    try #require(result.status == 0, "\(result.output.prefix(300)) \(result.errors.prefix(2000))")
    return result.output.split(separator: "\n").map(String.init)
  }
}
