/// Rows of another value: y[r] = x[index[r]]. Brings what is computed once a form to every token spelled so.
public struct Gather: Operation {
  public static let kind = "gather"
  public init() {}

  /// Inputs: x [S × D], index [R × 1] index into the rows of x. Outputs: y [R × D].
  public func outputTypes(inputs: [ValueType], parameters: [Parameter]) throws(GraphError) -> [ValueType] {
    try Self.requireCounts(inputs: inputs, 2, parameters: parameters, 0)
    try Self.requireFloat(inputs[0], "the source")
    try Self.requireType(inputs[1], ValueType(inputs[1].rows, 1, .index), "the index")
    return [ValueType(inputs[1].rows, inputs[0].columns)]
  }

  public func evaluate(_ context: inout ReferenceContext) {
    let (x, index) = (context.inputs[0], context.inputs[1])
    var y = context.zeros(0)
    for row in 0..<index.rows { y.setRow(row, x.row(Int(index[row, 0]))) }
    context.outputs[0] = y
  }

  public func differentiate(
    _ node: Node, outputGradient: ValueID, into gradient: inout GradientBuilder
  ) throws(GraphError) {
    gradient.add(
      GatherGradient(rows: gradient.graph[node.inputs[0]].type.rows), for: node,
      inputs: [node.inputs[1], outputGradient], outputs: [try gradient.contribution(to: node.inputs[0])])
  }
}

/// dx[index[r]] += dy[r], rows in order; rows that no index names get 0.
public struct GatherGradient: Operation {
  public static let kind = "gatherGradient"
  /// The index set of x.
  public var rows: IndexSet
  public var attributes: [String] { ["rows=\(rows)"] }
  public init(rows: IndexSet) { self.rows = rows }

  /// Inputs: index [R × 1] index, dy [R × D]. Outputs: dx [S × D].
  public func outputTypes(inputs: [ValueType], parameters: [Parameter]) throws(GraphError) -> [ValueType] {
    try Self.requireCounts(inputs: inputs, 2, parameters: parameters, 0)
    try Self.requireType(inputs[0], ValueType(inputs[1].rows, 1, .index), "the index")
    try Self.requireFloat(inputs[1], "the output's gradient")
    return [ValueType(rows, inputs[1].columns)]
  }

  public func evaluate(_ context: inout ReferenceContext) {
    let (index, dy) = (context.inputs[0], context.inputs[1])
    var dx = context.zeros(0)
    for row in 0..<index.rows {
      for column in 0..<dy.columns { dx[Int(index[row, 0]), column] += dy[row, column] }
    }
    context.outputs[0] = dx
  }
}
