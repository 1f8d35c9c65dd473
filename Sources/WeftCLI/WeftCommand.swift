import ArgumentParser
import WeftCodegen

struct WeftCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "weft",
    abstract: "A compiler for multi-task sequence taggers.",
    discussion: """
      One YAML spec says which tasks to learn from which columns of which files, and by what network. Weft turns it \
      into C for exactly that network, compiles it, trains it, scores it and tags text with it.

      EXAMPLES:
        weft init train.conll -o tagger.yaml   write a starter spec for a corpus
        weft check tagger.yaml                 find mistakes; show the network's size
        weft train tagger.yaml -o runs/first   train; score dev and test
        weft tag --model runs/first --input text < text.txt

      \(ExitStatus.documentation)
      """,
    version: "weft \(weftVersion)",
    subcommands: [
      CheckCommand.self, InitCommand.self, SchemaCommand.self, GenerateCommand.self, BuildCommand.self,
      TrainCommand.self, WarmupCommand.self, PruneCommand.self, CompareCommand.self, EvalCommand.self,
      ScoreCommand.self, TagCommand.self, InspectCommand.self,
      PackageCommand.self, ExplainCommand.self, TuneCommand.self, VerifyCommand.self, TraceCommand.self,
      MasksCommand.self,
    ])
}
