import ArgumentParser
import WeftReport

struct MasksOverlapCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "overlap",
    abstract: "Compare masks: how many weights they share, in pairs and all together.",
    discussion: """
      The overlap ratio OR is the number of weights that all masks use over the number that any uses; beside it stands \
      the value to expect of independent masks. Takes mask files, folders of them, a trained model that carries \
      masks, or the folder of a run, whose chosen masks are compared.

      EXAMPLES:
        weft masks overlap masks/pos.safetensors masks/ner.safetensors
        weft masks overlap runs/ewt-sparse
        weft masks overlap runs/ewt-sparse --format json

      Exit code 65: a file is damaged or no mask, or the masks are of different networks; 74: one cannot be read.
      """)

  @Argument(help: "Masks, a trained model, or a folder.", completion: .file())
  var masks: [String]

  @Option(help: "text or json.")
  var format: MaskFormat = .text

  func run() throws {
    let report = try OverlapReport(MaskSearch(withRounds: false).masks(at: masks))
    try StandardOutput.write(format == .json ? report.json() : report.text())
  }
}
