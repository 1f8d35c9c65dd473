import WeftGraph

/// What is the same for all groups of tasks, whatever their masks: computed once where groups run in step.
struct CommonNodes: Sendable {
  private(set) var nodes: Set<NodeID> = []
  private(set) var values: Set<ValueID> = []

  init() {}

  /// - Parameters:
  ///   - nodes: that run.
  ///   - elided: those among them whose inputs are written where their result is to be.
  init(graph: Graph, nodes: [Node], elided: Set<NodeID>) {
    var own: Set<ValueID> = []
    var before = -1
    func isOwn(_ node: Node) -> Bool {
      node.parameters.contains { graph[$0].isPrunable } || !own.isDisjoint(with: node.inputs)
        || node.outputs.contains { $0.map(own.contains) == true }
    }
    // A part of a value that groups have each to themselves lies in each of its places.
    while own.count != before {
      before = own.count
      for node in nodes where isOwn(node) {
        own.formUnion(node.outputs.compactMap { $0 })
        if elided.contains(node.id) && node.operation is Concat { own.formUnion(node.inputs) }
      }
    }
    for node in nodes where !isOwn(node) {
      self.nodes.insert(node.id)
      values.formUnion(node.outputs.compactMap { $0 })
    }
  }
}
