/// The same value again: the gradient of operations that add something constant.
public struct Copy: Operation {
  public static let kind = "copy"
  public init() {}

  /// Inputs: x. Outputs: x.
  public func outputTypes(inputs: [ValueType], parameters: [Parameter]) throws(GraphError) -> [ValueType] {
    try Self.requireCounts(inputs: inputs, 1, parameters: parameters, 0)
    try Self.requireFloat(inputs[0], "the input")
    return [inputs[0]]
  }

  public func evaluate(_ context: inout ReferenceContext) { context.outputs[0] = context.inputs[0] }

  public func differentiate(
    _ node: Node, outputGradient: ValueID, into gradient: inout GradientBuilder
  ) throws(GraphError) {
    gradient.add(
      Copy(), for: node, inputs: [outputGradient], outputs: [try gradient.contribution(to: node.inputs[0])])
  }
}
