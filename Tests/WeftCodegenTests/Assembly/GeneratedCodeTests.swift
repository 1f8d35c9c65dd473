import Foundation
import Testing
import WeftGraph

@testable import WeftCodegen

@Suite struct GeneratedCodeTests {
  @Test func generationIsDeterministic() throws {
    for network in [Networks.hard(), Networks.rich()] {
      let generator = try Networks.generator(network)
      #expect(try generator.trainingFiles() == generator.trainingFiles())
      #expect(try generator.inferenceFiles() == generator.inferenceFiles())
    }
  }

  /// Every network and both compilers, warnings as errors.
  @Test(arguments: ["clang", "gcc"])
  func compilesWithoutWarnings(compiler: String) throws {
    guard let path = Self.find(compiler) else { return }
    for network in [
      Networks.hard(), Networks.rich(), Networks.rich(name: "alone", sharing: .single),
      Networks.rich(name: "mixed", sharing: .soft),
    ] {
      let generator = try Networks.generator(network)
      let folder = FileManager.default.temporaryDirectory.appending(path: "weft-\(UUID().uuidString)")
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      defer { try? FileManager.default.removeItem(at: folder) }
      for file in try generator.trainingFiles() + generator.inferenceFiles() {
        try Data(file.contents.utf8).write(to: folder.appending(path: file.name))
      }
      for name in [network.spec.name, network.spec.name + "-train"] {
        let process = Process()
        process.executableURL = path
        process.currentDirectoryURL = folder
        // What only an optimiser sees is looked for in one network; all kernels are compiled so in their own tests.
        let work = network.spec.name == "toy" ? ["-O2", "-c", "-o", "\(name).o"] : ["-fsyntax-only"]
        process.arguments =
          ["-std=c11", "-Wall", "-Wextra", "-Wconversion", "-Werror"] + work + ["\(name).c"]
        let output = Pipe()
        process.standardError = output
        try process.run()
        let messages = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 0, "\(compiler) on \(name):\n\(messages.prefix(4000))")
      }
    }
  }

  private static func find(_ program: String) -> URL? {
    for folder in (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":") {
      let url = URL(fileURLWithPath: String(folder)).appending(path: program)
      if FileManager.default.isExecutableFile(atPath: url.path) { return url }
    }
    return nil
  }
}
