import ArgumentParser
import Foundation
import WeftTrain

struct TraceCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "trace",
    abstract: "Write the first steps of a training run to a file, to compare with another implementation.",
    discussion: """
      Makes the steps that `weft train` would make, with the same batches, order of tasks, random values and updates, \
      and writes the initial parameters, batches, random values, learning rates and losses as safetensors tensors. \
      Standard output gets the losses as JSON. Benchmarks/peers/README.md describes the file; parity100.py there \
      repeats its steps in PyTorch.

      EXAMPLES:
        weft trace tagger.yaml --steps 100 -o steps.safetensors

      Exit code 65: the spec or its data have problems; 69: no C compiler; 74: the file cannot be written.
      """)

  @OptionGroup var spec: SpecArguments

  @Option(help: "How many steps.")
  var steps = 100

  @Option(name: .shortAndLong, help: "The file to write.", completion: .file(extensions: ["safetensors"]))
  var output: String

  func validate() throws {
    if steps < 1 { throw ValidationError("--steps must be at least 1.") }
  }

  func run() async throws {
    let data = try ExperimentData(spec.load())
    StandardError.write(data.warnings.rendered())
    let trace = try await Experiment(data).trace(steps: steps)
    try trace.write(to: URL(fileURLWithPath: output))
    try StandardOutput.write(trace.json() + "\n")
  }
}
