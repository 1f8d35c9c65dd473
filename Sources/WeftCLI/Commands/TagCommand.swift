import ArgumentParser
import Foundation
import WeftCorpus
import WeftSpec
import WeftTrain

struct TagCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tag",
    abstract: "Tag text from standard input to standard output.",
    discussion: """
      All tasks are computed in one pass over one model. Sentences come out in the order in which they came in.

      Input: conll (the format and columns of the model's corpus; only words must be there), text (a sentence a line, \
      words separated by spaces), jsonl (a JSON object a line: {"words": ["A", "word"]}, further columns that \
      the model reads beside it, or just the array).
      Output: conll (the input with a column for each task; CoNLL-U gets keys in MISC), json (an object a line).

      EXAMPLES:
        echo 'Ann lives in Oslo .' | weft tag --model runs/tagger --input text
        weft tag --model runs/tagger --task ner < in.conll > out.conll
        weft tag --model runs/tagger --input text --output json --probabilities --nbest 3 < text.txt

      Exit code 65: the model or the input have problems; 74: a file cannot be read or written.
      """)

  enum Output: String, ExpressibleByArgument, CaseIterable { case conll, json }

  @Option(help: "The folder of a run, or a checkpoint.", completion: .file())
  var model: String

  @Option(
    help: "The model's compiled library, if it was built already; then no compiler is needed.",
    completion: .file())
  var library: String?

  @Option(
    name: .customLong("task"), help: ArgumentHelp("A task; may be given several times.", valueName: "name"))
  var tasks: [String] = []

  @Option(help: "conll, text or jsonl.")
  var input: SentenceSource.Format = .conll

  @Option(help: "conll or json.")
  var output: Output = .conll

  @Option(
    help: "With conll: the corpus of the spec whose format and columns the input has; the first if absent.")
  var corpus: String?

  @Flag(
    help: "Probabilities too: in json of every label, in conll of the chosen one; of a CRF its marginals.")
  var probabilities = false

  @Option(help: ArgumentHelp("With json: the most probable label sequences, so many.", valueName: "count"))
  var nbest = 0

  @Option(help: "Sentences that are read before they are tagged together; on a terminal 1.")
  var chunk: Int?

  @Option(help: "Threads.")
  var threads = 1

  @OptionGroup var verbosity: Verbosity

  func validate() throws {
    if threads < 1 { throw ValidationError("--threads must be at least 1.") }
    if nbest < 0 { throw ValidationError("--nbest must not be negative.") }
    if let chunk, chunk < 1 { throw ValidationError("--chunk must be at least 1.") }
    if nbest > 0, output != .json { throw ValidationError("--nbest needs --output json.") }
  }

  func run() async throws {
    let trained = try await verbosity.logger.model(
      URL(fileURLWithPath: model), library: library.map { URL(fileURLWithPath: $0) })
    let data = trained.spec.data
    guard let layout = corpus.map({ name in data.first { $0.name == name } }) ?? data.first else {
      throw Failure(
        .usage, error: "the model's spec has no corpus '\(corpus ?? "")'",
        help: "it has \(data.map(\.name).joined(separator: ", "))")
    }
    var options = TaggingOptions()
    options.tasks = tasks.isEmpty ? nil : tasks
    options.probabilities = probabilities
    options.alternatives = nbest
    if let chunk {
      options.chunk = chunk
    } else if Descriptor.isTerminal(0) {
      options.chunk = 1
    }
    var pipeline = try TaggingPipeline(trained, options: options, threads: threads)
    let labels = Dictionary(
      uniqueKeysWithValues: trained.spec.tasks.map { ($0.name, pipeline.labels(of: $0.name)) })
    var source = SentenceSource(input, layout: layout)
    var sink = BufferedOutput()
    let format = input == .conll ? layout.format : .conll
    try pipeline.run(
      next: {
        // What is written so far comes before the wait for more.
        if options.chunk == 1 { try sink.flush() }
        return try source.next()
      },
      write: { tagged in
        switch output {
        case .conll: try sink.write(tagged.conll(format: format, labels: labels))
        case .json: try sink.write(tagged.json(labels: labels))
        }
      })
    try sink.flush()
  }
}
