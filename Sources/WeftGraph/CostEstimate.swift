/// What a run costs before any optimisation: multiply-adds, and memory if every value has a buffer of its own.
///
/// Both are linear in the rows of the index sets. The compiler's memory plan reuses buffers, so it needs less.
public struct CostEstimate: Sendable, Equatable {
  /// Multiply-adds of the forward pass, per row of each index set.
  public var multiplyAdds: [IndexSet: Int]
  /// Bytes of all values (4 a number), per row of each index set; gradients included in training.
  public var bytes: [IndexSet: Int]

  /// - Parameter mask: the tasks that run; bit t for task t.
  public init(_ graph: Graph, purpose: Purpose, tasks mask: UInt64 = .max) {
    let reach = graph.reach(purpose, tasks: mask)
    var cost = Cost()
    var bytes: [IndexSet: Int] = [:]
    for node in graph.nodes where reach.nodes[node.id.index] != 0 {
      guard node.id.index < graph.forwardCount else { continue }
      cost =
        cost
        + node.operation.cost(
          inputs: node.inputs.map { graph[$0].type }, parameters: node.parameters.map { graph[$0] })
    }
    for value in graph.values where reach.values[value.id.index] != 0 {
      bytes[value.type.rows, default: 0] += 4 * value.type.columns
    }
    multiplyAdds = cost.multiplyAdds
    self.bytes = bytes
  }

  /// Multiply-adds of one token whose form has so many scalars and is computed for it alone.
  public func multiplyAddsPerToken(scalars: Int) -> Int {
    total(of: multiplyAdds, tokens: 1, scalars: scalars)
  }

  /// Bytes of one sentence of so many tokens, all of different forms of so many scalars each.
  public func bytes(tokens: Int, scalarsPerForm: Int) -> Int {
    total(of: bytes, tokens: tokens, scalars: tokens * scalarsPerForm) + (bytes[.one] ?? 0)
      + (bytes[.sentence] ?? 0)
  }

  private func total(of rates: [IndexSet: Int], tokens: Int, scalars: Int) -> Int {
    (rates[.token] ?? 0) * tokens + (rates[.form] ?? 0) * tokens + (rates[.scalar] ?? 0) * scalars
  }
}
