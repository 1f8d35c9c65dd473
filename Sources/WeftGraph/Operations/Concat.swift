/// Columns of several values side by side.
public struct Concat: Operation {
  public static let kind = "concat"
  public init() {}

  /// Inputs: x_1 … x_n [R × D_i]. Outputs: [R × Σ D_i].
  public func outputTypes(inputs: [ValueType], parameters: [Parameter]) throws(GraphError) -> [ValueType] {
    try Self.requireCounts(inputs: inputs, max(1, inputs.count), parameters: parameters, 0)
    for (position, input) in inputs.enumerated() {
      try Self.requireType(input, ValueType(inputs[0].rows, input.columns), "input \(position)")
    }
    return [ValueType(inputs[0].rows, inputs.reduce(0) { $0 + $1.columns })]
  }

  public func evaluate(_ context: inout ReferenceContext) {
    var y = context.zeros(0)
    for row in 0..<y.rows { y.setRow(row, context.inputs.flatMap { $0.row(row) }) }
    context.outputs[0] = y
  }

  public func differentiate(
    _ node: Node, outputGradient: ValueID, into gradient: inout GradientBuilder
  ) throws(GraphError) {
    var offset = 0
    for (position, input) in node.inputs.enumerated() {
      let columns = gradient.graph[input].type.columns
      gradient.add(
        Slice(offset: offset, columns: columns), for: node, part: "\(position)", inputs: [outputGradient],
        outputs: [try gradient.contribution(to: input)])
      offset += columns
    }
  }
}
