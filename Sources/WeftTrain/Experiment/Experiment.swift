import WeftCodegen
import WeftCorpus
import WeftRuntime
import WeftSpec

/// A spec made ready: data read, network built, code generated and compiled.
public struct Experiment: Sendable {
  public let data: ExperimentData
  public let design: NetworkDesign
  public let training: TrainingLibrary
  public let inference: InferenceLibrary
  public let plan: TrainingPlan

  public var spec: Spec { data.spec }
  public var warnings: [Diagnostic] { data.warnings }

  /// - Parameters:
  ///   - compiler: finds and caches libraries; nil looks for a compiler as `CompilerDriver` does.
  ///   - instructionSets: variants to compile in; nil for what this processor runs best.
  ///   - codeName: what generated code is called; the spec's name if nil. Equal networks under one name are compiled once.
  /// - Throws: `SpecError` with all problems of the data; `GraphError`; `CodegenError`; `RuntimeError` of compiler and
  ///   libraries.
  public init(
    _ data: ExperimentData, compiler: CompilerDriver? = nil, instructionSets: [InstructionSet]? = nil,
    codeName: String? = nil
  ) async throws {
    let design = try NetworkDesign(spec: data.spec, vocabularies: data.vocabularies)
    let name = codeName ?? data.spec.name
    let generator = design.generator(named: name, instructionSets: instructionSets)
    let driver =
      if let compiler { compiler } else { try await CompilerDriver() }
    let (trainingFiles, inferenceFiles) = (try generator.trainingFiles(), try generator.inferenceFiles())
    async let training = driver.compile(files: trainingFiles, kind: .training, name: name)
    async let inference = driver.compile(files: inferenceFiles, kind: .inference, name: name)
    try await self.init(
      data: data, design: design, training: TrainingLibrary(contentsOf: training),
      inference: InferenceLibrary(contentsOf: inference))
  }

  private init(
    data: ExperimentData, design: NetworkDesign, training: TrainingLibrary, inference: InferenceLibrary,
    plan: TrainingPlan? = nil
  ) {
    self.data = data
    self.design = design
    self.training = training
    self.inference = inference
    self.plan = plan ?? TrainingPlan(spec: data.spec, labelledSentences: data.labelledSentences)
  }

  /// Another experiment over the same network and data; code is shared.
  ///
  /// - Parameters:
  ///   - spec: it may differ from this one's in what does not shape the network.
  ///   - plan: the phases of the other spec.
  func derived(_ spec: Spec, plan: (Spec) -> TrainingPlan) throws -> Experiment {
    let data = data.derived(spec)
    return Experiment(
      data: data, design: try NetworkDesign(spec: spec, vocabularies: data.vocabularies),
      training: training, inference: inference, plan: plan(spec))
  }

  /// The same experiment under another seed; code and data are shared.
  public func seeded(_ seed: UInt64) throws -> Experiment {
    let data = data.seeded(seed)
    return Experiment(
      data: data, design: try NetworkDesign(spec: data.spec, vocabularies: data.vocabularies),
      training: training, inference: inference)
  }
}
