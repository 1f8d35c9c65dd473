/// The best path of a linear-chain CRF (Viterbi 1967); of equally good labels the smallest.
public struct Viterbi: Operation {
  public static let kind = "viterbi"
  public var hasStartEnd: Bool
  public var constraints: CRFConstraints?
  var form: CRFChain.Form { .init(hasStartEnd: hasStartEnd, constraints: constraints) }
  public var attributes: [String] { form.attributes }

  public init(hasStartEnd: Bool, constraints: CRFConstraints? = nil) {
    self.hasStartEnd = hasStartEnd
    self.constraints = constraints
  }

  /// Inputs: scores [token × L]. Parameters: as `Crf`. Outputs: labels [token × 1] index.
  public func outputTypes(inputs: [ValueType], parameters: [Parameter]) throws(GraphError) -> [ValueType] {
    try Self.requireCounts(inputs: inputs, 1, parameters: parameters, form.parameterCount)
    try Self.requireType(inputs[0], ValueType(.token, inputs[0].columns), "scores")
    try form.check(Self.self, labels: inputs[0].columns, parameters: parameters)
    return [ValueType(.token, 1, .index)]
  }

  public func evaluate(_ context: inout ReferenceContext) {
    let scores = context.inputs[0]
    var labels = context.zeros(0)
    for rows in context.packing.sequences(of: .token) {
      let path = form.chain(scores, rows: rows, parameters: context.parameters).bestPath()
      for (row, label) in zip(rows, path) { labels[row, 0] = Double(label) }
    }
    context.outputs[0] = labels
  }

  public func cost(inputs: [ValueType], parameters: [Parameter]) -> Cost {
    Cost([inputs[0].rows: inputs[0].columns * inputs[0].columns])
  }
}
