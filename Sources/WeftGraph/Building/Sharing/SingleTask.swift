import WeftSpec

extension NetworkBuilder {
  /// No sharing: each task has a base network of its own, whose names begin with `<task>.`; it ends at the layer that
  /// the task's head reads.
  ///
  /// - Returns: what each task's head reads.
  mutating func addSingleTaskNetworks() throws(GraphError) -> [ValueID] {
    var outputs: [ValueID] = []
    for task in spec.tasks {
      let prefix = "\(task.name)."
      let layer = try layer(of: task)
      let stack = try addStack(prefix: prefix, depth: layer.map { $0 + 1 } ?? 0)
      outputs.append(try addOutput(of: stack, layer: layer, for: task, prefix: prefix))
    }
    return outputs
  }
}
