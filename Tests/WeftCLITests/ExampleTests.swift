import Foundation
import Testing

struct ExampleTests {
  private static let folder = Weft.root.appendingPathComponent("Examples")

  static let specs: [String] =
    ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []).filter {
      $0.hasSuffix(".yaml")
    }.sorted()

  @Test func thereAreExamples() { #expect(Self.specs.contains("ewt-hard.yaml")) }

  @Test(arguments: specs)
  func everyExampleIsSound(spec: String) throws {
    let result = try Weft.run(["check", "Examples/" + spec])
    #expect(result.status == 0, "\(result.errors)")
    #expect(!result.errors.contains("has no effect"))
  }

  @Test func everySystemOfAComparisonIsChecked() throws {
    let result = try Weft.run(["check", "Examples/ewt-position-compare.yaml"])
    for system in ["single", "hard", "sparse"] {
      #expect(result.output.contains("════ ewt-position-compare: \(system) ════"))
    }
    let bad = try Weft.run([
      "check", "Examples/ewt-position-compare.yaml", "--set", "compare.systems.hard.sharing.kind=sharp",
    ])
    #expect(bad.status == 65)
    #expect(bad.errors.contains("'sharing.kind' must be"))
  }

  @Test func aComparisonIsNotTrainedAsAnExperiment() throws {
    let result = try Weft.run(["train", "Examples/ewt-position-compare.yaml"])
    #expect(result.status == 65)
    #expect(result.errors.contains("run 'weft compare Examples/ewt-position-compare.yaml'"))
  }

  /// What the tour shows of commands that need no trained model is what they print.
  @Test(arguments: try consoleBlocks())
  func theTourIsReal(block: ConsoleBlock) throws {
    let result = try Weft.run(block.arguments)
    let showsMistakes = block.output.contains { $0.contains(": error: ") }
    #expect(result.status == (showsMistakes ? 65 : 0))
    let printed = showsMistakes ? result.errors : result.output
    var rest = printed.split(separator: "\n", omittingEmptySubsequences: false)[...]
    for line in block.output where line != "…" && !line.isEmpty {
      let place = rest.firstIndex { $0 == line }
      #expect(place != nil, "not printed, or not in this order: \(line)")
      if let place { rest = rest[rest.index(after: place)...] }
    }
  }

  @Test func theSpecOfTheTourIsAnExample() throws {
    let text = try readme()
    let block = try #require(text.components(separatedBy: "```yaml\n").dropFirst().first)
    let shown = try #require(block.components(separatedBy: "```").first)
    let spec = try String(contentsOf: Self.folder.appendingPathComponent("ewt-hard.yaml"), encoding: .utf8)
    #expect(spec.contains(shown))
  }

  struct ConsoleBlock: Sendable, CustomTestStringConvertible {
    var arguments: [String]
    var output: [String]
    var testDescription: String { "weft " + arguments.joined(separator: " ") }
  }

  private static func readme() throws -> String {
    try String(contentsOf: Weft.root.appendingPathComponent("README.md"), encoding: .utf8)
  }
  private func readme() throws -> String { try Self.readme() }

  /// `$ weft init …` and `$ weft check …` with what follows them.
  static func consoleBlocks() throws -> [ConsoleBlock] {
    var blocks: [ConsoleBlock] = []
    for part in try readme().components(separatedBy: "```console\n").dropFirst() {
      let text = part.components(separatedBy: "\n```").first ?? ""
      for command in text.components(separatedBy: "$ weft ").dropFirst() {
        var lines = command.components(separatedBy: "\n")
        let arguments = words(lines.removeFirst())
        if ["init", "check"].contains(arguments[0]), !arguments.contains("|") {
          blocks.append(ConsoleBlock(arguments: arguments, output: lines))
        }
      }
    }
    return blocks
  }

  /// A command line's words; single quotes hold one together.
  private static func words(_ line: String) -> [String] {
    line.components(separatedBy: "'").enumerated().flatMap { index, part in
      index.isMultiple(of: 2) ? part.split(separator: " ").map(String.init) : [part]
    }
  }
}
