/// What a run is for.
public enum Purpose: String, Sendable, Hashable, Codable {
  /// Losses and, in a differentiated graph, gradients.
  case training
  /// Scores, predictions and probabilities; what exists for training only is passed by.
  case use
}

/// Which parts of a graph each task needs: bit t of a mask is set where task t (its index in `Graph.tasks`) does.
public struct Reach: Sendable, Equatable {
  /// Tasks that a mask has room for.
  public static let maximumTasks = 64

  /// Of each node: the tasks for which it runs.
  public internal(set) var nodes: [UInt64]
  /// Of each value: the tasks that read or write it.
  public internal(set) var values: [UInt64]
  /// Of each parameter: the tasks that read it or add to its gradient.
  public internal(set) var parameters: [UInt64]
  /// Of each parameter: the tasks whose backward pass adds to its gradient; 0 for frozen parameters.
  public internal(set) var accumulated: [UInt64]

  /// Does the node run for some of these tasks?
  public func runs(_ node: NodeID, tasks mask: UInt64) -> Bool { nodes[node.index] & mask != 0 }
}

extension Graph {
  /// The mask of all tasks.
  public var allTasks: UInt64 { tasks.indices.reduce(0) { $0 | 1 << UInt64($1) } }

  /// Index of the task with this name.
  public func taskIndex(_ name: String) -> Int? { tasks.firstIndex { $0.name == name } }

  /// What each task needs for a purpose.
  ///
  /// - Parameter mask: the tasks asked about; others reach nothing.
  public func reach(_ purpose: Purpose, tasks mask: UInt64 = .max) -> Reach {
    var reach = Reach(
      nodes: Array(repeating: 0, count: nodes.count), values: Array(repeating: 0, count: values.count),
      parameters: Array(repeating: 0, count: parameters.count),
      accumulated: Array(repeating: 0, count: parameters.count))
    for (index, task) in tasks.enumerated() {
      let bit = mask & (1 << UInt64(index))
      let targets =
        switch purpose {
        case .training: [task.loss]
        case .use: [task.scores, task.prediction, task.probabilities]
        }
      for target in targets { reach.values[target.index] |= bit }
    }
    markForward(&reach, purpose)
    if purpose == .training { markBackward(&reach, tasks: mask) }
    for node in nodes {
      for parameter in node.parameters { reach.parameters[parameter.index] |= reach.nodes[node.id.index] }
      for parameter in node.accumulates {
        reach.parameters[parameter.index] |= reach.nodes[node.id.index]
        reach.accumulated[parameter.index] |= reach.nodes[node.id.index]
      }
    }
    return reach
  }

  /// From the targets back: a forward node runs for the tasks that need one of its outputs.
  private func markForward(_ reach: inout Reach, _ purpose: Purpose) {
    for node in nodes[..<forwardCount].reversed() {
      let mask = node.outputs.reduce(0) { $0 | ($1.map { reach.values[$0.index] } ?? 0) }
      guard mask != 0 else { continue }
      if purpose == .use, let source = node.sourceInUse {
        for case let output? in node.outputs { reach.values[output.index] = 0 }
        reach.values[source.index] |= mask
        continue
      }
      reach.nodes[node.id.index] = mask
      for input in node.inputs { reach.values[input.index] |= mask }
    }
    for node in nodes[..<forwardCount] {
      for case let output? in node.outputs { reach.values[output.index] |= reach.nodes[node.id.index] }
    }
  }

  /// From the seeds on: a gradient node runs for the tasks whose loss's gradient comes to it; one that reads parameters
  /// alone, a penalty, for those that train them.
  private func markBackward(_ reach: inout Reach, tasks mask: UInt64) {
    var flow = [UInt64](repeating: 0, count: values.count)
    for (index, task) in tasks.enumerated() where reach.values[task.loss.index] != 0 {
      flow[task.seed.index] |= mask & (1 << UInt64(index))
    }
    var trained = [UInt64](repeating: 0, count: parameters.count)
    for node in nodes[forwardCount...] {
      let runs =
        node.inputs.isEmpty
        ? node.accumulates.reduce(mask) { $0 & trained[$1.index] }
        : node.inputs.reduce(0) { $0 | flow[$1.index] }
      for parameter in node.accumulates { trained[parameter.index] |= runs }
      reach.nodes[node.id.index] = runs
      for case let output? in node.outputs { flow[output.index] |= runs }
      for value in node.inputs + node.outputs.compactMap({ $0 }) { reach.values[value.index] |= runs }
    }
  }

  /// The parameters that a step of this task may change: exactly the trainable ones whose gradient its backward pass
  /// adds to. Clip norm, weight decay and momentum are taken over this set.
  public func updateSet(ofTask index: Int) -> [ParameterID] {
    let accumulated = reach(.training).accumulated
    return parameters.filter { accumulated[$0.id.index] & (1 << UInt64(index)) != 0 }.map(\.id)
  }
}
