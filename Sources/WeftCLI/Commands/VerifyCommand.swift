import ArgumentParser
import Foundation
import WeftCorpus
import WeftPackage
import WeftReport
import WeftRuntime
import WeftSpec
import WeftTrain

struct VerifyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Check a package against the model that it was made from, tag by tag.",
    discussion: """
      Compiles the C of the package, tags a corpus through its public functions, and compares every tag with what \
      the trained model gives, and every probability to within --tolerance. The weights must be those of the \
      checkpoint to the bit.

      EXAMPLES:
        weft verify tagger --checkpoint runs/tagger
        weft verify tagger --checkpoint runs/tagger --corpus news.conll

      Exit code 1: the answers differ; 65: the package is not of this checkpoint.
      """)

  @Argument(help: "The folder of the package.", completion: .directory)
  var package: String

  @Option(help: "The folder of the run, or the checkpoint.", completion: .file())
  var checkpoint: String

  @Option(
    name: .customLong("corpus"),
    help: ArgumentHelp(
      "A file in the format of the spec's first corpus, of which only words must be there; may be given several "
        + "times. If absent, the dev and test data of the spec.",
      valueName: "file"),
    completion: .file())
  var corpora: [String] = []

  @Option(help: "How far probabilities may differ.")
  var tolerance: Float = 1e-4

  @OptionGroup var verbosity: Verbosity

  func run() async throws {
    let logger = verbosity.logger
    let folder = PackageFolder(URL(fileURLWithPath: package))
    _ = try PackageManifest(folder: folder.url)
    let subject = try await EvaluationSubject(checkpoint, checkpoint: nil, overrides: [], logger: logger)
    let source = try TrainedWeights(subject.trained, contentsOf: subject.url)
    let sentences = try sentences(of: subject)
    guard !sentences.isEmpty else {
      throw Failure(
        .badInput, error: "there are no sentences to compare", help: "name a file: --corpus FILE")
    }
    let result = try await PackageVerification(
      of: folder, against: source, on: sentences, tolerance: tolerance, compiler: logger.compiler())
    for difference in result.differences {
      StandardError.write(
        "sentence \(difference.sentence + 1), token \(difference.token + 1) '\(difference.word)': task "
          + "\(difference.task): the package says \(difference.package), the model \(difference.model)")
    }
    let summary =
      "\(Quantity.count(result.sentences)) sentences, \(Quantity.count(result.tokens)) tokens, "
      + "\(Quantity.count(result.tags)) tags: \(Quantity.count(result.differentTags)) differ\n"
      + (result.tiedTags == 0
        ? ""
        : "\(Quantity.count(result.tiedTags)) more where the model finds both labels as probable, to within the same\n")
      + "probabilities differ by at most \(result.largestGap), \(result.tolerance) is allowed\n"
      + "instruction set: \(result.instructionSet)\n"
      + (result.rounded.map {
        "\($0.instructionSet), which rounds inputs too: \(Quantity.count($0.differentTags)) differ, "
          + "\(Quantity.count(result.mostRounded)) may\n"
      } ?? "")
    try StandardOutput.write(summary)
    guard result.isEqual else {
      throw Failure(
        .failure, error: "\(package) does not answer as \(checkpoint) does",
        help: "make the package again; if it differs still, this is a mistake in Weft: please report it")
    }
    guard result.isRoundedWell else {
      throw Failure(
        .failure, error: "rounding of inputs changes too many tags of \(package)",
        help:
          "weights in more bits (weft package --weights) change fewer, and so does a model that is trained longer"
      )
    }
  }

  /// Sentences with the columns that the model reads; labels are not looked at, so that files may lack them.
  private func sentences(of subject: EvaluationSubject) throws -> [Sentence] {
    let data = subject.loaded.spec.data
    if !corpora.isEmpty {
      guard let layout = data.first else { return [] }
      return try corpora.flatMap { try Self.sentences(URL(fileURLWithPath: $0).path, layout) }
    }
    let base = URL(fileURLWithPath: subject.loaded.baseDirectory, isDirectory: true)
    return try data.flatMap { corpus in
      try (corpus.dev + corpus.test).flatMap { file in
        try Self.sentences(URL(fileURLWithPath: file, relativeTo: base).path, corpus)
      }
    }
  }

  private static func sentences(_ path: String, _ layout: CorpusSpec) throws -> [Sentence] {
    var reader = try SentenceReader(path: path, spec: layout)
    var sentences: [Sentence] = []
    while let sentence = try reader.next() { sentences.append(sentence) }
    return sentences
  }
}
