extension Graph {
  /// The part of the graph that some tasks need for a purpose, as a graph of its own.
  ///
  /// Nodes that run for none of the tasks are gone, with the values and parameters that only they touch. For use,
  /// nodes that exist for training only are passed by: their readers read their first input. Names and order stay;
  /// indices close up. What the purpose does not compute of a task's outputs (in use: its loss and seed; in training:
  /// its prediction and probabilities) stays declared, but no node writes or reads it.
  ///
  /// - Parameter mask: bit t for the task with index t; the result has only these tasks, in order.
  public func specialized(for purpose: Purpose, tasks mask: UInt64 = .max) throws(GraphError) -> Graph {
    let reach = reach(purpose, tasks: mask)
    let source = purpose == .use ? passedBy() : values.map(\.id)
    let kept = nodes.filter { reach.nodes[$0.id.index] != 0 }
    let keptTasks = tasks.enumerated().filter { mask & (1 << UInt64($0.offset)) != 0 }.map(\.element)

    var isKept = [Bool](repeating: false, count: values.count)
    for node in kept {
      for input in node.inputs { isKept[source[input.index].index] = true }
      for case let output? in node.outputs { isKept[output.index] = true }
    }
    for task in keptTasks {
      for output in [task.scores, task.loss, task.prediction, task.probabilities] {
        isKept[output.index] = true
      }
    }

    var result = Graph()
    var newValues = [ValueID?](repeating: nil, count: values.count)
    for value in values where isKept[value.id.index] {
      let gradientOf = value.gradientOf.flatMap { newValues[$0.index] }
      newValues[value.id.index] =
        inputs.contains(value.id)
        ? try result.addInput(value.name, value.type)
        : try result.addValue(value.name, value.type, isSum: value.isSum, gradientOf: gradientOf)
    }
    // Seeds are inputs of the backward pass; where there is none they are mere names.
    for task in keptTasks where newValues[task.seed.index] == nil {
      newValues[task.seed.index] = try result.addValue(self[task.seed].name, self[task.seed].type)
    }
    var newParameters = [ParameterID?](repeating: nil, count: parameters.count)
    for parameter in parameters where reach.parameters[parameter.id.index] != 0 {
      newParameters[parameter.id.index] = try result.addParameter(
        parameter.name, shape: parameter.shape, initializer: parameter.initializer, group: parameter.group,
        isPrunable: parameter.isPrunable, isRowSparse: parameter.isRowSparse,
        isTrainable: parameter.isTrainable)
    }
    for node in kept {
      if isDifferentiated, purpose == .training, result.firstGradient == nil, node.id.index >= forwardCount {
        result.firstGradient = result.nodes.count
      }
      result.append(
        node.operation, named: node.name,
        inputs: node.inputs.compactMap { newValues[source[$0.index].index] },
        parameters: node.parameters.compactMap { newParameters[$0.index] },
        accumulates: node.accumulates.compactMap { newParameters[$0.index] },
        outputs: node.outputs.map { $0.flatMap { newValues[$0.index] } })
    }
    if purpose == .training {
      for penalty in penalties {
        let kept = penalty.parameters.compactMap { newParameters[$0.index] }
        guard kept.count == penalty.parameters.count else { continue }
        result.penalties.append(
          Penalty(name: penalty.name, operation: penalty.operation, parameters: kept))
      }
      for group in weightGroups {
        let parts = group.parts.compactMap { part in
          newParameters[part.parameter.index].map { WeightGroup.Part($0, rows: part.rows) }
        }
        guard parts.count == group.parts.count else { continue }
        result.weightGroups.append(WeightGroup(name: group.name, weight: group.weight, parts: parts))
      }
    }
    for var task in keptTasks {
      guard let scores = newValues[task.scores.index], let loss = newValues[task.loss.index],
        let prediction = newValues[task.prediction.index], let seed = newValues[task.seed.index],
        let probabilities = newValues[task.probabilities.index]
      else { continue }
      (task.scores, task.loss, task.prediction) = (scores, loss, prediction)
      (task.probabilities, task.seed) = (probabilities, seed)
      task.decoderParameters = task.decoderParameters.compactMap { newParameters[$0.index] }
      result.tasks.append(task)
    }
    try GraphVerifier.checkInDebug(result)
    return result
  }

  /// For each value the one that stands for it in use: itself, or what goes into the training-only nodes above it.
  private func passedBy() -> [ValueID] {
    var source = values.map(\.id)
    for node in nodes[..<forwardCount] {
      if let input = node.sourceInUse, let output = node.outputs.first ?? nil {
        source[output.index] = source[input.index]
      }
    }
    return source
  }
}
