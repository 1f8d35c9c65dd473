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
    help: "A file in the format of the spec's first corpus; the dev and test data of the spec if absent.",
    completion: .file())
  var corpus: String?

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
      + "probabilities differ by at most \(result.largestGap), \(result.tolerance) is allowed\n"
      + "instruction set: \(result.instructionSet)\n"
    try StandardOutput.write(summary)
    guard result.isEqual else {
      throw Failure(
        .failure, error: "\(package) does not answer as \(checkpoint) does",
        help: "make the package again; if it differs still, this is a mistake in Weft: please report it")
    }
  }

  private func sentences(of subject: EvaluationSubject) throws -> [Sentence] {
    var loaded = subject.loaded
    if let corpus {
      guard var first = loaded.spec.data.first else { return [] }
      (first.train, first.dev, first.test) = ([], [], [URL(fileURLWithPath: corpus).path])
      loaded.spec.data = [first]
      // Labels are not looked at: columns that the file lacks are no mistake.
      loaded.spec.tasks = []
      let data = try ExperimentData(
        loaded, vocabularies: subject.trained.vocabularies, splits: [.test])
      return data.corpora(.test).flatMap(Self.sentences)
    }
    let data = try ExperimentData(
      loaded, vocabularies: subject.trained.vocabularies, splits: [.dev, .test])
    return [Split.dev, .test].flatMap { data.corpora($0) }.flatMap(Self.sentences)
  }

  /// Words only: what a package looks up by other columns is unknown to it here, and must be to the model.
  private static func sentences(_ corpus: EncodedCorpus) -> [Sentence] {
    (0..<corpus.sentenceCount).map { Sentence(words: corpus.corpus[$0].words) }
  }
}
