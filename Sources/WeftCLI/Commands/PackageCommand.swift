import ArgumentParser
import Foundation
import Logging
import WeftCodegen
import WeftCorpus
import WeftPackage
import WeftReport
import WeftRuntime
import WeftSpec
import WeftTrain

struct PackageCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "package",
    abstract: "Make a trained model a part of any program: C without dependencies, with bindings.",
    discussion: """
      Writes a folder that stands alone: a header, one C file for all instruction sets, the weights, a Makefile, \
      CMake, SwiftPM and Python packages, a command-line tagger, and tests. Equal models and options give equal bytes.

      Weights that are stored in fewer bits are tried out on the dev data first; what the score changes is printed, \
      and a drop beyond --max-score-drop is refused.

      EXAMPLES:
        weft package tagger.yaml --checkpoint runs/tagger -o tagger
        weft package tagger.yaml --weights int8 --max-score-drop 0.2 -o tagger
        weft package tagger.yaml --only c,python --license data/LICENSE.txt -o tagger

      Exit code 1: the score drops too far; 65: the spec and the checkpoint do not belong together; 74: a file cannot \
      be read or written.
      """)

  @Argument(help: "The spec, the folder of a run, or a checkpoint.", completion: .file())
  var model: String

  @Option(
    help: "With a spec: the checkpoint, or the folder of the run; runs/NAME if absent.", completion: .file())
  var checkpoint: String?

  @Option(
    name: .customLong("set"),
    help: ArgumentHelp("With a spec: change a value of it.", valueName: "key=value"))
  var overrides: [String] = []

  @Option(name: .shortAndLong, help: "The folder to write; NAME if absent.", completion: .directory)
  var output: String?

  @Option(
    help: ArgumentHelp(
      "For whom: c, cmake, swift, python, with commas between; all if absent. The C library is always there.",
      valueName: "names"))
  var only: BindingList?

  @Option(help: "How weights are stored: fp32, bf16 or int8.")
  var weights: PackageWeights = .fp32

  @Option(
    help: ArgumentHelp(
      "With bf16 or int8: by how many points any task's dev score may drop.", valueName: "points"))
  var maxScoreDrop = 0.5

  @Option(
    name: .customLong("license"),
    help: ArgumentHelp(
      "A licence that goes into LICENSES/, besides those that lie beside the data. May be given several times.",
      valueName: "file"),
    completion: .file())
  var licences: [String] = []

  @Option(
    help: ArgumentHelp(
      "Also write a rule for make and ninja: what the package's code and weights were made from.",
      valueName: "file"),
    completion: .file())
  var depfile: String?

  @Option(help: "Threads for scoring.")
  var threads = 1

  @OptionGroup var verbosity: Verbosity

  func validate() throws {
    if threads < 1 { throw ValidationError("--threads must be at least 1.") }
    if !(maxScoreDrop >= 0) { throw ValidationError("--max-score-drop must not be negative.") }
  }

  func run() async throws {
    let logger = verbosity.logger
    let subject = try await EvaluationSubject(
      model, checkpoint: checkpoint, overrides: overrides, logger: logger)
    let folder = PackageFolder(URL(fileURLWithPath: output ?? subject.trained.spec.name))
    try folder.checkReplaceable()
    let source = try TrainedWeights(subject.trained, contentsOf: subject.url)
    let encoded = try source.encoded(as: weights)
    let scores = weights == .fp32 ? subject.trained.scores : try scores(of: encoded, source, subject)
    let licences = try LicenceFile.collect(subject.loaded, named: licences)
    if licences.isEmpty {
      StandardError.write(
        "warning: no licence or notice lies beside the data of the spec, so none travels with the package\n"
          + "  help: name the terms of the data: --license FILE")
    }
    let package = try await logger.timed("generated the package") {
      try TaggerPackage(
        source, weights: encoded, scores: scores, bindings: only?.bindings ?? Set(PackageBinding.allCases),
        licences: licences)
    }
    try folder.write(package.files)
    if let depfile { try writeDependencies(to: depfile, of: folder, subject) }
    try StandardOutput.write(
      "\(RelativePath.shortest(folder.url)): \(package.files.count) files, \(package.interface.names.prefix)_… in C"
        + "\n\n" + (await sizes(of: folder, package, logger)))
  }

  /// `tiny/tiny.c tiny/tiny.h tiny/tiny.weights: tiny.yaml runs/tiny/model.safetensors`, and a rule without commands for
  /// each source, so that a file that is gone is no error.
  private func writeDependencies(
    to path: String, of folder: PackageFolder, _ subject: EvaluationSubject
  ) throws {
    func escaped(_ path: String) -> String {
      path.replacing("$", with: "$$").replacing("#", with: "\\#").replacing(" ", with: "\\ ")
    }
    let name = subject.trained.spec.name
    let output = output ?? name
    let targets = ["c", "h", "weights"].map { escaped(RelativePath.join(output, "\(name).\($0)")) }
    var isFolder: ObjCBool = false
    let isRun =
      FileManager.default.fileExists(atPath: subject.url.path, isDirectory: &isFolder) && isFolder.boolValue
    let weights = RelativePath.shortest(isRun ? RunFolder(subject.url).model : subject.url)
    let isSpec = URL(fileURLWithPath: model).standardizedFileURL != subject.url.standardizedFileURL
    let sources = ((isSpec ? [model] : []) + [weights] + licences).map(escaped)
    let rules = sources.map { "\($0):\n" }.joined()
    try TextFile.write(
      "\(targets.joined(separator: " ")): \(sources.joined(separator: " "))\n\n\(rules)", to: path)
  }

  /// Scores of the rounded weights, after what they change is printed.
  private func scores(
    of encoded: EncodedWeights, _ source: TrainedWeights, _ subject: EvaluationSubject
  ) throws -> [String: [String: Double]] {
    let rounded = try source.model(encoded)
    var scores: [String: [String: Double]] = [:]
    var table = TextTable([.init("task", .left), .init("fp32"), .init(weights.rawValue), .init("change")])
    var worst: (task: String, drop: Double)?
    for split in [Split.dev, .test] {
      let data = try ExperimentData(
        subject.loaded, vocabularies: subject.trained.vocabularies, splits: [split])
      let corpora = data.corpora(split)
      if corpora.isEmpty {
        guard split == .test else {
          throw Failure(
            .badInput,
            error: "the spec names no dev files, so nobody knows what \(weights.rawValue) does to scores",
            help: "name dev files, or leave the weights in fp32")
        }
        continue
      }
      let now = try rounded.evaluate(corpora, threads: threads)
      scores[split.rawValue] = now.values
      guard split == .dev else { continue }
      let before = try subject.trained.evaluate(corpora, threads: threads)
      for (old, new) in zip(before.tasks, now.tasks) {
        let change = 100 * (new.score.value - old.score.value)
        table.add([
          old.task, points(100 * old.score.value), points(100 * new.score.value),
          (change > 0 ? "+" : "") + points(change),
        ])
        if -change > worst?.drop ?? -.infinity { worst = (old.task, -change) }
      }
    }
    try StandardOutput.write("dev scores with the weights in \(weights.rawValue):\n\(table.text())\n")
    if let worst, worst.drop > maxScoreDrop {
      throw Failure(
        .failure,
        error:
          "\(weights.rawValue) costs task \(worst.task) \(points(worst.drop)) points; \(points(maxScoreDrop)) are "
          + "allowed, so nothing is written",
        help: "choose bf16 or fp32, or allow more with --max-score-drop")
    }
    return scores
  }

  private func points(_ value: Double) -> String { Quantity.fixed(value, 2) }

  /// A table of sizes; without a compiler what is known without one.
  private func sizes(of folder: PackageFolder, _ package: TaggerPackage, _ logger: Logger) async -> String {
    var table = TextTable([.init("size", .left), .init("bytes")])
    func add(_ name: String, _ bytes: Int) { table.add([name, Quantity.count(bytes)]) }
    for (part, bytes) in package.blob.sizes.sorted(by: { $0.key < $1.key }) { add("weights: \(part)", bytes) }
    add("weights, all", package.blob.bytes.count)
    do {
      let sizes = try await PackageSizes(of: folder, compiler: logger.compiler())
      add("code, all instruction sets", sizes.code)
      add("memory of the open model", sizes.model)
      add("memory of a session", sizes.session)
      add("… for sentences of 100 tokens", sizes.smallSession)
    } catch {
      StandardError.write(
        "warning: the sizes of code and memory are not known, for the package was not compiled: "
          + (Failure(error)?.message ?? "\(error)"))
    }
    return table.text()
  }
}

/// The value of `--only`.
struct BindingList: ExpressibleByArgument {
  var bindings: Set<PackageBinding>

  init?(argument: String) {
    let names = argument.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
    let known = names.compactMap(PackageBinding.init(rawValue:))
    guard !names.isEmpty, known.count == names.count else { return nil }
    bindings = Set(known)
  }

  static var allValueStrings: [String] { PackageBinding.allCases.map(\.rawValue) }
}

extension PackageWeights: ExpressibleByArgument {}
