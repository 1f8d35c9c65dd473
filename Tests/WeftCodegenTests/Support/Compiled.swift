import Foundation
import WeftCodegen
import WeftGraph
import WeftRuntime
import WeftSpec

/// A network as compiled libraries, made once for each test process.
struct Compiled {
  let graph: Graph
  let training: TrainingLibrary
  let inference: InferenceLibrary

  /// The best instruction set of this machine, without additions, and the portable one. Every kernel is tested on every set by itself; here
  /// it is about how they are put together.
  static let instructionSets =
    CPUFeatures.host.best == .portable ? [.portable] : [CPUFeatures.host.best.layers[0], .portable]

  init(spec: Spec, sizes: NetworkSizes) async throws {
    graph = try Graph(spec: spec, sizes: sizes)
    training = try await Self.training(graph, name: spec.name)
    inference = try await LibraryCache()
      .inference(files: Self.generator(graph, name: spec.name).inferenceFiles(), name: spec.name)
  }

  /// The training library alone.
  ///
  /// - Parameter graph: not differentiated.
  static func training(
    _ graph: Graph, name: String, precision: TrainingPrecision = .fp32
  ) async throws -> TrainingLibrary {
    try await LibraryCache()
      .training(files: generator(graph, name: name, precision: precision).trainingFiles(), name: name)
  }

  private static func generator(
    _ graph: Graph, name: String, precision: TrainingPrecision = .fp32
  ) -> CodeGenerator {
    CodeGenerator(
      graph: graph, name: name, architectureHash: "0123456789abcdef",
      options: CodegenOptions(instructionSets: instructionSets, trainingPrecision: precision))
  }

  /// The largest distance of two arrays, relative to the largest element of the second (or to 1).
  static func distance(_ found: [Float], _ expected: [Double]) -> Double {
    guard found.count == expected.count else { return .infinity }
    let scale = max(1, expected.reduce(0) { max($0, abs($1)) })
    return zip(found, expected).reduce(0) { max($0, abs(Double($1.0) - $1.1)) } / scale
  }
}
