/// y = x Wᵀ + b, as torch.nn.Linear.
public struct Linear: Operation {
  public static let kind = "linear"
  public var hasBias: Bool
  public var attributes: [String] { ["bias=\(hasBias)"] }
  public init(hasBias: Bool = true) { self.hasBias = hasBias }

  /// Inputs: x [R × in]. Parameters: weight [out × in] and, with a bias, bias [out]. Outputs: y [R × out].
  public func outputTypes(inputs: [ValueType], parameters: [Parameter]) throws(GraphError) -> [ValueType] {
    try Self.requireCounts(inputs: inputs, 1, parameters: parameters, hasBias ? 2 : 1)
    try Self.requireFloat(inputs[0], "the input")
    let outputs = parameters[0].rows
    try Self.requireShape(parameters[0], [outputs, inputs[0].columns], "the weight")
    if hasBias { try Self.requireShape(parameters[1], [outputs], "the bias") }
    return [ValueType(inputs[0].rows, outputs)]
  }

  public func evaluate(_ context: inout ReferenceContext) {
    let (x, weight) = (context.inputs[0], context.parameters[0])
    var y = context.zeros(0)
    for row in 0..<x.rows {
      var sums = weight.times(x.row(row))
      if hasBias { for output in sums.indices { sums[output] += context.parameters[1].elements[output] } }
      y.setRow(row, sums)
    }
    context.outputs[0] = y
  }

  public func differentiate(
    _ node: Node, outputGradient: ValueID, into gradient: inout GradientBuilder
  ) throws(GraphError) {
    gradient.add(
      LinearGradient(hasBias: hasBias), for: node, inputs: [node.inputs[0], outputGradient],
      parameters: [node.parameters[0]], accumulates: try gradient.trainableParameters(of: node),
      outputs: [try gradient.contribution(to: node.inputs[0])])
  }

  public func cost(inputs: [ValueType], parameters: [Parameter]) -> Cost {
    Cost([inputs[0].rows: parameters[0].count])
  }
}

/// dx = dy W, dW += dyᵀ x, db += Σ_r dy[r].
public struct LinearGradient: Operation {
  public static let kind = "linearGradient"
  public var hasBias: Bool
  public var attributes: [String] { ["bias=\(hasBias)"] }
  public init(hasBias: Bool = true) { self.hasBias = hasBias }

  /// Inputs: x [R × in], dy [R × out]. Parameters: weight. Outputs: dx [R × in] (may be left out).
  /// Accumulates: weight and, with a bias, bias.
  public func outputTypes(inputs: [ValueType], parameters: [Parameter]) throws(GraphError) -> [ValueType] {
    try Self.requireCounts(inputs: inputs, 2, parameters: parameters, 1)
    try Self.requireFloat(inputs[0], "the input")
    try Self.requireShape(parameters[0], [parameters[0].rows, inputs[0].columns], "the weight")
    try Self.requireType(inputs[1], ValueType(inputs[0].rows, parameters[0].rows), "the output's gradient")
    return [inputs[0]]
  }

  public func evaluate(_ context: inout ReferenceContext) {
    let (x, dy, weight) = (context.inputs[0], context.inputs[1], context.parameters[0])
    if context.isNeeded[0] {
      var dx = context.zeros(0)
      for row in 0..<x.rows { dx.setRow(row, weight.transposedTimes(dy.row(row))) }
      context.outputs[0] = dx
    }
    guard !context.accumulated.isEmpty else { return }
    for row in 0..<x.rows {
      context.accumulated[0].addOuter(dy.row(row), x.row(row))
      if hasBias {
        for output in 0..<dy.columns { context.accumulated[1].elements[output] += dy[row, output] }
      }
    }
  }
}
