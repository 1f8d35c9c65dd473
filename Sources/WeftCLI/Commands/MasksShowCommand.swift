import ArgumentParser
import WeftReport

struct MasksShowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Show what masks leave of each matrix, gate and unit.",
    discussion: """
      Works on mask files, on folders of them, on trained models that carry masks, and on the folder of a run, with \
      the masks of its pruning rounds. One mask is shown whole; of several there is a table, unless --details asks \
      for all. JSON always holds everything.

      EXAMPLES:
        weft masks show runs/ewt-sparse/masks/ner.safetensors
        weft masks show runs/ewt-sparse
        weft masks show runs/ewt-sparse --format json > masks.json

      Exit code 65: a file is damaged or no mask; 74: it cannot be read.
      """)

  @Argument(help: "Masks, trained models, or folders.", completion: .file())
  var masks: [String]

  @Flag(help: "Show every mask whole.")
  var details = false

  @Option(help: "text or json.")
  var format: MaskFormat = .text

  func run() throws {
    let report = MaskReport(try MaskSearch(withRounds: true).masks(at: masks))
    switch format {
    case .json: try StandardOutput.write(report.json())
    case .text where report.masks.count == 1: try StandardOutput.write(report.details())
    case .text:
      try StandardOutput.write(report.summary().text() + (details ? "\n" + report.details() : ""))
    }
  }
}
