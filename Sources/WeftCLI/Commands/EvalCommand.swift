import ArgumentParser
import Foundation
import WeftCorpus
import WeftReport
import WeftRuntime
import WeftSpec
import WeftTrain

struct EvalCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "eval",
    abstract: "Score a trained model on dev, test or another file.",
    discussion: """
      Works on the folder of a run, on a checkpoint, or on a spec, whose data are then compared with what the \
      checkpoint was trained for. All tasks are scored in one pass over one model.

      EXAMPLES:
        weft eval runs/tagger
        weft eval runs/tagger --split dev --per-type --confusion
        weft eval runs/tagger --split news.conll --format json > scores.json
        weft eval runs/tagger --by-domain
        weft eval tagger.yaml --checkpoint runs/tagger/best.safetensors

      Exit code 65: the data, the spec or the checkpoint have problems, or do not belong together; 74: a file cannot \
      be read.
      """)

  @Argument(help: "The folder of a run, a checkpoint, or a spec.", completion: .file())
  var model: String

  @Option(
    help: "With a spec: the checkpoint, or the folder of the run; runs/NAME if absent.", completion: .file())
  var checkpoint: String?

  @Option(
    name: .customLong("set"),
    help: ArgumentHelp("With a spec: change a value of it.", valueName: "key=value"))
  var overrides: [String] = []

  @Option(
    help: ArgumentHelp("What to score: train, dev, test, or a labelled file.", valueName: "split|file"),
    completion: .file())
  var split = "test"

  @Option(help: "With a file: the corpus of the spec whose format and columns it has; the first if absent.")
  var corpus: String?

  @OptionGroup var form: ScoreForm

  @Option(help: "Threads.")
  var threads = 1

  @OptionGroup var verbosity: Verbosity

  func validate() throws {
    if threads < 1 { throw ValidationError("--threads must be at least 1.") }
  }

  func run() async throws {
    let subject = try await EvaluationSubject(
      model, checkpoint: checkpoint, overrides: overrides, logger: verbosity.logger)
    let data = try data(of: subject)
    StandardError.write(data.warnings.filter { $0.severity == .error }.rendered())
    let part = Split(rawValue: split) ?? .test
    let corpora = data.corpora(part)
    guard !corpora.isEmpty else {
      throw Failure(
        .badInput, error: "the spec names no \(part.rawValue) files",
        help: "name a file: --split FILE, or another split")
    }
    if form.byDomain, !corpora.contains(where: { $0.corpus.domains != nil }) {
      let isFile = Split(rawValue: split) == nil
      throw Failure(
        .badInput,
        error: isFile
          ? "\(split) tells no domains: a table of domains is of the files of the spec"
          : "the spec splits no corpus in domains",
        help: isFile
          ? "tell them by comments, 'domains: {comment: genre}'"
          : "add 'domains: {file: …}' or 'domains: {comment: …}' to a corpus")
    }
    let evaluation: Evaluation
    if form.rawTags {
      evaluation = try subject.rawEvaluation(corpora, threads: threads)
    } else {
      evaluation = try subject.trained.evaluate(corpora, threads: threads)
    }
    try form.write(evaluation)
  }

  private func data(of subject: EvaluationSubject) throws -> ExperimentData {
    var loaded = subject.loaded
    let isSplit = Split(rawValue: split) != nil
    if !isSplit {
      guard let chosen = corpus.map({ loaded.spec.corpus(named: $0) }) ?? loaded.spec.data.first else {
        throw Failure(
          .usage, error: "the spec has no corpus '\(corpus ?? "")'",
          help: "it has \(loaded.spec.data.map(\.name).joined(separator: ", "))")
      }
      var file = chosen
      (file.train, file.dev, file.test) = ([], [], [URL(fileURLWithPath: split).path])
      // Numbers of sentences in a table are those of the spec's files.
      if case .file = file.domains { file.domains = nil }
      loaded.spec.data = [file]
      loaded.spec.tasks = loaded.spec.tasks.filter { $0.data == file.name }
    }
    return try ExperimentData(
      loaded, vocabularies: subject.trained.vocabularies, splits: [Split(rawValue: split) ?? .test],
      keepsAllDomains: form.byDomain)
  }
}
