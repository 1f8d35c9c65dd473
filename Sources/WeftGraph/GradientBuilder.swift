/// Reverse-mode differentiation: turns each forward node, last to first, into gradient nodes.
///
/// Penalties come last. Gradients are sums (see `Value.isSum`): a value that several nodes read collects a contribution from each. The
/// graph is differentiated once for Σ_t seed_t · loss_t; which of the gradient nodes run for a task is known at
/// compile time (`Graph.reach`).
public struct GradientBuilder {
  public private(set) var graph: Graph
  private var gradients: [ValueID: ValueID] = [:]
  /// Values on which some trainable parameter depends; only these have a gradient.
  private let needed: Set<ValueID>

  init(_ graph: Graph) {
    self.graph = graph
    var needed: Set<ValueID> = []
    for node in graph.nodes {
      let trains = node.parameters.contains { graph[$0].isTrainable }
      if trains || node.inputs.contains(where: needed.contains) {
        needed.formUnion(node.outputs.compactMap { $0 }.filter { graph[$0].type.element == .float })
      }
    }
    self.needed = needed
  }

  /// The gradient of a value to be written to, or nil if nothing trainable lies behind the value.
  public mutating func contribution(to value: ValueID) throws(GraphError) -> ValueID? {
    guard needed.contains(value) else { return nil }
    if let existing = gradients[value] { return existing }
    let id = try graph.addValue("d_" + graph[value].name, graph[value].type, isSum: true, gradientOf: value)
    gradients[value] = id
    return id
  }

  /// Adds a gradient node.
  ///
  /// - Parameters:
  ///   - part: tells apart the gradient nodes of an operation that needs several.
  ///   - accumulates: parameters whose gradient it adds to; parameters that are not trainable must be left out by
  ///     the operation (`isTrainable(_:)`).
  ///   - outputs: gradients from `contribution(to:)`, nil where none is needed.
  public mutating func add(
    _ operation: any Operation, for node: Node, part: String? = nil, inputs: [ValueID],
    parameters: [ParameterID] = [],
    accumulates: [ParameterID] = [], outputs: [ValueID?]
  ) {
    guard !accumulates.isEmpty || outputs.contains(where: { $0 != nil }) else { return }
    graph.append(
      operation, named: "gradient." + node.name + (part.map { ".part\($0)" } ?? ""), inputs: inputs,
      parameters: parameters, accumulates: accumulates,
      outputs: outputs)
  }

  /// The parameters of a node whose gradient its gradient node must accumulate: all or, where they are frozen, none.
  public func trainableParameters(of node: Node) throws(GraphError) -> [ParameterID] {
    let trainable = node.parameters.filter(isTrainable)
    guard trainable.isEmpty || trainable.count == node.parameters.count else {
      throw GraphError("its parameters must be all trainable or all frozen", at: node.name)
    }
    return trainable
  }

  public func isTrainable(_ parameter: ParameterID) -> Bool { graph[parameter].isTrainable }

  mutating func run() throws(GraphError) {
    let forward = graph.nodes
    graph.firstGradient = forward.count
    var seeds: [ValueID: ValueID] = [:]
    for task in graph.tasks { seeds[task.loss] = task.seed }
    for node in forward.reversed() {
      guard let primary = node.outputs.first ?? nil else { continue }
      if let outputGradient = seeds[primary] ?? gradients[primary] {
        try node.operation.differentiate(node, outputGradient: outputGradient, into: &self)
      }
    }
    // Behind all that says which tasks reach their parameters.
    for penalty in graph.penalties {
      graph.append(
        penalty.operation, named: "gradient." + penalty.name, inputs: [], parameters: penalty.parameters,
        accumulates: penalty.parameters, outputs: [])
    }
  }
}

extension Graph {
  /// The graph with the gradient nodes of all tasks' losses behind the forward nodes.
  public func differentiated() throws(GraphError) -> Graph {
    guard !isDifferentiated else { throw GraphError("the graph has its gradients already", at: "gradient") }
    var builder = GradientBuilder(self)
    try builder.run()
    try GraphVerifier.checkInDebug(builder.graph)
    return builder.graph
  }
}
