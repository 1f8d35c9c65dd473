import ArgumentParser
import Foundation
import Synchronization
import WeftReport
import WeftSpec
import WeftTrain

struct CompareCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Train several systems on the same data and seeds, and report how they differ.",
    discussion: """
      The spec has a section `compare` that lists the systems. Each is trained under each seed as `weft train` would, \
      in FOLDER/SYSTEM/seed-N. The report is FOLDER/report/report.html, with report.md, SVG and CSV files beside it, all \
      drawn from report.json. Runs that are finished are not made again, so Ctrl-C loses nothing: the same command goes on.

      EXAMPLES:
        weft compare Examples/ewt-compare.yaml
        weft compare Examples/ewt-compare.yaml --jobs 2 --seeds 1
        weft compare Examples/ewt-compare.yaml --report-only
        weft compare Examples/ewt-domains-compare.yaml --jobs 2

      Exit code 1: a run could not be done; 65: the spec, its data or a folder's run have problems; \
      74: a file cannot be read or written; 130: stopped by Ctrl-C.
      """)

  @OptionGroup var spec: SpecArguments

  @Option(
    name: .shortAndLong, help: "The folder of the runs and the report; runs/NAME if absent.",
    completion: .directory)
  var output: String?

  @Option(name: .shortAndLong, help: "Runs at a time; each computes with one thread if there are several.")
  var jobs = 1

  @Option(help: ArgumentHelp("Use so many seeds, whatever the spec says.", valueName: "count"))
  var seeds: Int?

  @Flag(help: "Train nothing; write the report of what is finished.")
  var reportOnly = false

  @Flag(help: "No progress; only the table of scores at the end.")
  var quiet = false

  @OptionGroup var verbosity: Verbosity

  func validate() throws {
    if jobs < 1 { throw ValidationError("--jobs must be at least 1.") }
    if let seeds, seeds < 1 { throw ValidationError("--seeds must be at least 1.") }
  }

  func run() async throws {
    // A reader of our output that goes away must not end hours of training.
    signal(SIGPIPE, SIG_IGN)
    let comparison = try SpecLoader().loadComparison(path: spec.spec, overrides: spec.overrides)
      .resolvingDomains()
    StandardError.write(comparison.diagnostics.rendered())
    let folder =
      output.map { URL(fileURLWithPath: $0, isDirectory: true) } ?? RunFolder(name: comparison.name).url
    let plan = ComparisonPlan(comparison, folder: folder, seedCount: seeds)
    if reportOnly {
      try write(ComparisonCollector(plan).results(), of: plan)
      return
    }
    let signals = StopSignals {}
    let (collector, failures) = try await make(plan, signals, isMain: true)
    try write(collector.results(), of: plan)
    if let failure = Self.failure(of: failures) { throw failure }
  }

  private typealias FailedRun = (run: PlannedRun, error: any Error)

  /// What is said of runs that failed: each problem once, with the runs that have it.
  private static func failure(of runs: [FailedRun]) -> Failure? {
    guard let first = runs.first else { return nil }
    var problems: [(message: String, runs: [String])] = []
    for (run, error) in runs {
      let message = Failure(error)?.message ?? "error: \(error)"
      if let known = problems.firstIndex(where: { $0.message == message }) {
        problems[known].runs.append(run.title)
      } else {
        problems.append((message, [run.title]))
      }
    }
    let text = problems.map { "\($0.message)\n  note: so in \($0.runs.joined(separator: "; "))" }
    return Failure(Failure(first.error)?.status ?? .failure, text.joined(separator: "\n"))
  }

  /// Makes the runs of a comparison and of those that it names along with it.
  private func make(
    _ plan: ComparisonPlan, _ signals: StopSignals, isMain: Bool
  ) async throws -> (ComparisonCollector, [FailedRun]) {
    let experiments = try await experiments(of: plan)
    let runner = try ComparisonRunner(plan, experiments: experiments, jobs: jobs)
    signals.onStop { runner.cancel() }
    let display = Display(
      ComparisonRenderer(style: StandardError.progressStyle, name: isMain ? "" : plan.comparison.name),
      isQuiet: quiet)
    var failures = try await runner.run { display.show($0) }
    display.end()
    try writeOrigins(plan)
    if runner.isCancelled { throw interruption(by: signals.received) }
    var also: [ComparisonCollector] = []
    for other in plan.also {
      let (collector, more) = try await make(other, signals, isMain: false)
      also.append(collector)
      failures += more
    }
    return (try runner.collector(also: also), failures)
  }

  /// Every system's data read and code compiled, once for all seeds. Systems of one network have one code.
  private func experiments(of plan: ComparisonPlan) async throws -> [PlannedSetup: Experiment] {
    let driver = try await verbosity.logger.compiler()
    var experiments: [PlannedSetup: Experiment] = [:]
    var warned: Set<String> = []
    var latest: ExperimentData?
    for setup in plan.setups {
      say("\(plan.comparison.name): generating and compiling \(setup.title)")
      let loaded = plan.loaded(setup)
      // The systems have the same data, and so the same to be said of them.
      let data = try latest?.serving(loaded) ?? ExperimentData(loaded)
      latest = data
      let warnings = data.warnings.rendered()
      if warned.insert(warnings).inserted { StandardError.write(warnings) }
      experiments[setup] = try await verbosity.logger.timed("compiled, or found in the cache") {
        try await Experiment(data, compiler: driver, codeName: plan.comparison.name)
      }
    }
    return experiments
  }

  /// So that `weft eval` and `weft tag` find the data of the runs.
  private func writeOrigins(_ plan: ComparisonPlan) throws {
    for run in plan.runs where FileManager.default.fileExists(atPath: run.folder.model.path) {
      guard let system = plan.comparison.system(named: run.system) else { continue }
      try RunOrigin(of: system.loaded).write(into: run.folder)
    }
  }

  private func write(_ results: ComparisonResults, of plan: ComparisonPlan) throws {
    let folder = plan.folder.appending(path: "report", directoryHint: .isDirectory)
    let report = ComparisonReport(results)
    try results.write(to: folder.appending(path: "report.json"))
    try report.page().write(into: folder)
    try StandardOutput.write(report.scores().text())
    say("the report is \(RelativePath.shortest(folder.appending(path: "report.html")))")
  }

  private func interruption(by signal: ExitStatus?) -> Failure {
    var command = ["weft", "compare", spec.spec]
    for override in spec.overrides { command += ["--set", "'\(override)'"] }
    if let output { command += ["-o", output] }
    if let seeds { command += ["--seeds", String(seeds)] }
    if jobs > 1 { command += ["--jobs", String(jobs)] }
    return Failure(signal ?? .interrupted, "go on with:\n  \(command.joined(separator: " "))")
  }

  private func say(_ text: String) {
    if !quiet { StandardError.write(text) }
  }
}

/// Writes a comparison's progress to standard error.
private final class Display: Sendable {
  private let renderer: Mutex<ComparisonRenderer>
  private let isQuiet: Bool

  init(_ renderer: ComparisonRenderer, isQuiet: Bool) {
    self.renderer = Mutex(renderer)
    self.isQuiet = isQuiet
  }

  func show(_ event: ComparisonEvent) {
    guard !isQuiet else { return }
    renderer.withLock { StandardError.write(raw: $0.render(event)) }
  }

  func end() {
    guard !isQuiet else { return }
    renderer.withLock { StandardError.write(raw: $0.summary()) }
  }
}
