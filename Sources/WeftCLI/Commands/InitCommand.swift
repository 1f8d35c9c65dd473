import ArgumentParser
import Foundation
import WeftCorpus
import WeftReport
import WeftRuntime

struct InitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init",
    abstract: "Look at a corpus and write a commented starter spec for it.",
    discussion: """
      Guesses the format, which column holds the words, which hold labels, their tag schemes and metrics, and finds \
      the dev and test files beside a training file by their names.

      EXAMPLES:
        weft init data/train.conll                     print the spec
        weft init data/train.conllu -o tagger.yaml     write it; its paths are relative to its folder

      Exit code 65: the file is no corpus; 74: it cannot be read, or the spec cannot be written.
      """)

  @Argument(help: "A training file in CoNLL, CoNLL-U or TSV form.", completion: .file())
  var file: String

  @Option(
    name: .shortAndLong, help: "Where to write the spec; standard output if absent.", completion: .file())
  var output: String?

  @Flag(help: "Replace the output file if it exists.")
  var force = false

  func run() throws {
    if let output, !force, FileManager.default.fileExists(atPath: output) {
      throw Failure(
        .inputOutput, error: "\(output) exists", help: "choose another name, or replace it with --force")
    }
    let inspection = try CorpusInspection(path: file)
    let siblings = CorpusSiblings(of: file)
    let folder = output.map { RelativePath.folder(of: $0) } ?? ""
    func written(_ path: String) -> String { RelativePath.path(path, from: folder) }
    let starter = StarterSpec(
      inspection, name: output.map(RelativePath.stem) ?? siblings.commonName, train: written(file),
      dev: siblings.dev.map(written), test: siblings.test.map(written))
    guard let output else { return try StandardOutput.write(starter.text()) }
    try TextFile.write(starter.text(), to: output)
    try StandardOutput.write("\(output)\n")
  }
}
