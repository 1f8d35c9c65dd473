import WeftGraph

/// Puts an operation between parameters and a loss, so that the gradients of all that it reads can be checked.
///
/// Float inputs come from tables through `Embed`; the operation's output goes to a cross-entropy loss.
struct OperationHarness {
  var graph = Graph()
  private var seed: ValueID

  init() throws {
    for (name, rows) in [("word", IndexSet.token), ("form", .token), ("character", .scalar)] {
      try graph.addInput(name, ValueType(rows, 1, .index))
    }
    try graph.addInput("label.t", ValueType(.token, 1, .index))
    seed = try graph.addInput("seed.t", ValueType(.one, 1))
  }

  func input(_ name: String) throws -> ValueID {
    guard let id = graph.inputs.first(where: { graph[$0].name == name }) else {
      throw GraphError("no such input", at: name)
    }
    return id
  }

  mutating func parameter(_ name: String, _ shape: [Int], isTrainable: Bool = true) throws -> ParameterID {
    try graph.addParameter(name, shape: shape, initializer: .zero, group: .head, isTrainable: isTrainable)
  }

  /// A float value that depends on parameters: rows of a table, by token or by scalar.
  mutating func source(
    _ name: String, _ rows: IndexSet, columns: Int, isTrainable: Bool = true
  ) throws -> ValueID {
    let table = try graph.addParameter(
      "\(name).table", shape: [rows == .token ? 7 : 6, columns], initializer: .zero, group: .embedding,
      isRowSparse: isTrainable, isTrainable: isTrainable)
    let ids = try input(rows == .token ? "word" : "character")
    return try graph.add(Embed(), named: name, inputs: [ids], parameters: [table])[0]
  }

  /// Ends the graph with a cross-entropy over the columns of a value; form rows are gathered to tokens first.
  func closed(_ value: ValueID, smoothing: Double = 0) throws -> Graph {
    var graph = graph
    var scores = value
    if graph[value].type.rows == .form {
      scores = try graph.add(Gather(), named: "gathered", inputs: [value, try input("form")])[0]
    }
    let loss = try graph.add(
      CrossEntropy(smoothing: smoothing), named: "loss.t", inputs: [scores, try input("label.t")])[0]
    return try finished(graph, scores: scores, loss: loss)
  }

  /// Ends the graph with a CRF.
  func closedByCRF(_ scores: ValueID, _ crf: Crf, _ parameters: [ParameterID]) throws -> Graph {
    var graph = graph
    let loss = try graph.add(
      crf, named: "loss.t", inputs: [scores, try input("label.t")], parameters: parameters)[0]
    return try finished(graph, scores: scores, loss: loss)
  }

  private func finished(_ graph: Graph, scores: ValueID, loss: ValueID) throws -> Graph {
    var graph = graph
    let prediction = try graph.add(Argmax(), named: "prediction.t", inputs: [scores])[0]
    let probabilities = try graph.add(Softmax(), named: "probabilities.t", inputs: [scores])[0]
    graph.tasks.append(
      Graph.TaskOutputs(
        name: "t", scores: scores, loss: loss, prediction: prediction, probabilities: probabilities,
        seed: seed,
        decoderParameters: [], labelCount: graph[scores].type.columns))
    return graph
  }
}
