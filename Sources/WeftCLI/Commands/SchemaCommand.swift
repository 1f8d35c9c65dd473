import ArgumentParser
import WeftSpec

struct SchemaCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "schema",
    abstract: "Print the JSON Schema of specs, by which editors complete and check them.",
    discussion: """
      EXAMPLES:
        weft schema > weft.schema.json

      Then begin a spec with the line
        # yaml-language-server: $schema=weft.schema.json
      """)

  func run() throws { try StandardOutput.write(SpecLanguage.jsonSchema()) }
}
