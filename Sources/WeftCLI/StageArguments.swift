import ArgumentParser
import Foundation
import WeftReport
import WeftSpec
import WeftTrain

/// What commands have in common that run a stage of sparse sharing by itself.
struct StageArguments: ParsableArguments {
  @OptionGroup var spec: SpecArguments

  @Option(
    name: .shortAndLong, help: "The folder of the whole run; runs/NAME if absent.", completion: .directory)
  var output: String?

  @Flag(help: "Go on with what the folder holds of it.")
  var resume = false

  @Flag(help: "Remove what the folder holds of it, and begin anew.")
  var replace = false

  @Option(help: "Threads of a training step, 1 or 2; as the spec says if absent.")
  var threads: Int?

  @Flag(help: "No progress; only the table at the end.")
  var quiet = false

  @OptionGroup var verbosity: Verbosity

  func validate() throws {
    if resume, replace { throw ValidationError("--resume and --replace exclude each other.") }
    if let threads, !(1...2).contains(threads) { throw ValidationError("--threads must be 1 or 2.") }
  }

  var start: RunStart { resume ? .resume : replace ? .replace : .new }

  /// Reads the spec and its data, compiles, and says where the run is.
  func experiment() async throws -> (Experiment, RunFolder) {
    // A reader of our output that goes away must not end hours of training.
    signal(SIGPIPE, SIG_IGN)
    var loaded = try spec.load()
    if let threads { loaded.spec.train.threads = threads }
    let folder = output.map { RunFolder(URL(fileURLWithPath: $0)) } ?? RunFolder(name: loaded.spec.name)
    say("generating and compiling \(loaded.spec.name)")
    return (try await verbosity.logger.experiment(loaded), folder)
  }

  /// Shows a stage until it ends.
  ///
  /// - Throws: `Failure` if it was stopped, saying how to go on.
  func finish(_ run: TrainingRun<StageReport>, _ folder: RunFolder, command: [String]) async throws {
    let signals = StopSignals { run.cancel() }
    await run.show(isQuiet: quiet)
    guard case .cancelled = try await run.result.end else { return }
    let words = ["weft"] + command + spec.words + ["-o", RelativePath.shortest(folder.url), "--resume"]
    throw Failure(signals.received ?? .interrupted, "go on with:\n  \(words.joined(separator: " "))")
  }

  func say(_ text: String) {
    if !quiet { StandardError.write(text) }
  }
}
