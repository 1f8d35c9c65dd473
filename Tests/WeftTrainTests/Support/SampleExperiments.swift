import Foundation
import WeftRuntime
import WeftSpec

@testable import WeftTrain

/// The sample spec, compiled; libraries stay in a cache between runs of the tests.
enum SampleExperiments {
  static func compiler() async throws -> CompilerDriver {
    var environment = ProcessInfo.processInfo.environment
    let cache = FileManager.default.temporaryDirectory.appending(path: "weft-test-cache")
    environment["WEFT_CACHE"] = environment["WEFT_CACHE"] ?? cache.path
    return try await CompilerDriver(environment: environment)
  }

  static func experiment(_ folder: TemporaryFolder, _ overrides: [String] = []) async throws -> Experiment {
    let data = try ExperimentData(folder.load(Samples.spec, overrides: overrides))
    // Tests run at the same time; those of one network wait for the first to compile it.
    return try await queue.run { try await Experiment(data, compiler: compiler()) }
  }

  private static let queue = SerialQueue()

  static func run(_ folder: TemporaryFolder, _ name: String = "run") -> RunFolder {
    RunFolder(name: name, in: folder.url)
  }
}

/// Runs one piece of work after the other.
private actor SerialQueue {
  private var last: Task<Void, Never>?

  func run<Result: Sendable>(_ work: @escaping @Sendable () async throws -> Result) async throws -> Result {
    let before = last
    let task = Task {
      await before?.value
      return try await work()
    }
    last = Task { _ = await task.result }
    return try await task.value
  }
}

extension RunFolder {
  /// Bytes of the files that equal runs have in common.
  func contents() throws -> [String: Data] {
    try Dictionary(
      uniqueKeysWithValues: [state, best, model, results, spec].map {
        ($0.lastPathComponent, try Data(contentsOf: $0))
      })
  }
}
