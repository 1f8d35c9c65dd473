import ArgumentParser
import Foundation
import WeftCodegen
import WeftPackage
import WeftRuntime

struct TuneCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tune",
    abstract: "Measure what forms of matrices cost on this machine.",
    discussion: """
      Compiles the products that packages are made of, for every instruction set that the processor has, times them for \
      one row of inputs, and writes a table of costs. It takes some seconds; run nothing else meanwhile.

      EXAMPLES:
        weft tune -o here.costs
        weft explain runs/tagger --costs here.costs
        weft package tagger.yaml --costs here.costs

      Exit code 69: there is no C compiler; 74: the file cannot be written.
      """)

  @Option(name: .shortAndLong, help: "The file to write; standard output if absent.", completion: .file())
  var output: String?

  @OptionGroup var verbosity: Verbosity

  func run() async throws {
    let table = try await CostTable.measured(compiler: verbosity.logger.compiler())
    let text = table.text(
      heading:
        "What products with packed matrices take, per row of inputs: nanoseconds for each KiB of weights\n"
        + "that is read, and for each 16 columns of results. Measured by weft tune, version \(weftVersion).")
    guard let output else { return try StandardOutput.write(text) }
    try TextFile.write(text, to: output)
  }
}
