import Foundation
import WeftCodegen

/// From generated files to loaded libraries.
public struct LibraryCache: Sendable {
  public let driver: CompilerDriver

  public init(driver: CompilerDriver) { self.driver = driver }
  /// With the compiler and cache folder of an environment.
  public init(environment: [String: String] = ProcessInfo.processInfo.environment) async throws(RuntimeError)
  {
    driver = try await CompilerDriver(environment: environment)
  }

  /// Compiles what the cache lacks and loads the tagger.
  public func inference(files: [GeneratedFile], name: String) async throws(RuntimeError) -> InferenceLibrary {
    let url = try await driver.compile(files: files, kind: .inference, name: name)
    return try InferenceLibrary(contentsOf: url, name: name)
  }

  /// Compiles what the cache lacks and loads the training code.
  public func training(files: [GeneratedFile], name: String) async throws(RuntimeError) -> TrainingLibrary {
    let url = try await driver.compile(files: files, kind: .training, name: name)
    return try TrainingLibrary(contentsOf: url, name: name)
  }

  /// Both libraries, compiled at the same time.
  public func both(
    files: [GeneratedFile], name: String
  ) async throws(RuntimeError) -> (inference: InferenceLibrary, training: TrainingLibrary) {
    // Results rather than throwing tasks: `async let` forgets the type of errors.
    async let inference = Self.result { () async throws(RuntimeError) in
      try await driver.compile(files: files, kind: .inference, name: name)
    }
    async let training = Self.result { () async throws(RuntimeError) in
      try await driver.compile(files: files, kind: .training, name: name)
    }
    let (inferenceURL, trainingURL) = (try await inference.get(), try await training.get())
    return (
      try InferenceLibrary(contentsOf: inferenceURL, name: name),
      try TrainingLibrary(contentsOf: trainingURL, name: name)
    )
  }

  private static func result<Value: Sendable>(
    _ body: @Sendable () async throws(RuntimeError) -> Value
  ) async -> Result<Value, RuntimeError> {
    do { return .success(try await body()) } catch { return .failure(error) }
  }
}
