/// Checks that a graph is well formed; runs after every pass in debug builds.
public struct GraphVerifier {
  private let graph: Graph
  /// Index of the last node that writes each value.
  private var lastWrite: [Int?]
  private var firstRead: [Int?]
  private var writers: [Int]

  private init(_ graph: Graph) {
    self.graph = graph
    lastWrite = Array(repeating: nil, count: graph.values.count)
    firstRead = Array(repeating: nil, count: graph.values.count)
    writers = Array(repeating: 0, count: graph.values.count)
  }

  /// - Throws: `GraphError` with the node, value or parameter at fault.
  public static func verify(_ graph: Graph) throws(GraphError) {
    var verifier = GraphVerifier(graph)
    try verifier.checkReferences()
    try verifier.checkNames()
    try verifier.checkOrder()
    try verifier.checkTypes()
    try verifier.checkRoles()
    try verifier.checkTasks()
    try verifier.checkReach()
  }

  /// Verifies in debug builds, so that a broken pass is found where it breaks.
  static func checkInDebug(_ graph: Graph) throws(GraphError) {
    #if DEBUG
      try verify(graph)
    #endif
  }

  /// Every value and parameter that a node names exists.
  private func checkReferences() throws(GraphError) {
    for (index, node) in graph.nodes.enumerated() {
      guard node.id.index == index else { throw GraphError("its number is not its place", at: node.name) }
      for value in node.inputs + node.outputs.compactMap({ $0 })
      where !graph.values.indices.contains(value.index) {
        throw GraphError("there is no value \(value.index)", at: node.name)
      }
      for parameter in node.parameters + node.accumulates
      where !graph.parameters.indices.contains(parameter.index) {
        throw GraphError("there is no parameter \(parameter.index)", at: node.name)
      }
    }
  }

  private func checkNames() throws(GraphError) {
    for (names, what) in [
      (graph.values.map(\.name), "values"), (graph.parameters.map(\.name), "parameters"),
      (graph.nodes.map(\.name), "nodes"), (graph.tasks.map(\.name), "tasks"),
    ] {
      var seen: Set<String> = []
      for name in names where !seen.insert(name).inserted {
        throw GraphError("two \(what) have this name", at: name)
      }
    }
  }

  /// One writer a value unless it is a sum, none for inputs, and reads only after the last write.
  private mutating func checkOrder() throws(GraphError) {
    for (index, node) in graph.nodes.enumerated() {
      for input in node.inputs where firstRead[input.index] == nil { firstRead[input.index] = index }
      for case let output? in node.outputs {
        lastWrite[output.index] = index
        writers[output.index] += 1
      }
    }
    let inputs = Set(graph.inputs)
    for value in graph.values {
      let index = value.id.index
      if inputs.contains(value.id) {
        guard writers[index] == 0 else { throw GraphError("a node writes this input", at: value.name) }
        continue
      }
      guard value.isSum || writers[index] <= 1 else {
        throw GraphError("\(writers[index]) nodes write this value, which is no sum", at: value.name)
      }
      guard let read = firstRead[index] else { continue }
      guard let write = lastWrite[index] else {
        throw GraphError("\(graph.nodes[read].name) reads this value, which no node writes", at: value.name)
      }
      guard write < read else {
        throw GraphError(
          "\(graph.nodes[read].name) reads this value before \(graph.nodes[write].name) writes it",
          at: value.name)
      }
    }
  }

  /// Written values have the types of the shape rules, and gradients those of what they are gradients of.
  private func checkTypes() throws(GraphError) {
    for node in graph.nodes {
      let types: [ValueType]
      do {
        types = try node.operation.outputTypes(
          inputs: node.inputs.map { graph[$0].type }, parameters: node.parameters.map { graph[$0] })
      } catch {
        throw GraphError("\(type(of: node.operation).kind): \(error.message)", at: node.name)
      }
      guard types.count == node.outputs.count else {
        throw GraphError("gives \(types.count) outputs, but names \(node.outputs.count)", at: node.name)
      }
      for case (let type, let output?) in zip(types, node.outputs) where graph[output].type != type {
        throw GraphError(
          "gives \(type) for \(graph[output].name), which is \(graph[output].type)", at: node.name)
      }
      if node.operation.isTrainingOnly, node.sourceInUse.map({ graph[$0].type }) != types.first {
        throw GraphError("exists for training only, so must give the type of its first input", at: node.name)
      }
    }
    for value in graph.values {
      guard let original = value.gradientOf else { continue }
      guard graph[original].type == value.type, value.isSum else {
        throw GraphError("is no sum of the type of \(graph[original].name)", at: value.name)
      }
    }
  }

  /// The forward pass accumulates nothing and reads no gradient; the backward pass accumulates trainable parameters.
  private func checkRoles() throws(GraphError) {
    for (index, node) in graph.nodes.enumerated() {
      if index < graph.forwardCount {
        guard node.accumulates.isEmpty else {
          throw GraphError("adds to a parameter's gradient in the forward pass", at: node.name)
        }
        guard node.outputs.first != .some(nil) else {
          throw GraphError("leaves out its primary output", at: node.name)
        }
        for input in node.inputs where graph[input].gradientOf != nil {
          throw GraphError("reads the gradient \(graph[input].name) in the forward pass", at: node.name)
        }
      }
      for parameter in node.accumulates where !graph[parameter].isTrainable {
        throw GraphError("adds to the gradient of \(graph[parameter].name), which is frozen", at: node.name)
      }
    }
  }

  private func checkTasks() throws(GraphError) {
    let one = ValueType(.one, 1)
    for task in graph.tasks {
      let labels = ValueType(.token, task.labelCount)
      for (value, type, role) in [
        (task.scores, labels, "scores"), (task.probabilities, labels, "probabilities"),
        (task.prediction, ValueType(.token, 1, .index), "prediction"), (task.loss, one, "loss"),
        (task.seed, one, "seed"),
      ] where graph[value].type != type {
        throw GraphError("its \(role) must be \(type), is \(graph[value].type)", at: task.name)
      }
    }
  }

  /// For every task: each trainable parameter that its loss depends on is accumulated, and each value that its
  /// backward pass reads is computed.
  private func checkReach() throws(GraphError) {
    guard graph.isDifferentiated else { return }
    let reach = graph.reach(.training)
    for parameter in graph.parameters where parameter.isTrainable {
      let missing = reach.parameters[parameter.id.index] & ~reach.accumulated[parameter.id.index]
      guard missing == 0 else {
        throw GraphError(
          "the loss of task \(graph.tasks[missing.trailingZeroBitCount].name) depends on this parameter, but no"
            + " node adds to its gradient", at: parameter.name)
      }
    }
    var available = [UInt64](repeating: 0, count: graph.values.count)
    for input in graph.inputs { available[input.index] = .max }
    for node in graph.nodes {
      let runs = reach.nodes[node.id.index]
      for input in node.inputs where runs & ~available[input.index] != 0 {
        throw GraphError(
          "runs for a task for which \(graph[input].name) is not computed", at: node.name)
      }
      for case let output? in node.outputs { available[output.index] |= runs }
    }
  }
}
