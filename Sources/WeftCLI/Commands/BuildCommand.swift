import ArgumentParser
import WeftTrain

struct BuildCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "build",
    abstract: "Generate and compile a spec's network into the library cache; print where the libraries are.",
    discussion: """
      Libraries are kept by content: building the same again costs nothing. The first line printed is the library \
      that tags (its only dependency is libm), the second the one that trains.

      EXAMPLES:
        weft build tagger.yaml
        weft build tagger.yaml --isa avx2,portable
        WEFT_CC=gcc WEFT_CACHE=cache weft build tagger.yaml

      Exit code 65: the spec or its data have problems; 69: no C compiler.
      """)

  @OptionGroup var spec: SpecArguments

  @Option(
    help: ArgumentHelp(
      "Instruction sets to compile for, best first, with commas between; the best of this machine if absent.",
      valueName: "names"))
  var isa: InstructionSetList?

  @OptionGroup var verbosity: Verbosity

  func run() async throws {
    let experiment = try await verbosity.logger.experiment(spec.load(), isa: isa)
    try StandardOutput.write("\(experiment.inference.url.path)\n\(experiment.training.url.path)\n")
  }
}
