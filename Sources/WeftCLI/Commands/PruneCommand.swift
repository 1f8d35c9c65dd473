import ArgumentParser
import Foundation
import WeftReport
import WeftSpec
import WeftTrain

struct PruneCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "prune",
    abstract: "Find the subnets of tasks by iterative magnitude pruning.",
    discussion: """
      The second stage of a spec with `sharing: sparse`. Each round trains a task from the warm-up's weights under its \
      mask, and removes the weights of smallest magnitude from the mask. The masks of all rounds, with their dev \
      scores, are in prune/TASK/ in the folder of the whole run; `weft train` chooses among them by \
      sharing.prune.select, and prunes tasks that are not finished. Tasks may be pruned by commands side by side.

      EXAMPLES:
        weft prune sparse.yaml --task ner
        weft prune sparse.yaml -o runs/sparse --jobs 2
        weft prune sparse.yaml --task ner --resume

      Exit code 65: the spec or its data have problems, or the folder holds stages of another spec; \
      69: no C compiler; 74: there is no warm-up, or a file cannot be read or written; 130: stopped by Ctrl-C.
      """)

  @OptionGroup var stage: StageArguments

  @Option(
    name: .customLong("task"),
    help: ArgumentHelp("A task; may be given several times. All if absent.", valueName: "name"))
  var tasks: [String] = []

  @Option(help: "Tasks that are pruned side by side.")
  var jobs = 1

  func validate() throws {
    if jobs < 1 { throw ValidationError("--jobs must be at least 1.") }
  }

  func run() async throws {
    let (experiment, folder) = try await stage.experiment()
    let names = tasks.isEmpty ? experiment.spec.tasks.map(\.name) : tasks
    let run = experiment.prune(names, in: folder, start: stage.start, jobs: jobs)
    let words = ["prune"] + tasks.flatMap { ["--task", $0] } + (jobs > 1 ? ["--jobs", String(jobs)] : [])
    try await stage.finish(run, folder, command: words)
    let training = StagedTraining(experiment: experiment, folder: folder)
    for name in names {
      try RunOrigin(of: experiment.data.loaded).write(into: folder.pruning(task: name))
      try StandardOutput.write(table(training.rounds(of: name), experiment.spec.sharing.prune.select))
    }
  }

  private func table(_ record: PruningRecord, _ selection: PruneSpec.Selection) -> String {
    // Without dev scores there may be no choice yet, and the rounds are there nevertheless.
    let chosen = try? record.choice(selection)
    var table = TextTable([
      .init(record.task, .left), .init("density %"), .init("weights"), .init("dev"), .init("", .left),
    ])
    for round in record.rounds {
      table.add([
        "round \(round.number)", Quantity.percent(round.density), Quantity.count(round.kept),
        round.score.map { Quantity.percent($0) } ?? "", round == chosen ? "chosen" : "",
      ])
    }
    return table.text()
  }
}
