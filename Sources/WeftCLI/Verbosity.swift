import ArgumentParser
import Foundation
import Logging
import WeftRuntime
import WeftSpec
import WeftTrain

/// Whether a command says what it does behind the scenes.
struct Verbosity: ParsableArguments {
  @Flag(help: "Log what is compiled, loaded and chosen, to standard error.")
  var verbose = false

  /// A logger that is silent below warnings unless `--verbose` is given.
  var logger: Logger {
    var logger = Logger(label: "weft") { StreamLogHandler.standardError(label: $0) }
    logger.logLevel = verbose ? .debug : .warning
    return logger
  }
}

extension Logger {
  /// Does some work and logs how long it took.
  func timed<Value>(_ what: Logger.Message, _ work: () async throws -> Value) async rethrows -> Value {
    let start = ContinuousClock.now
    let value = try await work()
    debug(what, metadata: ["seconds": "\((ContinuousClock.now - start) / .seconds(1))"])
    return value
  }

  /// The compiler of this machine, told to the log.
  func compiler() async throws -> CompilerDriver {
    let driver = try await CompilerDriver()
    debug(
      "compiler",
      metadata: [
        "path": "\(driver.compiler?.path ?? "none")", "version": "\(driver.compiler?.version ?? "")",
        "cache": "\(driver.cache.path)", "processor": "\(driver.features.description)",
      ])
    return driver
  }

  /// Data read, network built, code compiled: told to the log.
  func experiment(_ loaded: LoadedSpec, isa: InstructionSetList? = nil) async throws -> Experiment {
    let data = try await timed("read the data") { try ExperimentData(loaded) }
    StandardError.write(data.warnings.rendered())
    let driver = try await compiler()
    let experiment = try await timed("generated and compiled, or found in the cache") {
      try await Experiment(data, compiler: driver, instructionSets: isa?.sets)
    }
    debug(
      "libraries",
      metadata: [
        "inference": "\(experiment.inference.url.path)", "training": "\(experiment.training.url.path)",
      ])
    return experiment
  }

  /// A trained model opened, told to the log.
  func model(_ url: URL, library: URL? = nil) async throws -> TrainedModel {
    let driver = try await compiler()
    let trained = try await timed("opened the model") {
      try await TrainedModel(contentsOf: url, library: library, compiler: driver)
    }
    debug(
      "model",
      metadata: [
        "library": "\(trained.subnets.library.url.path)", "instructions": "\(trained.subnets.instructionSet)",
        "bytes": "\(trained.subnets.byteCount)",
      ])
    return trained
  }
}
