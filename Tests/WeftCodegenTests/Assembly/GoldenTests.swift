import Foundation
import Testing

@testable import WeftCodegen

/// The generated code under `Generated/` is what the compiler generates today. `make goldens` (WEFT_RECORD=1) rewrites it.
@Suite struct GoldenTests {
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Generated")

  @Test(arguments: ["tiny-hard", "tiny-everything"])
  func goldenIsCurrent(name: String) throws {
    let isHard = name == "tiny-hard"
    let generator = try Networks.generator(
      isHard ? Networks.hard(name: name) : Networks.rich(name: name),
      instructionSets: isHard ? [.avx512, .portable] : [.portable])
    let folder = Self.folder.appending(path: name)
    for file in try generator.inferenceFiles() + generator.trainingFiles() {
      let url = folder.appending(path: file.name)
      if ProcessInfo.processInfo.environment["WEFT_RECORD"] == "1" {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try Data(file.contents.utf8).write(to: url, options: .atomic)
        continue
      }
      let stored = try String(contentsOf: url, encoding: .utf8)
      guard stored != file.contents else { continue }
      let pair = zip(
        stored.split(separator: "\n", omittingEmptySubsequences: false),
        file.contents.split(separator: "\n", omittingEmptySubsequences: false))
      let line = pair.enumerated().first { $1.0 != $1.1 }
      Issue.record(
        """
        Generated/\(name)/\(file.name) is not what is generated now, from line \((line?.offset ?? 0) + 1) on:
        stored:    \(line?.element.0 ?? "(end)")
        generated: \(line?.element.1 ?? "(end)")
        If the change is meant, run `make goldens`.
        """)
    }
  }
}
