import Testing
import WeftGraph

struct OrthogonalityTests {
  /// Units of a direction, inputs, subspaces.
  static let shapes = [(2, 1, 2), (2, 3, 2), (6, 5, 3), (4, 2, 4)]

  private static func graph(_ shape: (hidden: Int, inputs: Int, subspaces: Int), every: Int = 1) throws
    -> (operation: Orthogonality, weights: Matrix)
  {
    let operation = Orthogonality(weight: 0.3, subspaces: shape.subspaces, every: every)
    var graph = Graph()
    _ = try graph.addParameter(
      "w", shape: [4 * shape.hidden, shape.inputs], initializer: .zero, group: .recurrent)
    #expect(try operation.outputTypes(inputs: [], parameters: graph.parameters).isEmpty)
    return (operation, try #require(graph.randomParameters()["w"]))
  }

  private static func gradient(_ operation: Orthogonality, _ weights: Matrix) -> Matrix {
    var context = ReferenceContext(weights)
    operation.evaluate(&context)
    return context.accumulated[0]
  }

  /// ‖G_1 G_2ᵀ‖²_F by its definition, with G_s gathered gate by gate.
  @Test(arguments: shapes.indices) func valueIsTheNormOfTheProducts(index: Int) throws {
    let (hidden, inputs, subspaces) = Self.shapes[index]
    let weights = try Self.graph(Self.shapes[index]).weights
    let width = hidden / subspaces
    var expected = 0.0
    for s in 0..<subspaces {
      for t in s + 1..<subspaces {
        for unit in 0..<4 * width {
          for other in 0..<4 * width {
            let row = unit / width * hidden + s * width + unit % width
            let otherRow = other / width * hidden + t * width + other % width
            let product = (0..<inputs).reduce(0) { $0 + weights[row, $1] * weights[otherRow, $1] }
            expected += product * product
          }
        }
      }
    }
    #expect(abs(Orthogonality.value(of: weights, subspaces: subspaces) - expected) < 1e-12 * (1 + expected))
    #expect(expected > 0)
  }

  @Test(arguments: shapes.indices) func gradientMatchesDifferences(index: Int) throws {
    let (operation, weights) = try Self.graph(Self.shapes[index])
    let gradient = Self.gradient(operation, weights)
    let step = 1e-5
    for i in weights.elements.indices {
      func value(_ change: Double) -> Double {
        var changed = weights
        changed.elements[i] += change
        return operation.weight * Orthogonality.value(of: changed, subspaces: operation.subspaces)
      }
      let difference = (value(step) - value(-step)) / (2 * step)
      #expect(abs(difference - gradient.elements[i]) < 1e-8 * (1 + abs(difference)))
    }
  }

  @Test func orthogonalSubspacesAreNotMoved() {
    // Two units, whose four gates read one input each.
    let weights = Matrix(
      rows: 8, columns: 2, elements: Array(repeating: [1, 0, 0, 2], count: 4).flatMap { $0 })
    #expect(Orthogonality.value(of: weights, subspaces: 2) == 0)
    let gradient = Self.gradient(Orthogonality(weight: 1, subspaces: 2), weights)
    #expect(gradient.elements.allSatisfy { $0 == 0 })
  }

  @Test func whatIsAddedNowAndThenIsStronger() throws {
    let (operation, weights) = try Self.graph((4, 3, 2))
    let (rare, _) = try Self.graph((4, 3, 2), every: 5)
    let (each, fifth) = (Self.gradient(operation, weights), Self.gradient(rare, weights))
    #expect(zip(each.elements, fifth.elements).allSatisfy { abs(5 * $0 - $1) < 1e-12 })
  }

  @Test func whatDoesNotFitIsRefused() throws {
    var graph = Graph()
    _ = try graph.addParameter("w", shape: [8, 3], initializer: .zero, group: .recurrent)
    for operation in [
      Orthogonality(weight: 1, subspaces: 1), Orthogonality(weight: 1, subspaces: 3),
      Orthogonality(weight: 1, subspaces: 2, every: 0),
    ] {
      #expect(throws: GraphError.self) {
        try operation.outputTypes(inputs: [], parameters: graph.parameters)
      }
    }
  }
}
