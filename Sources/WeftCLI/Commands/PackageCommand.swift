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
        weft package tagger.yaml --fold-words 32M -o tagger
        weft package tagger.yaml --costs here.costs -o tagger
        weft package tagger.yaml --only c,python --license data/LICENSE.txt -o tagger
        weft package tagger.yaml --check -o tagger    is the folder up to date?

      Exit code 1: the score drops too far, or --check finds a difference; 65: the spec and the checkpoint do not belong together; 74: a file cannot \
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

  @Flag(
    help: """
      With fp32: processors with tiles (AMX) multiply weights and inputs as sums of two numbers in bf16, which is within \
      2e-5 of what is added up. Others compute in fp32.
      """)
  var split = false

  @Option(
    help: ArgumentHelp(
      "Memory of an open model for words whose products with weights are known beforehand, e.g. 32M; 0 for none.",
      valueName: "bytes"))
  var foldWords = ByteCount(PackageContents.defaultFoldedBytes)

  @Option(
    help: ArgumentHelp(
      "A table of costs that `weft tune` wrote, by which forms of matrices are chosen; the built-in one if absent.",
      valueName: "file"),
    completion: .file())
  var costs: String?

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

  @Flag(help: "Write nothing: is the folder the package that would be written? Exit code 1 if not.")
  var check = false

  @Option(help: "Threads for scoring.")
  var threads = 1

  @OptionGroup var verbosity: Verbosity

  func validate() throws {
    if threads < 1 { throw ValidationError("--threads must be at least 1.") }
    if split && weights != .fp32 { throw ValidationError("--split is for --weights fp32.") }
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
        source, weights: encoded, scores: scores, foldedBytes: foldWords.bytes,
        costs: CostTable(at: costs), splits: split,
        bindings: only?.bindings ?? Set(PackageBinding.allCases),
        licences: licences)
    }
    if check { return try compare(folder, with: package) }
    try folder.write(package.files)
    if let depfile {
      let dependencies = PackageDependencies(of: subject, licences: self.licences)
      let name = subject.trained.spec.name
      try TextFile.write(dependencies.rule(for: output ?? name, name: name), to: depfile)
    }
    try StandardOutput.write(
      "\(RelativePath.shortest(folder.url)): \(package.files.count) files, \(package.interface.names.prefix)_… in C"
        + "\n\n" + (await sizes(of: folder, package, logger)))
  }

  /// For CI: a package that is checked in must be what its spec, checkpoint and this version of Weft give.
  private func compare(_ folder: PackageFolder, with package: TaggerPackage) throws {
    let stale = folder.differences(from: package.files)
    let path = RelativePath.shortest(folder.url)
    guard stale.isEmpty else {
      throw Failure(
        .failure,
        error: "\(path) is not the package that would be written: "
          + stale.prefix(5).joined(separator: ", ") + (stale.count > 5 ? ", …" : ""),
        help: "write it again with the same command without --check")
    }
    try StandardOutput.write("\(path): \(package.files.count) files as they would be written\n")
  }

  /// Scores of the rounded weights, after what they change is printed.
  private func scores(
    of encoded: EncodedWeights, _ source: TrainedWeights, _ subject: EvaluationSubject
  ) throws -> [String: [String: Double]] {
    let rounded = try source.model(encoded)
    var scores: [String: [String: Double]] = [:]
    var table = TextTable([.init("task", .left), .init("fp32"), .init(weights.rawValue), .init("change")])
    var changes: [ScoreChange] = []
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
        let change = ScoreChange(task: old.task, before: old.score.value, after: new.score.value)
        changes.append(change)
        table.add([
          old.task, points(100 * change.before), points(100 * change.after),
          (change.drop < 0 ? "+" : "") + points(0 - change.drop),
        ])
      }
    }
    try StandardOutput.write("dev scores with the weights in \(weights.rawValue):\n\(table.text())\n")
    try ScoreChange.check(changes, weights: weights, limit: maxScoreDrop)
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

/// The value of `--fold-words`: a number, with K, M or G for powers of 1024.
struct ByteCount: ExpressibleByArgument {
  var bytes: Int

  init(_ bytes: Int) { self.bytes = bytes }

  init?(argument: String) {
    let units: [Character: Int] = ["k": 10, "m": 20, "g": 30]
    let shift = argument.last.flatMap { units[Character($0.lowercased())] }
    guard let number = Int(shift == nil ? argument[...] : argument.dropLast()), number >= 0 else {
      return nil
    }
    let (product, isTooMuch) = number.multipliedReportingOverflow(by: 1 << (shift ?? 0))
    guard !isTooMuch else { return nil }
    bytes = product
  }

  var defaultValueDescription: String { bytes % (1 << 20) == 0 ? "\(bytes >> 20)M" : "\(bytes)" }
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
