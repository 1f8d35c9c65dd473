import WeftGraph

/// Where inference finds its parameters.
enum ParameterStorage: Sendable {
  /// All in one block that is packed when the model is opened.
  case together
  /// Packed weights that masks may thin out for each group of tasks, packed weights that all tasks share, and pointers
  /// to what is read as it is, so that it can stay in the file.
  case byGroup
}

/// The graph made ready for emission: which nodes run, for which tasks, and where their values are.
struct Program: Sendable {
  let graph: Graph
  let purpose: Purpose
  let storage: ParameterStorage
  /// Nodes that have code, in the order in which they run.
  let nodes: [Node]
  /// Bit t: the node runs for task t. By node id.
  let guards: [NodeID: UInt64]
  let memory: MemoryPlan
  /// Sums with more than one writer: generated code keeps track of which contribution is the first.
  let contested: Set<ValueID>
  let inputs: Set<ValueID>
  /// Identifiers of values, unique in the program.
  let valueNames: [ValueID: String]
  /// Identifiers of node functions.
  let nodeNames: [NodeID: String]
  /// Identifiers of parameters.
  let parameterNames: [String]

  /// - Parameter graph: differentiated for training, specialised for inference.
  init(graph: Graph, purpose: Purpose, storage: ParameterStorage = .together) {
    self.graph = graph
    self.purpose = purpose
    self.storage = storage
    let reach = graph.reach(purpose)
    let running = graph.nodes.filter { reach.nodes[$0.id.index] != 0 }
    guards = Dictionary(uniqueKeysWithValues: running.map { ($0.id, reach.nodes[$0.id.index]) })
    let inputs = Set(graph.inputs)
    self.inputs = inputs

    let finder = ViewFinder(graph: graph, nodes: running, isInput: inputs.contains)
    nodes = running.filter { !finder.elided.contains($0.id) }

    var kept: Set<ValueID> = []
    if purpose == .use {
      for task in graph.tasks { kept.formUnion([task.scores, task.prediction, task.probabilities]) }
    } else {
      kept.formUnion(graph.tasks.map(\.loss))
    }
    var scratch: [NodeID: [Scratch]] = [:]
    for node in nodes {
      if let emitting = node.operation as? any Emitting {
        scratch[node.id] = emitting.scratch(for: node, in: graph, purpose: purpose)
      }
    }
    memory = MemoryPlan(
      graph: graph, nodes: running, kept: kept, views: finder.views, scratch: scratch,
      tight: Set(purpose == .use ? graph.tasks.flatMap { [$0.scores, $0.probabilities] } : []),
      isPlaced: { !inputs.contains($0) })

    var writers: [ValueID: Int] = [:]
    for node in running { for case let id? in node.outputs { writers[id, default: 0] += 1 } }
    contested = Set(writers.filter { $0.value > 1 }.keys)

    var identifiers = IdentifierTable()
    valueNames = Dictionary(uniqueKeysWithValues: graph.values.map { ($0.id, identifiers.add($0.name)) })
    var functions = IdentifierTable()
    nodeNames = Dictionary(
      uniqueKeysWithValues: running.map { node in
        let name = functions.add(node.name)
        return (node.id, node.name.hasPrefix("gradient.") ? name : "forward_" + name)
      })
    var parameters = IdentifierTable()
    parameterNames = graph.parameters.map { parameters.add($0.name) }
  }

  /// First floats of the parameters in the parameter block: multiples of 16, in the order of the graph.
  static func parameterOffsets(_ graph: Graph) -> (offsets: [Int], total: Int) {
    var offsets: [Int] = []
    var total = 0
    for parameter in graph.parameters {
      offsets.append(total)
      total += (parameter.count + 15) / 16 * 16
    }
    return (offsets, total)
  }
}
