import CWeftABI
import Testing
import WeftCodegen
import WeftGraph

@testable import WeftRuntime

struct WorkspaceSizeTests {
  @Test(arguments: [1, 2, 17, 1000])
  func theFigureIsWhatGeneratedCodeAsksFor(tokens: Int) async throws {
    let network = Networks.hard(name: "workspace")
    let generator = try Networks.generator(network, instructionSets: [.portable])
    let compiled = try await Self.libraries(generator)
    var extent = weft_extent(
      sentences: 1, tokens: Int32(tokens), forms: Int32(tokens), scalars: Int32(5 * tokens),
      longest_sentence: Int32(tokens), longest_form: 5)
    let tagging = try #require(compiled.inference.functions.table.workspace_size)
    let training = try #require(compiled.training.functions.table.workspace_size)
    #expect(try generator.workspace(.use).bytes(tokens: tokens, scalars: 5) == tagging(&extent))
    #expect(try generator.workspace(.training).bytes(tokens: tokens, scalars: 5) == training(&extent))
  }

  private static func libraries(
    _ generator: CodeGenerator
  ) async throws -> (inference: InferenceLibrary, training: TrainingLibrary) {
    let cache = try await LibraryCache()
    return (
      try await cache.inference(files: generator.inferenceFiles(), name: generator.name),
      try await cache.training(files: generator.trainingFiles(), name: generator.name)
    )
  }
}
