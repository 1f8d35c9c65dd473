import ArgumentParser
import Foundation
import WeftReport
import WeftSpec
import WeftTrain

struct TrainCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Train the network of a spec; score dev and test.",
    discussion: """
      The folder of the run holds the model (model.safetensors), its scores (results.json), a log with a JSON object \
      a line (log.jsonl), and the state to go on from (state.safetensors). Ctrl-C saves the state; --resume goes on \
      from it and ends with the same bytes as if it had never stopped.

      EXAMPLES:
        weft train tagger.yaml
        weft train tagger.yaml -o runs/slow --set train.rate=0.05 --set train.epochs=50
        weft train tagger.yaml -o runs/slow --resume
        weft train tagger.yaml -o runs/tuned --from runs/slow
        weft train tagger.yaml -o runs/study --seeds 5
        weft train sparse.yaml --jobs 2
        weft train sparse.yaml -o runs/again --masks runs/sparse/masks

      With `sharing: sparse` a run has stages: warm-up (warmup/ in the folder of the run), pruning of each task \
      (prune/TASK/), training under the masks that are chosen (masks/). Stages that are finished, by `weft warmup`, \
      `weft prune` or an earlier run, are not run again.

      Exit code 65: the spec, its data or a checkpoint have problems; 69: no C compiler; \
      74: a file cannot be read or written; 130: stopped by Ctrl-C.
      """)

  @OptionGroup var spec: SpecArguments

  @Option(name: .shortAndLong, help: "The folder of the run; runs/NAME if absent.", completion: .directory)
  var output: String?

  @Flag(help: "Go on with the run that the folder holds.")
  var resume = false

  @Flag(help: "Remove the run that the folder holds, and begin anew.")
  var replace = false

  @Option(
    help: ArgumentHelp(
      "Start from the parameters of another run: its folder or a checkpoint.", valueName: "checkpoint"),
    completion: .file())
  var from: String?

  @Option(
    help: ArgumentHelp("Train with so many seeds, one after the other, from that of the spec upwards."))
  var seeds = 1

  @Option(
    help: ArgumentHelp(
      "Train under given masks, TASK.safetensors for each task, as sharing.masks of the spec does.",
      valueName: "folder"),
    completion: .directory)
  var masks: String?

  @Option(help: "With `sharing: sparse`: tasks that are pruned side by side.")
  var jobs = 1

  @Option(help: "Threads of a training step, 1 or 2; as the spec says if absent.")
  var threads: Int?

  @Flag(help: "No progress; only the table of scores at the end.")
  var quiet = false

  @OptionGroup var verbosity: Verbosity

  func validate() throws {
    if seeds < 1 { throw ValidationError("--seeds must be at least 1.") }
    if jobs < 1 { throw ValidationError("--jobs must be at least 1.") }
    if resume, replace { throw ValidationError("--resume and --replace exclude each other.") }
    if let threads, !(1...2).contains(threads) { throw ValidationError("--threads must be 1 or 2.") }
  }

  func run() async throws {
    // A reader of our output that goes away must not end hours of training.
    signal(SIGPIPE, SIG_IGN)
    var loaded = try spec.load(masks: masks)
    if let from { loaded.spec.train.initialize = URL(fileURLWithPath: from).path }
    if let threads { loaded.spec.train.threads = threads }
    let folder = output.map { RunFolder(URL(fileURLWithPath: $0)) } ?? RunFolder(name: loaded.spec.name)

    try checkFolder(folder)
    say("generating and compiling \(loaded.spec.name)")
    let experiment = try await verbosity.logger.experiment(loaded)
    say(coverage: experiment.data.coverage)
    if seeds > 1 {
      try await study(experiment, folder)
    } else {
      try await single(experiment, folder)
    }
  }

  /// What the library would refuse after minutes of reading and compiling is refused at once.
  private func checkFolder(_ folder: RunFolder) throws(Failure) {
    let exists = [folder.state, folder.model, folder.results].contains {
      FileManager.default.fileExists(atPath: $0.path)
    }
    guard exists, !resume, !replace else { return }
    throw Failure(
      .inputOutput, error: "\(shown(folder.url)) holds a run already",
      help: "go on with it by --resume, begin anew by --replace, or name another folder by -o")
  }

  private var start: RunStart { resume ? .resume : replace ? .replace : .new }

  private func single(_ experiment: Experiment, _ folder: RunFolder) async throws {
    let run = experiment.train(in: folder, start: start, jobs: jobs)
    let signals = StopSignals { run.cancel() }
    await run.show(isQuiet: quiet)
    let report = try await run.result
    guard case .finished = report.end else { throw interruption(folder, by: signals.received) }
    try writeOrigin(experiment, folder)
    let table = ScoreTable(
      [("dev", report.dev), ("test", report.test)].filter { $0.1 != nil }, tasks: experiment.spec.tasks)
    if !table.columns.isEmpty { try StandardOutput.write(table.text()) }
    if let test = report.test, test.tasks.contains(where: { !$0.domains.isEmpty }) {
      try StandardOutput.write("\ntest by domain\n" + EvaluationReport(test).domains().text())
    }
    say("the model is \(shown(folder.model))")
  }

  private func study(_ experiment: Experiment, _ folder: RunFolder) async throws {
    let study = SeedStudy(experiment, count: seeds, folder: folder)
    let signals = StopSignals {}
    let summary = try await study.run(start: resume ? .resumeOrNew : start, jobs: jobs) { seed, run in
      signals.onStop { run.cancel() }
      say("seed \(seed)")
      await run.show(isQuiet: quiet)
    }
    guard let summary else { throw interruption(folder, by: signals.received) }
    for seed in study.seeds {
      try writeOrigin(experiment, study.folder(seed: seed))
    }
    try StandardOutput.write(ScoreTable(summary, tasks: experiment.spec.tasks).text())
    say("\(seeds) seeds: mean ± sample standard deviation; the runs are in \(shown(folder.url))")
  }

  private func writeOrigin(_ experiment: Experiment, _ folder: RunFolder) throws {
    var folders = [folder]
    if StagedTraining.isNeeded(for: experiment.spec) {
      if experiment.spec.sharing.warmup > 0 { folders.append(folder.warmup) }
      folders += experiment.spec.tasks.map { folder.pruning(task: $0.name) }
    }
    for folder in folders { try RunOrigin(of: experiment.data.loaded).write(into: folder) }
  }

  private func interruption(_ folder: RunFolder, by signal: ExitStatus?) -> Failure {
    var command = ["weft", "train"] + spec.words + ["-o", shown(folder.url)]
    if let masks { command += ["--masks", masks] }
    if jobs > 1 { command += ["--jobs", String(jobs)] }
    if seeds > 1 { command += ["--seeds", String(seeds)] }
    return Failure(
      signal ?? .interrupted,
      "go on with:\n  \(command.joined(separator: " ")) --resume")
  }

  /// A path as short as the user would write it.
  private func shown(_ url: URL) -> String { RelativePath.shortest(url) }

  private func say(_ text: String) {
    if !quiet { StandardError.write(text) }
  }

  private func say(coverage: [VectorCoverage]) {
    for entry in coverage where entry.rate.tokens > 0 {
      let tokens = Quantity.percent(Double(entry.rate.tokenHits) / Double(entry.rate.tokens))
      let types = Quantity.percent(Double(entry.rate.typeHits) / Double(max(1, entry.rate.types)))
      say(
        "vectors: \(entry.corpus) \(entry.split.rawValue): \(tokens) % of tokens, \(types) % of words have one"
      )
    }
  }
}
