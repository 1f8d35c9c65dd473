/// P(y_t = j | sentence) under a linear-chain CRF.
public struct CrfMarginals: Operation {
  public static let kind = "crfMarginals"
  public var hasStartEnd: Bool
  public var constraints: CRFConstraints?
  var form: CRFChain.Form { .init(hasStartEnd: hasStartEnd, constraints: constraints) }
  public var attributes: [String] { form.attributes }

  public init(hasStartEnd: Bool, constraints: CRFConstraints? = nil) {
    self.hasStartEnd = hasStartEnd
    self.constraints = constraints
  }

  /// Inputs: scores [token × L]. Parameters: as `Crf`. Outputs: marginals [token × L].
  public func outputTypes(inputs: [ValueType], parameters: [Parameter]) throws(GraphError) -> [ValueType] {
    try Self.requireCounts(inputs: inputs, 1, parameters: parameters, form.parameterCount)
    try Self.requireType(inputs[0], ValueType(.token, inputs[0].columns), "scores")
    try form.check(Self.self, labels: inputs[0].columns, parameters: parameters)
    return [inputs[0]]
  }

  public func evaluate(_ context: inout ReferenceContext) {
    let scores = context.inputs[0]
    var marginals = context.zeros(0)
    for rows in context.packing.sequences(of: .token) {
      let chain = form.chain(scores, rows: rows, parameters: context.parameters)
      for (row, probabilities) in zip(rows, chain.marginals().labels) { marginals.setRow(row, probabilities) }
    }
    context.outputs[0] = marginals
  }

  public func cost(inputs: [ValueType], parameters: [Parameter]) -> Cost {
    Cost([inputs[0].rows: 2 * inputs[0].columns * inputs[0].columns])
  }
}
