import WeftSpec

extension NetworkBuilder {
  /// The parameters that masks may thin out: the weights of recurrences and convolutions that the spec's patterns name.
  ///
  /// - Throws: if a pattern names something that is never pruned, or nothing at all. Of the patterns that hold where a
  ///   spec has none, some fit nothing in most networks.
  func prunableParameters() throws(GraphError) -> Set<ParameterID> {
    let subject = "sharing.prunable"
    let candidates = graph.parameters.filter(Self.canBePruned)
    var chosen: Set<ParameterID> = []
    for pattern in spec.sharing.prunable.map({ NamePattern($0) }) {
      let matching = graph.parameters.filter { pattern.matches($0.name) }
      if let other = matching.first(where: { !Self.canBePruned($0) }) {
        throw GraphError(
          "the pattern '\(pattern.text)' matches \(other.name), \(Self.role(of: other)); only weights of recurrences and"
            + " convolutions can be pruned: \(Self.list(candidates))", at: subject)
      }
      guard !matching.isEmpty || spec.sharing.prunable == SharingSpec.defaultPrunable else {
        throw GraphError(
          candidates.isEmpty
            ? "the pattern '\(pattern.text)' matches nothing: the network has neither recurrences nor convolutions"
            : "the pattern '\(pattern.text)' matches nothing that can be pruned, which is: \(Self.list(candidates))",
          at: subject)
      }
      chosen.formUnion(matching.map(\.id))
    }
    guard spec.sharing.kind != .sparse || !chosen.isEmpty else {
      throw GraphError("sparse sharing needs something to prune, but no pattern names a weight", at: subject)
    }
    return chosen
  }

  private static func canBePruned(_ parameter: Parameter) -> Bool {
    switch parameter.group {
    case .recurrent, .convolution: parameter.shape.count > 1
    case .embedding, .head, .mixing: false
    }
  }

  private static func role(of parameter: Parameter) -> String {
    switch parameter.group {
    case .embedding: "an embedding"
    case .head: "part of a head"
    case .mixing: "the weights of a mixture"
    case .recurrent, .convolution: "a bias"
    }
  }

  private static func list(_ parameters: [Parameter]) -> String {
    parameters.map(\.name).joined(separator: ", ")
  }
}
