import ArgumentParser
import Foundation
import WeftRuntime

struct MasksImportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Make a mask from tensors of zeros and ones that another program wrote.",
    discussion: """
      The file is safetensors, with a tensor for each prunable parameter that the task reaches, under the parameter's \
      name, in its shape (that of a convolution may be [filters × rest]), of any numeric type. `weft check` lists \
      names and shapes.

      EXAMPLES:
        weft masks import ewt.yaml --task ner mine.safetensors -o masks/ner.safetensors
        weft masks import ewt.yaml --task ner encoder-only.safetensors --fill ones -o masks/ner.safetensors

      Exit code 65: the file does not fit the spec's network, or holds other values than 0 and 1; 74: a file cannot be \
      read or written.
      """)

  @OptionGroup var spec: SpecArguments

  @Argument(help: "The tensors.", completion: .file())
  var file: String

  @Option(help: "The task that the mask is for.")
  var task: String

  @Option(help: "ones or zeros: what to take for parameters that the file does not have.")
  var fill: Mask.Fill?

  @Option(name: .shortAndLong, help: "The mask to write.", completion: .file())
  var output: String

  func run() throws {
    let subject = try MaskSubject(spec, task: task)
    let mask = try Mask(
      importing: URL(fileURLWithPath: file), layout: subject.layout, reached: subject.reached, fill: fill)
    try subject.write(mask, to: output, madeBy: "import \(RelativePath.stem(of: file))")
  }
}

extension Mask.Fill: ExpressibleByArgument {}
