/// The label with the highest score in each row, the smallest of equals.
public struct Argmax: Operation {
  public static let kind = "argmax"
  public init() {}

  /// Inputs: scores [R × L]. Outputs: [R × 1] index.
  public func outputTypes(inputs: [ValueType], parameters: [Parameter]) throws(GraphError) -> [ValueType] {
    try Self.requireCounts(inputs: inputs, 1, parameters: parameters, 0)
    try Self.requireFloat(inputs[0], "scores")
    return [ValueType(inputs[0].rows, 1, .index)]
  }

  public func evaluate(_ context: inout ReferenceContext) {
    let scores = context.inputs[0]
    var best = context.zeros(0)
    for row in 0..<scores.rows {
      for label in 0..<scores.columns where scores[row, label] > scores[row, Int(best[row, 0])] {
        best[row, 0] = Double(label)
      }
    }
    context.outputs[0] = best
  }
}
