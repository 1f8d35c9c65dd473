import Foundation
import Testing

struct CommandLineTests {
  static let commands = [
    "check", "init", "schema", "generate", "build", "train", "warmup", "prune", "eval", "score", "tag",
    "inspect", "trace", "explain", "tune",
  ]

  @Test(arguments: commands)
  func everyCommandExplainsItselfWithExamples(command: String) throws {
    let result = try Weft.run([command, "--help"])
    #expect(result.status == 0)
    let examples = try #require(result.output.split(separator: "EXAMPLES:\n").last)
    #expect(result.output.contains("EXAMPLES:\n"))
    #expect(examples.contains("weft \(command)"))
  }

  @Test func theHelpListsExitCodes() throws {
    let result = try Weft.run(["--help"])
    #expect(result.status == 0)
    #expect(result.output.contains("65   a spec, corpus, checkpoint or library that cannot be used"))
    for command in Self.commands { #expect(result.output.contains("\n  \(command) ")) }
  }

  @Test(arguments: [["chekc"], ["check"], ["init", "a", "--colour"], ["schema", "extra"]])
  func senselessArgumentsAreUsageErrors(arguments: [String]) throws {
    let result = try Weft.run(arguments)
    #expect(result.status == 2)
    #expect(result.output.isEmpty)
    #expect(result.errors.contains("Usage: weft"))
  }

  @Test func theVersionIsPrinted() throws {
    let result = try Weft.run(["--version"])
    #expect(result.output.contains(try Regex(#"^weft \d+\.\d+\.\d+\n$"#)))
  }

  @Test func theSchemaIsJSON() throws {
    let result = try Weft.run(["schema"])
    #expect(result.status == 0)
    let object = try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any]
    #expect((object?["required"] as? [String])?.contains("weft") == true)
  }
}
