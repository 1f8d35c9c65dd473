import WeftGraph

/// A value that is some columns of another one, so that no copy is needed.
struct View: Sendable, Equatable {
  var of: ValueID
  var column: Int
}

/// Finds the joins and cuts that cost nothing: an input of a `Concat` is written where the result is to be, and the
/// `Slice` of a gradient is a window on it.
struct ViewFinder {
  private(set) var views: [ValueID: View] = [:]
  /// Nodes that have nothing left to do.
  private(set) var elided: Set<NodeID> = []

  init(graph: Graph, nodes: [Node], isInput: (ValueID) -> Bool) {
    var readers: [ValueID: Int] = [:]
    var writers: [ValueID: Int] = [:]
    for node in nodes {
      for id in node.inputs { readers[id, default: 0] += 1 }
      for case let id? in node.outputs { writers[id, default: 0] += 1 }
    }
    for node in nodes {
      if node.operation is Concat, let joined = node.outputs.first ?? nil {
        // An input that others read too may stay a view (nobody writes it again), but it can lie in one place only.
        let isFree = node.inputs.allSatisfy { !isInput($0) && views[$0] == nil && !graph[$0].isSum }
        guard isFree, Set(node.inputs).count == node.inputs.count else { continue }
        var column = 0
        for id in node.inputs {
          views[id] = View(of: joined, column: column)
          column += graph[id].type.columns
        }
        elided.insert(node.id)
      } else if let slice = node.operation as? Slice, let piece = node.outputs.first ?? nil {
        // A sum with other writers needs memory of its own to add in.
        guard writers[piece] == 1, !isInput(node.inputs[0]) else { continue }
        views[piece] = View(of: node.inputs[0], column: slice.offset)
        elided.insert(node.id)
      }
    }
  }
}
