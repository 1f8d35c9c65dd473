import WeftCorpus

/// Runs a graph in double precision, operation by operation as their references say.
///
/// It is what generated code is compared with; nothing that users do runs through it.
public struct ReferenceInterpreter {
  public let graph: Graph
  /// By name; matrices of `Parameter.rows` × `Parameter.columns`.
  public var parameters: [String: Matrix]
  /// By name, 0 or 1 for each number of a parameter: the network is computed with mask ⊙ parameter, and gradients are 0
  /// where the mask is (M_t of Sun et al. 2020). Parameters without a mask are used whole.
  public var masks: [String: Matrix] = [:]

  /// What a run computed.
  public struct Run: Sendable {
    /// By task name; training only.
    public var losses: [String: Double] = [:]
    /// Every value that was computed, by name.
    public var values: [String: Matrix] = [:]
    /// Gradients of the parameters that the tasks reach, by name.
    public var gradients: [String: Matrix] = [:]
  }

  public init(_ graph: Graph, parameters: [String: Matrix]) {
    self.graph = graph
    self.parameters = parameters
  }

  /// Losses of some tasks and the gradient of their sum, each times its seed.
  ///
  /// - Parameter seeds: factor of the loss, by name of the task; other tasks do not run.
  /// - Throws: `GraphError` naming the input, parameter or injected site that is missing or of the wrong size.
  public func train(
    _ batch: PackedBatch, seeds: [String: Double], random: RandomKeys = .off
  ) throws(GraphError) -> Run {
    try run(batch, purpose: .training, tasks: try mask(seeds.keys.sorted()), seeds: seeds, random: random)
  }

  /// Losses of some tasks, without gradients.
  public func losses(
    _ batch: PackedBatch, tasks: [String], random: RandomKeys = .off
  ) throws(GraphError) -> [String: Double] {
    let seeds = Dictionary(tasks.map { ($0, 1.0) }) { first, _ in first }
    return try run(
      batch, purpose: .training, tasks: try mask(tasks), seeds: seeds, random: random, isForwardOnly: true
    ).losses
  }

  /// Scores, predictions and probabilities of some tasks, all of them by default.
  public func use(_ batch: PackedBatch, tasks: [String]? = nil) throws(GraphError) -> Run {
    let mask = try mask(tasks ?? graph.tasks.map(\.name))
    return try run(batch, purpose: .use, tasks: mask, seeds: [:], random: .off)
  }

  private func mask(_ tasks: [String]) throws(GraphError) -> UInt64 {
    var mask: UInt64 = 0
    for name in tasks { mask |= 1 << UInt64(try index(ofTask: name)) }
    return mask
  }

  private func index(ofTask name: String) throws(GraphError) -> Int {
    guard let index = graph.taskIndex(name) else {
      throw GraphError("the network has no such task", at: name)
    }
    return index
  }

  private func run(
    _ batch: PackedBatch, purpose: Purpose, tasks mask: UInt64, seeds: [String: Double], random: RandomKeys,
    isForwardOnly: Bool = false
  ) throws(GraphError) -> Run {
    let packing = Packing(batch)
    let reach = graph.reach(purpose, tasks: mask)
    var values = try inputValues(batch, packing, reach, seeds: seeds)
    var gradients = [Matrix?](repeating: nil, count: graph.parameters.count)
    for parameter in graph.parameters where !isForwardOnly && reach.accumulated[parameter.id.index] != 0 {
      gradients[parameter.id.index] = Matrix(rows: parameter.rows, columns: parameter.columns)
    }
    for node in graph.nodes[..<(isForwardOnly ? graph.forwardCount : graph.nodes.count)] {
      if purpose == .use, let source = node.sourceInUse {
        if let output = node.outputs[0] { values[output.index] = values[source.index] }
        continue
      }
      guard reach.nodes[node.id.index] != 0 else { continue }
      try evaluate(node, batch, packing, purpose, random, values: &values, gradients: &gradients)
    }
    var result = Run()
    for value in graph.values { result.values[value.name] = values[value.id.index] }
    for parameter in graph.parameters {
      result.gradients[parameter.name] = try gradients[parameter.id.index].map {
        (matrix) throws(GraphError) in
        try masked(matrix, parameter.name)
      }
    }
    for name in seeds.keys.sorted() {
      result.losses[name] = values[graph.tasks[try index(ofTask: name)].loss.index]?.elements.first
    }
    return result
  }

  private func inputValues(
    _ batch: PackedBatch, _ packing: Packing, _ reach: Reach, seeds: [String: Double]
  ) throws(GraphError) -> [Matrix?] {
    var values = [Matrix?](repeating: nil, count: graph.values.count)
    for input in graph.inputs where reach.values[input.index] != 0 {
      let (name, rows) = (graph[input].name, packing.count(graph[input].type.rows))
      if let task = graph.tasks.first(where: { $0.seed == input }) {
        values[input.index] = Matrix(rows: 1, columns: 1, repeating: seeds[task.name] ?? 0)
        continue
      }
      guard let ids = batch.inputs[name] else { throw GraphError("the batch lacks this input", at: name) }
      guard ids.count == rows else {
        throw GraphError("the batch has \(ids.count) of these, but \(rows) rows", at: name)
      }
      values[input.index] = Matrix(rows: rows, columns: 1, elements: ids.map(Double.init))
    }
    return values
  }

  private func evaluate(
    _ node: Node, _ batch: PackedBatch, _ packing: Packing, _ purpose: Purpose, _ random: RandomKeys,
    values: inout [Matrix?], gradients: inout [Matrix?]
  ) throws(GraphError) {
    var context = ReferenceContext(packing: packing, isTraining: purpose == .training) {
      random.values($0, rows: $1, columns: $2, batch: batch)
    }
    for input in node.inputs {
      // A gradient to which no running node contributes is zero.
      let type = graph[input].type
      context.inputs.append(
        values[input.index] ?? Matrix(rows: packing.count(type.rows), columns: type.columns))
      context.inputTypes.append(type)
    }
    for id in node.parameters { context.parameters.append(try parameter(id)) }
    context.outputTypes = try node.operation.outputTypes(
      inputs: context.inputTypes, parameters: node.parameters.map { graph[$0] })
    context.isNeeded = node.outputs.map { $0 != nil }
    context.outputs = Array(repeating: nil, count: node.outputs.count)
    for id in node.accumulates {
      context.accumulated.append(
        gradients[id.index] ?? Matrix(rows: graph[id].rows, columns: graph[id].columns))
      gradients[id.index] = nil
    }
    try checkInjection(node, packing, random)
    node.operation.evaluate(&context)
    for (id, gradient) in zip(node.accumulates, context.accumulated) { gradients[id.index] = gradient }
    for case (let output?, let result?) in zip(node.outputs, context.outputs) {
      if graph[output].isSum, values[output.index] != nil {
        values[output.index]? += result
      } else {
        values[output.index] = result
      }
    }
  }

  private func parameter(_ id: ParameterID) throws(GraphError) -> Matrix {
    let parameter = graph[id]
    guard let matrix = parameters[parameter.name] else {
      throw GraphError("the parameter has no values", at: parameter.name)
    }
    guard matrix.rows == parameter.rows, matrix.columns == parameter.columns else {
      throw GraphError(
        "the parameter needs \(parameter.rows) × \(parameter.columns) values, has"
          + " \(matrix.rows) × \(matrix.columns)", at: parameter.name)
    }
    return try masked(matrix, parameter.name)
  }

  private func masked(_ matrix: Matrix, _ name: String) throws(GraphError) -> Matrix {
    guard let mask = masks[name] else { return matrix }
    guard mask.rows == matrix.rows, mask.columns == matrix.columns else {
      throw GraphError(
        "the mask needs \(matrix.rows) × \(matrix.columns) values, has \(mask.rows) × \(mask.columns)",
        at: name)
    }
    // Chosen, not multiplied: what a mask removes is zero whatever it was.
    return Matrix(
      rows: matrix.rows, columns: matrix.columns,
      elements: zip(matrix.elements, mask.elements).map { $1 == 0 ? 0 : $0 })
  }

  /// Injected values must have the rows and columns that the site asks for.
  private func checkInjection(
    _ node: Node, _ packing: Packing, _ random: RandomKeys
  ) throws(GraphError) {
    guard let site = (node.operation as? any RandomOperation)?.site, let injected = random.injected[site.name]
    else { return }
    let types = node.outputs.map { $0.map { graph[$0].type } }
    guard let type = node.operation is Dropout ? types[1] : types[0] else { return }
    guard injected.rows == packing.count(type.rows), injected.columns == type.columns else {
      throw GraphError(
        "needs \(packing.count(type.rows)) × \(type.columns) injected values, has"
          + " \(injected.rows) × \(injected.columns)", at: site.name)
    }
  }
}
