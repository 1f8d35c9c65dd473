import Foundation
import WeftCodegen
import WeftCorpus
import WeftGraph
import WeftRuntime
import WeftSpec
import WeftTrain

/// A trained model with its weights and masks at hand, from which packages are made. Hidden units that masks have removed
/// lie behind the others, so that nothing is left of whole blocks of weights; words are in the order of their frequency, so
/// that those whose products are known beforehand are the most frequent ones.
public struct TrainedWeights: Sendable {
  public let trained: TrainedModel
  public let description: CheckpointDescription
  public let design: NetworkDesign
  /// Those of the model, with words in the package's order.
  public let vocabularies: Vocabularies
  private let words: WordOrder
  /// θ, with the library's parameter table.
  public let parameters: ParameterBlock
  /// By task number.
  public let masks: [Int: Mask]
  /// For each task the number of its group: tasks with equal masks, or without one, counted by their first tasks.
  public let groups: [Int]

  /// - Parameters:
  ///   - trained: the model as it was opened.
  ///   - url: its checkpoint, or the folder of its run.
  public init(_ trained: TrainedModel, contentsOf url: URL) throws {
    var isFolder: ObjCBool = false
    let isRun = FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder) && isFolder.boolValue
    let checkpoint = try Checkpoint(contentsOf: isRun ? RunFolder(url).model : url)
    let tables = trained.subnets.library.tables
    self.trained = trained
    description = checkpoint.description
    design = try NetworkDesign(spec: trained.spec, vocabularies: trained.vocabularies)
    var parameters = try checkpoint.parameters(for: tables)
    var masks: [Int: Mask] = [:]
    for (name, mask) in try checkpoint.masks(for: tables) {
      if let task = tables.task(named: name) { masks[task] = mask }
    }
    words = WordOrder(trained.vocabularies)
    vocabularies = words.reordered(trained.vocabularies)
    try Self.order(&parameters, &masks, words, design.graph.specialized(for: .use))
    (self.parameters, self.masks) = (parameters, masks)
    var firsts: [Int] = []
    groups = trained.spec.tasks.indices.map { task in
      if let group = firsts.firstIndex(where: { masks[$0] == masks[task] }) { return group }
      firsts.append(task)
      return firsts.count - 1
    }
  }

  /// Puts units that masks have removed side by side, and words in their order.
  private static func order(
    _ parameters: inout ParameterBlock, _ masks: inout [Int: Mask], _ words: WordOrder, _ graph: Graph
  ) throws {
    let units = UnitOrder(graph, masks: masks.sorted { $0.key < $1.key }.map(\.value.byParameter))
    if units.isIdentity && words.isIdentity { return }
    func reordered<Value>(_ values: [Value], of parameter: Parameter) -> [Value] {
      words.reordered(units.reordered(values, of: parameter), of: parameter)
    }
    for parameter in graph.parameters {
      guard let values = parameters[parameter.name] else { continue }
      try parameters.set(parameter.name, to: reordered(Array(values), of: parameter))
      for (task, mask) in masks {
        guard let place = mask.layout.parameters.first(where: { $0.name == parameter.name }) else { continue }
        var bytes = mask.bytes
        bytes.replaceSubrange(
          place.range, with: reordered(Array(mask.bytes[place.range]), of: parameter))
        masks[task] = Mask(mask.layout, bytes: bytes)
      }
    }
  }

  /// Masks by the number of their group.
  public var groupMasks: [Int: Mask] {
    Dictionary(masks.map { (groups[$0.key], $0.value) }, uniquingKeysWith: { first, _ in first })
  }

  /// The code of a package, for every instruction set.
  public func generator(instructionSets: [InstructionSet] = CodegenOptions().instructionSets) -> CodeGenerator
  {
    design.generator(instructionSets: instructionSets)
  }

  /// The weights as a package stores them.
  ///
  /// - Throws: `PackageError` for weights that are not finite.
  public func encoded(as format: PackageWeights) throws -> EncodedWeights {
    try EncodedWeights(parameters, format: format, layout: generator().packageLayout(format))
  }

  /// The model as a package with these weights computes it; words are in the order of the trained model.
  public func model(_ weights: EncodedWeights) throws -> TrainedModel {
    if weights.format == .fp32 { return trained }
    var parameters = weights.parameters
    for parameter in design.graph.parameters where words.isOfWords(parameter) {
      guard let values = parameters[parameter.name] else { continue }
      try parameters.set(parameter.name, to: words.inverse.reordered(Array(values), of: parameter))
    }
    return TrainedModel(
      spec: trained.spec, vocabularies: trained.vocabularies,
      subnets: try Subnets(library: trained.subnets.library, parameters: parameters, masks: masks),
      scores: trained.scores)
  }
}
