import ArgumentParser
import Foundation
import WeftReport
import WeftRuntime
import WeftTrain

struct WarmupCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "warmup",
    abstract: "Run the multi-task warm-up of sparse sharing.",
    discussion: """
      The first stage of a spec with `sharing: sparse`: hard sharing of all tasks for sharing.warmup epochs, of which \
      the last one counts. The run is in warmup/ in the folder of the whole run; pruning and training under masks \
      start from its weights. `weft train` runs it unless it is finished.

      EXAMPLES:
        weft warmup sparse.yaml
        weft warmup sparse.yaml -o runs/sparse --resume

      Exit code 65: the spec or its data have problems, or the folder holds the warm-up of another spec; \
      69: no C compiler; 74: a file cannot be read or written; 130: stopped by Ctrl-C.
      """)

  @OptionGroup var stage: StageArguments

  func run() async throws {
    let (experiment, folder) = try await stage.experiment()
    let run = experiment.warmUp(in: folder, start: stage.start)
    try await stage.finish(run, folder, command: ["warmup"])
    try RunOrigin(of: experiment.data.loaded).write(into: folder.warmup)
    let scores = try Checkpoint(contentsOf: folder.warmup.model).scores["dev"]
    if let scores {
      let table = ScoreTable(
        columns: ["dev"],
        rows: experiment.spec.tasks.map { task in
          ScoreTable.Row(
            name: task.name, metric: task.metric.rawValue, values: [scores[task.name].map { [$0] } ?? []])
        })
      try StandardOutput.write(table.text())
    }
    stage.say("the model is \(RelativePath.shortest(folder.warmup.model))")
  }
}
