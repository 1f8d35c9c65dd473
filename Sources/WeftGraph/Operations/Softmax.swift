/// exp(scores_j) / Σ_k exp(scores_k) in each row.
public struct Softmax: Operation {
  public static let kind = "softmax"
  public init() {}

  /// Inputs: scores [R × L]. Outputs: probabilities [R × L].
  public func outputTypes(inputs: [ValueType], parameters: [Parameter]) throws(GraphError) -> [ValueType] {
    try Self.requireCounts(inputs: inputs, 1, parameters: parameters, 0)
    try Self.requireFloat(inputs[0], "scores")
    return [inputs[0]]
  }

  public func evaluate(_ context: inout ReferenceContext) {
    let scores = context.inputs[0]
    var probabilities = context.zeros(0)
    for row in 0..<scores.rows { probabilities.setRow(row, softmax(scores.row(row))) }
    context.outputs[0] = probabilities
  }

  public func cost(inputs: [ValueType], parameters: [Parameter]) -> Cost {
    Cost([inputs[0].rows: inputs[0].columns])
  }
}
