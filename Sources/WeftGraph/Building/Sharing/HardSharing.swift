import WeftSpec

extension NetworkBuilder {
  /// Hard sharing (Caruana 1997): one base network for all tasks. Heads on lower layers make it hierarchical sharing
  /// (Søgaard and Goldberg 2016).
  ///
  /// - Returns: what each task's head reads.
  mutating func addHardSharing() throws(GraphError) -> [ValueID] {
    var layers: [Int?] = []
    for task in spec.tasks { layers.append(try layer(of: task)) }
    let depth = layers.compactMap { $0 }.max().map { $0 + 1 } ?? 0
    guard depth == network.encoder.count else {
      throw GraphError("no task's head reads this layer or one above it", at: "network.encoder.\(depth)")
    }
    let stack = try addStack(prefix: "", depth: depth)
    var outputs: [Int?: ValueID] = [:]
    for layer in layers where outputs[layer] == nil {
      outputs[layer] = try addOutput(of: stack, layer: layer, prefix: "")
    }
    return layers.compactMap { outputs[$0] }
  }
}
