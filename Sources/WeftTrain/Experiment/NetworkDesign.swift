import Foundation
import WeftCodegen
import WeftCorpus
import WeftGraph
import WeftRuntime
import WeftSpec

/// A network that is fully determined: a spec with the vocabularies that its sizes come from.
public struct NetworkDesign: Sendable {
  public let spec: Spec
  public let vocabularies: Vocabularies
  public let graph: Graph
  /// SHA-256 over what decides which parameters there are and what they mean.
  public let architectureHash: String

  public init(spec: Spec, vocabularies: Vocabularies) throws(GraphError) {
    self.spec = spec
    self.vocabularies = vocabularies
    graph = try Graph(spec: spec, sizes: NetworkSizes(vocabularies: vocabularies, spec: spec))
    let parameters = graph.parameters.map { "\($0.name) \($0.shape)" }.joined(separator: "\n")
    architectureHash = SHA256.hex(spec.architectureJSON + "\n" + parameters)
  }

  /// What checkpoints say of their experiment.
  public func checkpointDescription() throws -> CheckpointDescription {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return CheckpointDescription(
      toolVersion: weftVersion,
      hashes: CheckpointHashes(
        architecture: architectureHash, data: vocabularies.hash, recipe: spec.recipeHash),
      spec: spec.resolvedJSON(),
      vocabularies: String(decoding: try encoder.encode(vocabularies), as: UTF8.self))
  }

  /// Shapes of the parameters as checkpoints show them.
  public var shapes: [String: [Int]] {
    Dictionary(uniqueKeysWithValues: graph.parameters.map { ($0.name, $0.shape) })
  }

  /// Generates C for both libraries.
  ///
  /// - Parameters:
  ///   - name: what the code is called; the spec's name if nil.
  ///   - instructionSets: variants to compile in; nil for what this processor runs best.
  public func generator(named name: String? = nil, instructionSets: [InstructionSet]? = nil) -> CodeGenerator
  {
    CodeGenerator(
      graph: graph, name: name ?? spec.name, architectureHash: architectureHash,
      options: CodegenOptions(
        instructionSets: instructionSets ?? [CPUFeatures.host.best],
        isForOneMachine: instructionSets == nil,
        trainingPrecision: spec.train.precision))
  }

  /// Where a run starts: initial values, with the given vectors in the word table.
  public func initialParameters(_ tables: LibraryTables, vectors: WordVectors?) throws -> ParameterBlock {
    let initialization = ParameterInitialization(seed: spec.seed)
    var block = try ParameterBlock(tables)
    for parameter in graph.parameters {
      var values = initialization.values(of: parameter)
      // Single-task networks have a table each: `ner.words.weight`.
      if let vectors, parameter.name == "words.weight" || parameter.name.hasSuffix(".words.weight") {
        for (position, id) in vectors.ids.enumerated() {
          let source = position * vectors.width..<(position + 1) * vectors.width
          let start = Int(id) * vectors.width
          values.replaceSubrange(start..<start + vectors.width, with: vectors.values[source])
        }
      }
      try block.set(parameter.name, to: values)
    }
    return try block.reshaped(shapes)
  }
}

extension EntryNames {
  /// What the rows of a network's tables stand for.
  public init(_ vocabularies: Vocabularies) {
    func entries(_ vocabulary: Vocabulary) -> [String] { (0..<vocabulary.count).map(vocabulary.entry) }
    self.init(
      words: vocabularies.words.map(entries), characters: vocabularies.characters.map(entries),
      features: vocabularies.features.mapValues(entries), labels: vocabularies.labels.mapValues(\.labels))
  }
}
