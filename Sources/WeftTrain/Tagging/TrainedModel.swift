import Foundation
import WeftCodegen
import WeftCorpus
import WeftRuntime
import WeftSpec

/// A trained network ready for use: weights, vocabularies, and the code that runs it.
public struct TrainedModel: Sendable {
  public let spec: Spec
  public let vocabularies: Vocabularies
  /// The network, or what each task's mask leaves of it.
  public let subnets: Subnets
  /// By part of the data (`dev`, `test`), then by task or `mean`.
  public let scores: [String: [String: Double]]

  public init(
    spec: Spec, vocabularies: Vocabularies, subnets: Subnets, scores: [String: [String: Double]] = [:]
  ) {
    self.spec = spec
    self.vocabularies = vocabularies
    self.subnets = subnets
    self.scores = scores
  }

  /// Opens a checkpoint (`model.safetensors`), or that of a run's folder.
  ///
  /// - Parameters:
  ///   - library: its inference library, if that is built already; then no compiler is needed. Else it is generated
  ///     from the checkpoint and compiled, or taken from the cache.
  ///   - compiler: for the latter; nil looks for one as `CompilerDriver` does.
  ///   - instructionSet: nil for the best that this processor runs.
  public init(
    contentsOf url: URL, library: URL? = nil, compiler: CompilerDriver? = nil, instructionSet: String? = nil
  ) async throws {
    var url = url
    var isFolder: ObjCBool = false
    if FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder), isFolder.boolValue {
      url = RunFolder(url).model
    }
    let checkpoint = try Checkpoint(contentsOf: url)
    let spec = try Spec(resolvedJSON: checkpoint.description.spec, path: url.path)
    let vocabularies = try Self.vocabularies(of: checkpoint.description, file: url.path)
    let code: InferenceLibrary
    if let library {
      code = try InferenceLibrary(contentsOf: library, name: spec.name)
      guard code.tables.architectureHash == checkpoint.description.hashes.architecture else {
        throw TrainError(
          .mismatch, "\(library.path) is the code of another network than \(url.path) has the weights of",
          suggestion: "leave the library out to generate it from the checkpoint")
      }
    } else {
      let design = try NetworkDesign(spec: spec, vocabularies: vocabularies)
      let driver =
        if let compiler { compiler } else { try await CompilerDriver() }
      let sets = instructionSet.flatMap(InstructionSet.init(rawValue:)).map { [$0] }
      code = try InferenceLibrary(
        contentsOf: await driver.compile(
          files: design.generator(instructionSets: sets).inferenceFiles(), kind: .inference, name: spec.name))
    }
    let parameters = try checkpoint.parameters(for: code.tables)
    var masks: [Int: Mask] = [:]
    for (name, mask) in try checkpoint.masks(for: code.tables) {
      guard let task = code.tables.task(named: name) else {
        throw TrainError(.mismatch, "\(url.path) has a mask of '\(name)', which is no task of its spec")
      }
      masks[task] = mask
    }
    self.init(
      spec: spec, vocabularies: vocabularies,
      subnets: try Subnets(
        library: code, parameters: parameters, masks: masks, instructionSet: instructionSet),
      scores: checkpoint.scores)
  }

  /// The vocabularies that a checkpoint holds.
  public static func vocabularies(of description: CheckpointDescription, file: String) throws -> Vocabularies
  {
    do {
      return try JSONDecoder().decode(Vocabularies.self, from: Data(description.vocabularies.utf8))
    } catch {
      throw TrainError(.unreadable, "\(file) holds no vocabularies that can be read")
    }
  }

  /// Scores labelled sentences.
  public func evaluate(_ corpora: [EncodedCorpus], threads: Int = 1) throws -> Evaluation {
    try Evaluator(tasks: spec.tasks, vocabularies: vocabularies, threads: threads).evaluate(
      subnets, on: corpora)
  }
}
