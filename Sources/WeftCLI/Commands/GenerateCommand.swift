import ArgumentParser
import WeftCodegen
import WeftRuntime
import WeftTrain

struct GenerateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "generate",
    abstract: "Write the C of a spec's network: inference and training.",
    discussion: """
      The data are read too, since the sizes of vocabularies are constants of the code. Equal specs, data and options \
      give equal bytes.

      EXAMPLES:
        weft generate tagger.yaml -o Generated/tagger
        weft generate tagger.yaml --isa avx2,portable

      Exit code 65: the spec or its data have problems; 74: a file cannot be read or written.
      """)

  @OptionGroup var spec: SpecArguments

  @Option(
    name: .shortAndLong, help: "The folder to write to; Generated/NAME if absent.", completion: .directory)
  var output: String?

  @Option(
    help: ArgumentHelp(
      "Instruction sets to write code for, best first, with commas between; all if absent.",
      valueName: "names"))
  var isa: InstructionSetList?

  func run() throws {
    let loaded = try spec.load()
    let experiment = try ExperimentData(loaded)
    StandardError.write(experiment.warnings.rendered())
    let design = try NetworkDesign(spec: loaded.spec, vocabularies: experiment.vocabularies)
    let generator = design.generator(instructionSets: isa?.sets ?? CodegenOptions().instructionSets)
    var files = try generator.inferenceFiles() + generator.trainingFiles()
    files.append(
      GeneratedFile(name: "\(loaded.spec.name).json", contents: loaded.spec.resolvedJSON() + "\n"))
    let folder = output ?? "Generated/\(loaded.spec.name)"
    try TextFile.createFolder(folder)
    var written: [String] = []
    for file in files where !written.contains(file.name) {
      try TextFile.write(file.contents, to: RelativePath.join(folder, file.name))
      written.append(file.name)
    }
    try StandardOutput.write(written.map { RelativePath.join(folder, $0) + "\n" }.joined())
  }
}
