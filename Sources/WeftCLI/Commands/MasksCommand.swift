import ArgumentParser

struct MasksCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "masks",
    abstract: "Look at masks, compare them, make them, and bring in masks made elsewhere.",
    discussion: """
      A mask says which weights of a network a task uses: its subnet. Training by `sharing: sparse` finds them; here \
      they are things of their own. docs/masks.md describes the file.

      EXAMPLES:
        weft masks show runs/ewt-sparse
        weft masks overlap runs/ewt-sparse
        weft masks set ewt.yaml --task ner --random 0.5 -o masks/ner.safetensors
        weft masks import ewt.yaml --task ner mine.safetensors -o masks/ner.safetensors
      """,
    subcommands: [
      MasksShowCommand.self, MasksOverlapCommand.self, MasksSetCommand.self, MasksImportCommand.self,
    ])
}

/// How masks are shown.
enum MaskFormat: String, ExpressibleByArgument, CaseIterable { case text, json }
