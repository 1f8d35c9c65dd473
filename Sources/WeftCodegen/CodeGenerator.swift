import WeftGraph
import WeftSpec

/// How code is generated.
public struct CodegenOptions: Sendable, Equatable {
  /// Variants to compile in, best first. The choice among them is made when a library is opened.
  public var instructionSets: [InstructionSet]
  /// Whether these are all that can be chosen. Else they come with what they are additions to, and with the additions
  /// that the training precision makes worth having.
  public var isForOneMachine: Bool
  /// What training multiplies the matrices of recurrent layers in; everything else is in single precision.
  public var trainingPrecision: TrainingPrecision
  /// Version in the provenance comment.
  public var toolVersion: String

  public init(
    instructionSets: [InstructionSet] = [.avx512, .avx2, .neon, .portable], isForOneMachine: Bool = false,
    trainingPrecision: TrainingPrecision = .fp32, toolVersion: String = weftVersion
  ) {
    self.trainingPrecision = trainingPrecision
    self.instructionSets = instructionSets
    self.isForOneMachine = isForOneMachine
    self.toolVersion = toolVersion
  }
}

/// Version of this tool.
public let weftVersion = "0.1.0"

/// Why code cannot be generated: a mistake in a template, in the graph, or an operation without emission.
public enum CodegenError: Error, Sendable, CustomStringConvertible {
  case template(TemplateError)
  case graph(GraphError)
  case cannotEmit(kind: String)

  public var description: String {
    switch self {
    case .template(let error): error.description
    case .graph(let error): error.description
    case .cannotEmit(let kind): "the operation '\(kind)' has no emission"
    }
  }
}

/// Turns a network into C. A pure function of its inputs: equal inputs give equal bytes.
public struct CodeGenerator: Sendable {
  /// The network, not yet differentiated.
  public let graph: Graph
  public let name: String
  public let architectureHash: String
  public let options: CodegenOptions

  /// - Parameter name: of the spec; symbols are prefixed with it.
  public init(
    graph: Graph, name: String, architectureHash: String, options: CodegenOptions = CodegenOptions()
  ) {
    self.graph = graph
    self.name = name
    self.architectureHash = architectureHash
    self.options = options
  }

  /// The name as part of C symbols.
  public var symbol: String { CIdentifier.mangle(name) }

  /// `<name>.h` and `<name>.c`: inference, with no dependency but libm.
  public func inferenceFiles() throws(CodegenError) -> [GeneratedFile] {
    try files(.use) { () throws(GraphError) in try graph.specialized(for: .use) }
  }

  /// `<name>-train.h` and `<name>-train.c`: the training step, likewise.
  public func trainingFiles() throws(CodegenError) -> [GeneratedFile] {
    try files(.training) { () throws(GraphError) in try graph.differentiated().specialized(for: .training) }
  }

  private func files(
    _ purpose: Purpose, _ network: () throws(GraphError) -> Graph
  ) throws(CodegenError) -> [GeneratedFile] {
    let program: Program
    do {
      let graph = try network()
      let isNarrow = purpose == .training && options.trainingPrecision == .bf16
      program = Program(graph: graph, purpose: purpose, weights: isNarrow ? narrowed(graph) : nil)
    } catch {
      throw .graph(error)
    }
    let source = try SourceFile(generator: self, program: program)
    do {
      return try source.files()
    } catch {
      throw .template(error)
    }
  }

  /// Matrices of recurrent layers in bf16, all else as it is.
  private func narrowed(_ graph: Graph) -> [WeightType] {
    var weights = Array(repeating: WeightType.f32, count: graph.parameters.count)
    for node in graph.nodes where node.operation is Lstm {
      for (position, parameter) in node.parameters.enumerated() where position % 4 < 2 {
        weights[parameter.index] = .bf16
      }
    }
    return weights
  }
}
