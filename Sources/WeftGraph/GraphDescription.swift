extension Graph {
  /// What the architecture hash is taken of: parameters, and the operations that lead to each task's scores,
  /// predictions and probabilities in use.
  ///
  /// Dropout, noise, losses and initialisers are recipe, not architecture, so they are not in it; neither is anything
  /// that depends on the order in which a set is visited. Equal text means that checkpoints and masks fit.
  public func canonicalDescription() throws(GraphError) -> String {
    let graph = try specialized(for: .use)
    var lines = ["weft architecture 1"]
    for parameter in graph.parameters {
      let shape = parameter.shape.map(String.init).joined(separator: "x")
      lines.append("parameter \(parameter.name) \(shape)" + (parameter.isPrunable ? " prunable" : ""))
    }
    for input in graph.inputs { lines.append("input \(graph[input].name) \(graph[input].type)") }
    for node in graph.nodes { lines.append(graph.line(of: node)) }
    for task in graph.tasks {
      lines.append(
        "task \(task.name) \(task.labelCount) \(graph[task.scores].name) \(graph[task.prediction].name)"
          + " \(graph[task.probabilities].name)")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// The whole graph as text for people.
  public func dump() -> String {
    var lines: [String] = ["inputs"]
    for input in inputs { lines.append("  \(self[input].name) \(self[input].type)") }
    lines.append("parameters")
    for parameter in parameters {
      let shape = parameter.shape.map(String.init).joined(separator: " × ")
      var notes = [parameter.group.rawValue]
      if parameter.isPrunable { notes.append("prunable") }
      if parameter.isRowSparse { notes.append("row-sparse") }
      if !parameter.isTrainable { notes.append("frozen") }
      lines.append("  \(parameter.name) [\(shape)] \(notes.joined(separator: ", "))")
    }
    let reach = reach(.training)
    let use = self.reach(.use)
    lines.append("forward")
    for node in nodes {
      if node.id.index == firstGradient { lines.append("backward") }
      let mask = reach.nodes[node.id.index] | use.nodes[node.id.index]
      let names = tasks.indices.filter { mask & (1 << UInt64($0)) != 0 }.map { tasks[$0].name }
      let runs = names.count == tasks.count ? "" : "  # " + names.joined(separator: ", ")
      lines.append("  " + line(of: node) + runs)
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private func line(of node: Node) -> String {
    let outputs = node.outputs.map { $0.map { "\(self[$0].name) \(self[$0].type)" } ?? "_" }
    let operands = node.inputs.map { self[$0].name } + node.parameters.map { self[$0].name }
    let attributes = node.operation.attributes
    var line = outputs.isEmpty ? "" : outputs.joined(separator: ", ") + " = "
    line += type(of: node.operation).kind
    if !attributes.isEmpty { line += "{" + attributes.joined(separator: ", ") + "}" }
    line += "(" + operands.joined(separator: ", ") + ")"
    if !node.accumulates.isEmpty {
      line += " += " + node.accumulates.map { self[$0].name }.joined(separator: ", ")
    }
    return line
  }
}
