import ArgumentParser
import WeftCorpus
import WeftSpec
import WeftTrain

struct ScoreCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "score",
    abstract: "Score a file that holds gold and predicted tags side by side; no model is needed.",
    discussion: """
      The columns are separated as in CoNLL files; sentences by empty lines. As for conlleval, gold tags are in the \
      last column but one, and predicted ones in the last, unless columns are named.

      EXAMPLES:
        weft score tagged.conll
        weft score tagged.conll --raw-tags --per-type         exactly the counts of conlleval
        weft score tagged.conll --gold 2 --found 6 --scheme none

      Exit code 65: the file is no such file; 74: it cannot be read.
      """)

  @Argument(help: "The file.", completion: .file())
  var file: String

  @Option(help: ArgumentHelp("Column of the gold tags, from 0.", valueName: "column"))
  var gold: Int?

  @Option(help: ArgumentHelp("Column of the predicted tags, from 0.", valueName: "column"))
  var found: Int?

  @Option(help: "Scheme of the gold tags: iob1, bio, bioes, or none for labels that are no spans.")
  var scheme: TagScheme = .bio

  @OptionGroup var form: ScoreForm

  func run() throws {
    let columns = try CorpusInspection(path: file).columns.count
    guard columns >= 2 else {
      throw Failure(
        .badInput, error: "\(file) has only one column", help: "gold and predicted tags are needed")
    }
    let (gold, found) = (gold ?? columns - 2, found ?? columns - 1)
    for column in [gold, found] where !(0..<columns).contains(column) {
      throw Failure(.usage, error: "there is no column \(column): \(file) has columns 0 to \(columns - 1)")
    }
    let spec = CorpusSpec(
      name: "file",
      columns: [("word", 0), ("gold", gold), ("found", found)].map {
        ColumnSpec(name: $0.0, source: .index($0.1))
      })
    let corpus = try Corpus.read(spec, paths: [file])
    let score = try score(corpus)
    try form.write(Evaluation(tasks: [TaskEvaluation(task: "found", number: 0, score: score)]))
  }

  private func score(_ corpus: Corpus) throws(Failure) -> Score {
    var ordinary = Scorer(metric: scheme == .none ? .accuracy : .spanF1, scheme: scheme)
    var raw = RawTagScorer()
    for sentence in 0..<corpus.sentenceCount {
      let gold = corpus.values("gold", of: sentence)
      var found: [String] = []
      for (token, tag) in zip(corpus.tokens(of: sentence), corpus.values("found", of: sentence)) {
        guard let tag else {
          let place = corpus.location(ofToken: token)
          throw Failure(.badInput, "\(place.path):\(place.line):1: error: this token has no predicted tag")
        }
        found.append(tag)
      }
      if form.rawTags {
        raw.add(gold: gold, predicted: found)
      } else {
        ordinary.add(gold: gold, predicted: found)
      }
    }
    return form.rawTags ? raw.score : ordinary.score
  }
}

extension TagScheme: ExpressibleByArgument {}
