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
  /// How each parameter is stored.
  let weights: [WeightType]
  /// Forms of matrices, in packages.
  let matrices: MatrixPlan
  /// Groups of tasks that run in step, each with values of its own.
  let groupCount: Int
  /// What all groups have in common.
  let common: CommonNodes
  /// Nodes that have code, in the order in which they run.
  let nodes: [Node]
  /// Nodes whose pieces may run at the same time, by the first of them.
  let groups: [NodeID: [Node]]
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

  /// - Parameters:
  ///   - graph: differentiated for training, specialised for inference.
  ///   - groupCount: groups of tasks with masks of their own, in packages.
  init(
    graph: Graph, purpose: Purpose, storage: ParameterStorage = .together, weights: [WeightType]? = nil,
    matrices: MatrixPlan = MatrixPlan(), groupCount: Int = 1
  ) {
    self.groupCount = groupCount
    self.matrices = matrices
    let weights = weights ?? Array(repeating: .f32, count: graph.parameters.count)
    self.weights = weights
    self.graph = graph
    self.purpose = purpose
    self.storage = storage
    let reach = graph.reach(purpose)
    let running = graph.nodes.filter { reach.nodes[$0.id.index] != 0 }
    let guards = Dictionary(uniqueKeysWithValues: running.map { ($0.id, reach.nodes[$0.id.index]) })
    self.guards = guards
    // One sentence is tagged fast enough; in training the stacks of soft sharing are most of the work.
    let steps = purpose == .training ? Self.steps(of: running, guards: guards) : running.map { [$0] }
    groups = Dictionary(uniqueKeysWithValues: steps.filter { $0.count > 1 }.map { ($0[0].id, $0) })
    let inputs = Set(graph.inputs)
    self.inputs = inputs

    let finder = ViewFinder(graph: graph, nodes: running, isInput: inputs.contains)
    nodes = running.filter { !finder.elided.contains($0.id) }
    common =
      groupCount > 1
      ? CommonNodes(graph: graph, nodes: running, elided: finder.elided) : CommonNodes()

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
        if purpose == .training, node.parameters.contains(where: { weights[$0.index] == .bf16 }) {
          scratch[node.id, default: []] += emitting.pairScratch(for: node, in: graph)
        }
      }
    }
    memory = MemoryPlan(
      graph: graph, steps: steps, kept: kept, views: finder.views, scratch: scratch,
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

  /// The C name of the function of a node, or of the group that it is the first of.
  func functionName(of node: Node) -> String {
    (nodeNames[node.id] ?? CIdentifier.mangle(node.name)) + (groups[node.id] == nil ? "" : "_and_others")
  }

  /// The schedule with neighbours that do not depend on each other put together, as far as their code is pieces.
  private static func steps(of nodes: [Node], guards: [NodeID: UInt64]) -> [[Node]] {
    var steps: [[Node]] = []
    for node in nodes {
      let isPieces = (node.operation as? any Emitting)?.isPieces == true
      if isPieces, let last = steps.last, let first = last.first,
        type(of: first.operation) == type(of: node.operation), guards[first.id] == guards[node.id],
        last.allSatisfy({ isIndependent(node, of: $0) })
      {
        steps[steps.count - 1].append(node)
      } else {
        steps.append([node])
      }
    }
    return steps
  }

  /// Contributions to one sum may come from both: pieces that make them run one after the other.
  private static func isIndependent(_ node: Node, of other: Node) -> Bool {
    let written = Set(other.outputs.compactMap { $0 })
    return written.isDisjoint(with: node.inputs) && Set(other.accumulates).isDisjoint(with: node.accumulates)
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
