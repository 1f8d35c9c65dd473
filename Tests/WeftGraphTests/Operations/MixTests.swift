import Testing
import WeftGraph

struct MixTests {
  /// Inputs, subspaces, directions and columns.
  struct Shape: CustomTestStringConvertible, Sendable {
    var inputs: Int
    var subspaces: Int
    var directions: Int
    var columns: Int
    var testDescription: String { "M=\(inputs) S=\(subspaces) directions=\(directions) D=\(columns)" }
  }
  static let shapes = [
    Shape(inputs: 1, subspaces: 1, directions: 1, columns: 1),
    Shape(inputs: 1, subspaces: 2, directions: 2, columns: 4),
    Shape(inputs: 2, subspaces: 1, directions: 2, columns: 6),
    Shape(inputs: 2, subspaces: 2, directions: 2, columns: 12),
    Shape(inputs: 3, subspaces: 3, directions: 1, columns: 3),
    Shape(inputs: 3, subspaces: 1, directions: 1, columns: 5),
  ]

  /// Σ over outputs of their mixtures, so that all rows of α are trained; `rows` of the last are mixed from `sources`.
  private func graph(
    _ shape: Shape, sources: [Int]? = nil, isTrainable: Bool = true
  ) throws -> (graph: Graph, outputs: [String]) {
    var harness = try OperationHarness()
    let (m, s) = (shape.inputs, shape.subspaces)
    let inputs = try (0..<m).map { try harness.source("x\($0)", .token, columns: shape.columns) }
    let alpha = try harness.parameter("alpha", [m * s, m * s], isTrainable: isTrainable)
    let sources = sources ?? Array(0..<m)
    var outputs: [ValueID] = []
    for row in 0..<m {
      let mix = Mix(row: row, sources: sources, subspaces: s, directions: shape.directions)
      outputs.append(
        try harness.graph.add(mix, named: "y\(row)", inputs: sources.map { inputs[$0] }, parameters: [alpha])[
          0])
    }
    let joined = try harness.graph.add(Concat(), named: "joined", inputs: outputs)[0]
    return (try harness.closed(joined), outputs.indices.map { "y\($0)" })
  }

  /// ỹ = A x for the stacked subspaces, written as the paper does: [h_{1,1}; …; h_{M,S}] as rows of a matrix.
  private func expected(_ inputs: [Matrix], _ alpha: Matrix, _ shape: Shape, row: Int) -> [[Double]] {
    (0..<inputs[0].rows).map { token in
      let width = shape.columns / shape.directions / shape.subspaces
      // Subspace s of a task: its part of each direction, one behind the other.
      let stacked = inputs.flatMap { input in
        (0..<shape.subspaces).map { s in
          (0..<shape.directions).flatMap { d in
            (0..<width).map { input[token, (d * shape.subspaces + s) * width + $0] }
          }
        }
      }
      let mixed = (0..<shape.subspaces).map { s in
        (0..<shape.directions * width).map { unit in
          stacked.indices.reduce(0) { $0 + alpha[row * shape.subspaces + s, $1] * stacked[$1][unit] }
        }
      }
      return (0..<shape.directions).flatMap { d in
        mixed.flatMap { $0[(d * width)..<((d + 1) * width)] }
      }
    }
  }

  @Test(arguments: shapes) func isTheMatrixTimesTheStackedSubspaces(shape: Shape) throws {
    let (graph, outputs) = try graph(shape)
    let batch = GradientTests.batch(RandomBatch(lengths: [3, 2]), labels: 1)
    let parameters = graph.randomParameters()
    let run = try ReferenceInterpreter(graph, parameters: parameters).use(batch)
    let inputs = try (0..<shape.inputs).map { try #require(run.values["x\($0)"]) }
    let alpha = try #require(parameters["alpha"])
    for (row, name) in outputs.enumerated() {
      let found = try #require(run.values[name])
      for (token, values) in expected(inputs, alpha, shape, row: row).enumerated() {
        #expect(zip(found.row(token), values).allSatisfy { abs($0 - $1) < 1e-12 })
      }
    }
  }

  @Test(arguments: shapes, [true, false])
  func gradientsMatchDifferences(shape: Shape, isTrainable: Bool) throws {
    let graph = try graph(shape, isTrainable: isTrainable).graph
    for batch in GradientTests.shapes {
      try expectGradientsMatchDifferences(
        graph, GradientTests.batch(batch, labels: shape.inputs * shape.columns), seeds: ["t": 1.7])
    }
  }

  @Test func inputsThatAreLeftOutCountAsZero() throws {
    let shape = Shape(inputs: 3, subspaces: 2, directions: 2, columns: 4)
    let graph = try graph(shape, sources: [0, 2]).graph
    let batch = GradientTests.batch(RandomBatch(lengths: [4]), labels: 12)
    try expectGradientsMatchDifferences(graph, batch, seeds: ["t": 1])
    let parameters = graph.randomParameters()
    let run = try ReferenceInterpreter(graph, parameters: parameters).use(batch)
    let x = try [0, 2].map { try #require(run.values["x\($0)"]) }
    #expect(run.values["x1"] == nil)
    let silent = Matrix(rows: 4, columns: 4)
    let values = expected([x[0], silent, x[1]], try #require(parameters["alpha"]), shape, row: 1)
    let found = try #require(run.values["y1"])
    for (token, row) in values.enumerated() {
      #expect(zip(found.row(token), row).allSatisfy { abs($0 - $1) < 1e-12 })
    }
  }

  /// The mixture of a task's layers is the same operation: one row of β [tasks × layers].
  @Test func layersOfOneTaskMixByARowOfBeta() throws {
    var harness = try OperationHarness()
    let layers = try (0..<3).map { try harness.source("layer\($0)", .token, columns: 4) }
    let beta = try harness.parameter("beta", [2, 3])
    let y = try harness.graph.add(
      Mix(row: 1, sources: [0, 1, 2]), named: "y", inputs: layers, parameters: [beta])[0]
    let graph = try harness.closed(y)
    let batch = GradientTests.batch(RandomBatch(lengths: [2, 5]), labels: 4)
    try expectGradientsMatchDifferences(graph, batch, seeds: ["t": 1])
    let parameters = graph.randomParameters()
    let run = try ReferenceInterpreter(graph, parameters: parameters).use(batch)
    let weights = try #require(parameters["beta"]).row(1)
    let found = try #require(run.values["y"])
    for index in found.elements.indices {
      let sum = try weights.enumerated().reduce(0.0) { sum, layer in
        sum + layer.element * (try #require(run.values["layer\(layer.offset)"])).elements[index]
      }
      #expect(abs(found.elements[index] - sum) < 1e-12)
    }
  }

  @Test func anEmptyBatchGivesNothing() throws {
    let graph = try graph(Self.shapes[3]).graph.differentiated()
    let run = try ReferenceInterpreter(graph, parameters: graph.randomParameters())
      .train(GradientTests.batch(RandomBatch(lengths: [], formLengths: []), labels: 24), seeds: ["t": 1])
    #expect(run.gradients["alpha"]?.elements.allSatisfy { $0 == 0 } == true)
  }

  static let refused: [(Mix, [ValueType], [Int], String)] = [
    (
      Mix(row: 0, sources: [0, 1], subspaces: 2, directions: 2),
      [ValueType(.token, 6), ValueType(.token, 6)],
      [4, 4], "3 units of each direction cannot be split in 2 subspaces of equal size"
    ),
    (
      Mix(row: 2, sources: [0, 1]), [ValueType(.token, 6), ValueType(.token, 6)], [2, 2],
      "α (alpha) of shape [2, 2] has no block row 2"
    ),
    (
      Mix(row: 0, sources: [0, 2]), [ValueType(.token, 6), ValueType(.token, 6)], [2, 2],
      "the inputs [0, 2] are no ascending block columns of α (alpha) of shape [2, 2]"
    ),
    (
      Mix(row: 0, sources: [1, 0]), [ValueType(.token, 6), ValueType(.token, 6)], [2, 2],
      "the inputs [1, 0] are no ascending block columns of α (alpha) of shape [2, 2]"
    ),
    (
      Mix(row: 0, sources: [0], subspaces: 2), [ValueType(.token, 6)], [3, 2],
      "α (alpha) must be a matrix of whole blocks of 2, has shape [3, 2]"
    ),
    (
      Mix(row: 0, sources: [0]), [ValueType(.token, 6)], [1],
      "α (alpha) must be a matrix of whole blocks of 1, has shape [1]"
    ),
    (
      Mix(row: 0, sources: [0, 1]), [ValueType(.token, 6), ValueType(.token, 4)], [2, 2],
      "input 1 must be [token × 6], is [token × 4]"
    ),
    (Mix(row: 0, sources: []), [], [2, 2], "needs 1 inputs, has 0"),
    (Mix(row: 0, sources: [0, 1]), [ValueType(.token, 6)], [2, 2], "needs 2 inputs, has 1"),
    (
      Mix(row: 0, sources: [0], subspaces: 0), [ValueType(.token, 6)], [2, 2],
      "needs one subspace and one direction at least, has 0 and 1"
    ),
    (
      Mix(row: 0, sources: [0]), [ValueType(.token, 1, .index)], [1, 1],
      "input 0 must hold floats, is [token × 1] index"
    ),
  ]

  @Test(arguments: refused.indices) func whatDoesNotFitIsRefused(index: Int) throws {
    let (mix, types, shape, message) = Self.refused[index]
    var graph = Graph()
    let inputs = try types.enumerated().map { try graph.addInput("x\($0.offset)", $0.element) }
    let alpha = try graph.addParameter("alpha", shape: shape, initializer: .zero, group: .mixing)
    let error = #expect(throws: GraphError.self) {
      try graph.add(mix, named: "node", inputs: inputs, parameters: [alpha])
    }
    #expect(error == GraphError("mix: \(message)", at: "node"))
  }
}
