import Testing
import WeftGraph

/// Broken graphs, and what the verifier says of them.
struct GraphVerifierTests {
  /// A layer whose author forgot its bias's gradient.
  private struct ForgetfulLinear: Operation {
    static let kind = "forgetful"
    func outputTypes(inputs: [ValueType], parameters: [Parameter]) throws(GraphError) -> [ValueType] {
      try Linear().outputTypes(inputs: inputs, parameters: parameters)
    }
    func evaluate(_ context: inout ReferenceContext) { Linear().evaluate(&context) }
    func differentiate(
      _ node: Node, outputGradient: ValueID, into gradient: inout GradientBuilder
    ) throws(GraphError) {
      gradient.add(
        LinearGradient(hasBias: false), for: node, inputs: [node.inputs[0], outputGradient],
        parameters: [node.parameters[0]], accumulates: [node.parameters[0]],
        outputs: [try gradient.contribution(to: node.inputs[0])])
    }
  }

  /// Exists for training only, but cannot be passed by in use.
  private struct Narrowing: Operation {
    static let kind = "narrowing"
    var isTrainingOnly: Bool { true }
    func outputTypes(inputs: [ValueType], parameters: [Parameter]) throws(GraphError) -> [ValueType] {
      [ValueType(inputs[0].rows, 1)]
    }
    func evaluate(_ context: inout ReferenceContext) { context.outputs[0] = context.zeros(0) }
  }

  private var graph = Graph()
  private let x: ValueID
  private let ids: ValueID

  init() throws {
    x = try graph.addInput("x", ValueType(.token, 3))
    ids = try graph.addInput("ids", ValueType(.token, 1, .index))
  }

  private func expectError(
    _ message: String, at subject: String, in graph: Graph,
    sourceLocation: Testing.SourceLocation = #_sourceLocation
  ) {
    let error = #expect(throws: GraphError.self, sourceLocation: sourceLocation) {
      try GraphVerifier.verify(graph)
    }
    #expect(error == GraphError(message, at: subject), sourceLocation: sourceLocation)
  }

  private func append(
    _ operation: any Operation, _ name: String, _ inputs: [ValueID], _ outputs: [ValueID?],
    accumulates: [ParameterID] = [], to graph: inout Graph
  ) {
    graph.append(
      operation, named: name, inputs: inputs, parameters: [], accumulates: accumulates, outputs: outputs)
  }

  @Test func builtGraphsAreWellFormed() throws {
    let graph = try Graph(spec: SmallNetwork.spec(.hard), sizes: SmallNetwork.sizes)
    try GraphVerifier.verify(graph)
    try GraphVerifier.verify(try graph.differentiated())
    #expect(throws: GraphError("the graph has its gradients already", at: "gradient")) {
      try graph.differentiated().differentiated()
    }
  }

  @Test func namesAreUnique() throws {
    var graph = graph
    for output in ["y", "z"] {
      try graph.add(Copy(), named: "copy", inputs: [x], outputNames: [output])
    }
    expectError("two nodes have this name", at: "copy", in: graph)
    #expect(throws: GraphError("two values have this name", at: "y")) {
      try graph.addValue("y", ValueType(.one, 1))
    }
    _ = try graph.addParameter("p", shape: [1], initializer: .zero, group: .head)
    #expect(throws: GraphError("two parameters have this name", at: "p")) {
      try graph.addParameter("p", shape: [1], initializer: .zero, group: .head)
    }
  }

  @Test func aValueHasOneWriter() throws {
    var graph = graph
    let y = try graph.add(Copy(), named: "y", inputs: [x])[0]
    append(Copy(), "again", [x], [y], to: &graph)
    expectError("2 nodes write this value, which is no sum", at: "y", in: graph)
  }

  @Test func inputsAreNotWritten() throws {
    var graph = graph
    let y = try graph.add(Copy(), named: "y", inputs: [x])[0]
    append(Copy(), "back", [y], [x], to: &graph)
    expectError("a node writes this input", at: "x", in: graph)
  }

  @Test func readsComeAfterWrites() throws {
    var graph = graph
    let y = try graph.addValue("y", ValueType(.token, 3))
    try graph.add(Copy(), named: "z", inputs: [y])
    expectError("z reads this value, which no node writes", at: "y", in: graph)
    append(Copy(), "late", [x], [y], to: &graph)
    expectError("z reads this value before late writes it", at: "y", in: graph)
  }

  @Test func aSumIsReadWhenItIsComplete() throws {
    var graph = graph
    let y = try graph.addValue("y", ValueType(.token, 3), isSum: true)
    append(Copy(), "first", [x], [y], to: &graph)
    let early = graph
    append(Copy(), "second", [x], [y], to: &graph)
    try graph.add(Copy(), named: "z", inputs: [y])
    try GraphVerifier.verify(graph)
    graph = early
    try graph.add(Copy(), named: "z", inputs: [y])
    append(Copy(), "second", [x], [y], to: &graph)
    expectError("z reads this value before second writes it", at: "y", in: graph)
  }

  @Test func typesAreThoseOfTheShapeRules() throws {
    var graph = graph
    let y = try graph.addValue("y", ValueType(.token, 2))
    append(Copy(), "copy", [x], [y], to: &graph)
    expectError("gives [token × 3] for y, which is [token × 2]", at: "copy", in: graph)
    graph = self.graph
    append(Copy(), "copy", [x, x], [], to: &graph)
    expectError("copy: needs 1 inputs, has 2", at: "copy", in: graph)
    graph = self.graph
    append(Copy(), "copy", [x], [], to: &graph)
    expectError("gives 1 outputs, but names 0", at: "copy", in: graph)
  }

  @Test func aGradientHasTheTypeOfItsValue() throws {
    var graph = graph
    _ = try graph.addValue("d_x", ValueType(.token, 2), isSum: true, gradientOf: x)
    expectError("is no sum of the type of x", at: "d_x", in: graph)
  }

  @Test func theForwardPassHasNoGradients() throws {
    var graph = graph
    let table = try graph.addParameter("table", shape: [4, 3], initializer: .zero, group: .embedding)
    append(EmbedGradient(), "early", [ids, x], [], accumulates: [table], to: &graph)
    expectError("adds to a parameter's gradient in the forward pass", at: "early", in: graph)
    graph = self.graph
    append(Copy(), "nothing", [x], [nil], to: &graph)
    expectError("leaves out its primary output", at: "nothing", in: graph)
  }

  @Test func whatIsForTrainingOnlyKeepsItsInputsType() throws {
    var graph = graph
    try graph.add(Narrowing(), named: "narrow", inputs: [x])
    expectError(
      "exists for training only, so must give the type of its first input", at: "narrow", in: graph)
  }

  @Test func everyTrainableParameterIsAccumulated() throws {
    var harness = try OperationHarness()
    let x = try harness.source("x", .token, columns: 2)
    let parameters = [try harness.parameter("weight", [3, 2]), try harness.parameter("bias", [3])]
    let y = try harness.graph.add(ForgetfulLinear(), named: "y", inputs: [x], parameters: parameters)[0]
    let graph = try harness.closed(y)
    let error = #expect(throws: GraphError.self) { try graph.differentiated() }
    #expect(
      error
        == GraphError(
          "the loss of task t depends on this parameter, but no node adds to its gradient", at: "bias"))
  }

  @Test func partlyFrozenLayersAreRefused() throws {
    var harness = try OperationHarness()
    let x = try harness.source("x", .token, columns: 2)
    let parameters = [
      try harness.parameter("weight", [3, 2]), try harness.parameter("bias", [3], isTrainable: false),
    ]
    let y = try harness.graph.add(Linear(), named: "y", inputs: [x], parameters: parameters)[0]
    let graph = try harness.closed(y)
    #expect(throws: GraphError("its parameters must be all trainable or all frozen", at: "y")) {
      try graph.differentiated()
    }
  }

  @Test func tasksGiveWhatTheySay() throws {
    var harness = try OperationHarness()
    let x = try harness.source("x", .token, columns: 2)
    var graph = try harness.closed(x)
    graph.tasks[0].labelCount = 3
    expectError("its scores must be [token × 3], is [token × 2]", at: "t", in: graph)
    graph.tasks[0].labelCount = 2
    graph.tasks[0].prediction = graph.tasks[0].probabilities
    expectError("its prediction must be [token × 1] index, is [token × 2]", at: "t", in: graph)
  }
}
