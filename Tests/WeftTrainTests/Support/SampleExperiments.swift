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
    let loaded = try folder.load(Samples.spec, overrides: overrides)
    return try await Experiment(ExperimentData(loaded), compiler: compiler())
  }

  static func run(_ folder: TemporaryFolder, _ name: String = "run") -> RunFolder {
    RunFolder(name: name, in: folder.url)
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
