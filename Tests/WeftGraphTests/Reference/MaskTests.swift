import Testing
import WeftCorpus
import WeftGraph
import WeftSpec

/// Masks in the double-precision reference, and what they are the same as.
struct MaskTests {
  private static func masks(_ graph: Graph, _ keeps: (Parameter, Int) -> Bool) -> [String: Matrix] {
    var masks: [String: Matrix] = [:]
    for parameter in graph.parameters where parameter.isPrunable {
      masks[parameter.name] = Matrix(
        rows: parameter.rows, columns: parameter.columns,
        elements: (0..<parameter.count).map { keeps(parameter, $0) ? 1 : 0 })
    }
    return masks
  }

  @Test func aMaskedNetworkIsThatOfTheMaskedWeights() throws {
    let graph = try Graph(spec: SmallNetwork.spec(.sparse), sizes: SmallNetwork.sizes).differentiated()
    let batch = SmallNetwork.batch.pack()
    var masked = ReferenceInterpreter(graph, parameters: graph.randomParameters())
    masked.masks = Self.masks(graph) { $1 % 3 != 0 }
    var plain = masked
    plain.masks = [:]
    for (name, mask) in masked.masks {
      for index in mask.elements.indices where mask.elements[index] == 0 {
        plain.parameters[name]?.elements[index] = 0
        // What is removed may hold anything.
        masked.parameters[name]?.elements[index] = .nan
      }
    }
    let found = try masked.train(batch, seeds: ["a": 1, "b": 1])
    let expected = try plain.train(batch, seeds: ["a": 1, "b": 1])
    #expect(found.losses == expected.losses)
    for (name, gradient) in expected.gradients {
      let mask = masked.masks[name]?.elements
      let kept = gradient.elements.enumerated().map { mask?[$0.offset] == 0 ? 0 : $0.element }
      #expect(found.gradients[name]?.elements == kept, "\(name)")
    }
  }

  @Test func allOnesChangeNothing() throws {
    let graph = try Graph(spec: SmallNetwork.spec(.hard), sizes: SmallNetwork.sizes).differentiated()
    let batch = SmallNetwork.batch.pack()
    var interpreter = ReferenceInterpreter(graph, parameters: graph.randomParameters())
    let expected = try interpreter.train(batch, seeds: ["a": 1, "b": 1])
    interpreter.masks = Self.masks(graph) { _, _ in true }
    let found = try interpreter.train(batch, seeds: ["a": 1, "b": 1])
    #expect(found.losses == expected.losses && found.gradients == expected.gradients)
  }

  /// Hierarchical sharing by heads: what lies above the layer that a head reads is not reached, so that masks of zeros
  /// there are the same as none.
  @Test func zerosAboveTheLayerThatAHeadReadsAreHierarchicalSharing() throws {
    let graph = try Graph(spec: SmallNetwork.spec(.hard), sizes: SmallNetwork.sizes).differentiated()
    let (reach, use) = (graph.reach(.training), graph.reach(.use))
    for parameter in graph.parameters where parameter.name.hasPrefix("encoder.1.") {
      #expect(reach.parameters[parameter.id.index] == 0b01)
      #expect(use.parameters[parameter.id.index] == 0b01)
    }
    #expect(graph.updateSet(ofTask: 1).allSatisfy { !graph[$0].name.hasPrefix("encoder.1.") })
    let batch = SmallNetwork.batch.pack()
    var interpreter = ReferenceInterpreter(graph, parameters: graph.randomParameters())
    let expected = try interpreter.train(batch, seeds: ["b": 1])
    interpreter.masks = Self.masks(graph) { parameter, _ in !parameter.name.hasPrefix("encoder.1.") }
    let found = try interpreter.train(batch, seeds: ["b": 1])
    #expect(found.losses == expected.losses && found.gradients == expected.gradients)
    #expect(found.values["encoder.1"] == nil)
    // The task that reads the top loses it.
    let whole = try interpreter.use(batch, tasks: ["a"]).values["encoder.1"]
    #expect(whole?.elements.allSatisfy { $0.isFinite } == true)
  }

  @Test func aMaskOfAnotherShapeIsRefused() throws {
    let graph = try Graph(spec: SmallNetwork.spec(.hard), sizes: SmallNetwork.sizes)
    var interpreter = ReferenceInterpreter(graph, parameters: graph.randomParameters())
    interpreter.masks = ["encoder.0.weight_hh_l0": Matrix(rows: 2, columns: 8)]
    let error = #expect(throws: GraphError.self) { try interpreter.use(SmallNetwork.batch.pack()) }
    #expect(error == GraphError("the mask needs 8 × 2 values, has 2 × 8", at: "encoder.0.weight_hh_l0"))
  }
}
