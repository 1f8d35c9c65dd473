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
    for layer in layers where outputs[layer] == nil {
      outputs[layer] = try addOutput(of: stack, layer: layer, prefix: "")
    }
    return layers.compactMap { outputs[$0] }
  }
}
