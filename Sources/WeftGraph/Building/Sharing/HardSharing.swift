import WeftSpec

extension NetworkBuilder {
  /// Hard sharing (Caruana 1997): one base network for all tasks. Heads on lower layers make it hierarchical sharing
  /// (Søgaard and Goldberg 2016).
  ///
  /// - Returns: what each task's head reads.
  mutating func addHardSharing() throws(GraphError) -> [ValueID] {
    let layers = try layersRead()
    let stack = try addStack(prefix: "", depth: network.encoder.count)
    var outputs: [Int?: ValueID] = [:]
    var read: [ValueID] = []
    for (task, layer) in zip(spec.tasks, layers) {
      if task.head.layers == .top, let shared = outputs[layer] {
        read.append(shared)
        continue
      }
      read.append(try addOutput(of: stack, layer: layer, for: task, prefix: ""))
      if task.head.layers == .top { outputs[layer] = read[read.count - 1] }
    }
    return read
  }
}
