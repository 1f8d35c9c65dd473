/// Rows of a table: y[r] = table[ids[r]].
public struct Embed: Operation {
  public static let kind = "embed"
  public init() {}

  /// Inputs: ids [R × 1] index. Parameters: table [V × D]. Outputs: y [R × D].
  public func outputTypes(inputs: [ValueType], parameters: [Parameter]) throws(GraphError) -> [ValueType] {
    try Self.requireCounts(inputs: inputs, 1, parameters: parameters, 1)
    try Self.requireType(inputs[0], ValueType(inputs[0].rows, 1, .index), "ids")
    try Self.require(parameters[0].shape.count == 2, "the table (\(parameters[0].name)) must be a matrix")
    return [ValueType(inputs[0].rows, parameters[0].columns)]
  }

  public func evaluate(_ context: inout ReferenceContext) {
    let (ids, table) = (context.inputs[0], context.parameters[0])
    var y = context.zeros(0)
    for row in 0..<ids.rows {
      y.setRow(row, table.row(Int(ids[row, 0])))
    }
    context.outputs[0] = y
  }

  public func differentiate(
    _ node: Node, outputGradient: ValueID, into gradient: inout GradientBuilder
  ) throws(GraphError) {
    gradient.add(
      EmbedGradient(), for: node, inputs: [node.inputs[0], outputGradient],
      accumulates: try gradient.trainableParameters(of: node), outputs: [])
  }
}

extension Embed: TableReading {
  public func tables(of node: Node) -> [(ids: ValueID, table: ParameterID)] {
    [(node.inputs[0], node.parameters[0])]
  }
}

/// d_table[ids[r]] += dy[r], rows in order.
public struct EmbedGradient: Operation {
  public static let kind = "embedGradient"
  public init() {}

  /// Inputs: ids [R × 1] index, dy [R × D]. Accumulates: table.
  public func outputTypes(inputs: [ValueType], parameters: [Parameter]) throws(GraphError) -> [ValueType] {
    try Self.requireCounts(inputs: inputs, 2, parameters: parameters, 0)
    try Self.requireType(inputs[0], ValueType(inputs[1].rows, 1, .index), "ids")
    try Self.requireFloat(inputs[1], "the output's gradient")
    return []
  }

  public func evaluate(_ context: inout ReferenceContext) {
    let (ids, dy) = (context.inputs[0], context.inputs[1])
    for row in 0..<ids.rows {
      let id = Int(ids[row, 0])
      for column in 0..<dy.columns { context.accumulated[0][id, column] += dy[row, column] }
    }
  }
}
