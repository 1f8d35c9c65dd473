/// A convolution over the characters of each form, maximum over positions (Ma and Hovy 2016, section 2.1).
///
/// For form w with embeddings e_0 … e_{n−1} (zero outside):
/// a_p = bias + Σ_k W[:, :, k] e_{p + k − (width − 1)/2}, y = max_p a_p, then ReLU if asked for.
public struct CharConv: Operation {
  public static let kind = "charConv"
  /// Odd number of characters that one filter sees.
  public var width: Int
  /// ReLU before the maximum, which is the same as after it.
  public var relu: Bool
  public var attributes: [String] { ["width=\(width)", "relu=\(relu)"] }

  public init(width: Int, relu: Bool) {
    self.width = width
    self.relu = relu
  }

  /// Inputs: embeddings [scalar × E]. Parameters: weight [F × E × width], bias [F].
  /// Outputs: y [form × F], argmax [form × F] index: the position in the form where the filter is largest before
  /// the activation, the first of equals.
  public func outputTypes(inputs: [ValueType], parameters: [Parameter]) throws(GraphError) -> [ValueType] {
    try Self.requireCounts(inputs: inputs, 1, parameters: parameters, 2)
    try Self.requireType(inputs[0], ValueType(.scalar, inputs[0].columns), "the embeddings")
    try Self.require(width > 0 && width % 2 == 1, "the width must be odd, is \(width)")
    let filters = parameters[0].rows
    try Self.requireShape(parameters[0], [filters, inputs[0].columns, width], "the weight")
    try Self.requireShape(parameters[1], [filters], "the bias")
    return [ValueType(.form, filters), ValueType(.form, filters, .index)]
  }

  public func evaluate(_ context: inout ReferenceContext) {
    let (embeddings, weight, bias) = (context.inputs[0], context.parameters[0], context.parameters[1])
    var (y, argmax) = (context.zeros(0), context.zeros(1))
    for (form, rows) in context.packing.sequences(of: .scalar).enumerated() {
      for filter in 0..<y.columns {
        var best = -Double.infinity
        for position in rows.indices {
          var sum = bias.elements[filter]
          for offset in 0..<width {
            let neighbour = position + offset - (width - 1) / 2
            guard rows.indices.contains(neighbour) else { continue }
            for column in 0..<embeddings.columns {
              sum += weight[filter, column * width + offset] * embeddings[rows[neighbour], column]
            }
          }
          if sum > best {
            best = sum
            argmax[form, filter] = Double(position)
          }
        }
        if rows.isEmpty { best = 0 }
        y[form, filter] = relu ? max(0, best) : best
      }
    }
    (context.outputs[0], context.outputs[1]) = (y, argmax)
  }

  public func differentiate(
    _ node: Node, outputGradient: ValueID, into gradient: inout GradientBuilder
  ) throws(GraphError) {
    guard let y = node.outputs[0], let argmax = node.outputs[1] else { return }
    gradient.add(
      CharConvGradient(width: width, relu: relu), for: node,
      inputs: [node.inputs[0], argmax, y, outputGradient], parameters: [node.parameters[0]],
      accumulates: try gradient.trainableParameters(of: node),
      outputs: [try gradient.contribution(to: node.inputs[0])])
  }

  public func cost(inputs: [ValueType], parameters: [Parameter]) -> Cost {
    Cost([.scalar: parameters[0].count])
  }
}

/// Sends dy back to the position that each filter's maximum came from.
public struct CharConvGradient: Operation {
  public static let kind = "charConvGradient"
  public var width: Int
  public var relu: Bool
  public var attributes: [String] { ["width=\(width)", "relu=\(relu)"] }

  public init(width: Int, relu: Bool) {
    self.width = width
    self.relu = relu
  }

  /// Inputs: embeddings [scalar × E], argmax [form × F] index, y [form × F], dy [form × F]. Parameters: weight.
  /// Outputs: d_embeddings [scalar × E]. Accumulates: weight, bias.
  public func outputTypes(inputs: [ValueType], parameters: [Parameter]) throws(GraphError) -> [ValueType] {
    try Self.requireCounts(inputs: inputs, 4, parameters: parameters, 1)
    let filters = parameters[0].rows
    try Self.requireType(inputs[0], ValueType(.scalar, inputs[0].columns), "the embeddings")
    try Self.requireShape(parameters[0], [filters, inputs[0].columns, width], "the weight")
    try Self.requireType(inputs[1], ValueType(.form, filters, .index), "the argmax")
    try Self.requireType(inputs[2], ValueType(.form, filters), "the output")
    try Self.requireType(inputs[3], ValueType(.form, filters), "the output's gradient")
    return [inputs[0]]
  }

  public func evaluate(_ context: inout ReferenceContext) {
    let (embeddings, argmax) = (context.inputs[0], context.inputs[1])
    let (y, dy, weight) = (context.inputs[2], context.inputs[3], context.parameters[0])
    var embeddingsGradient = Matrix(rows: embeddings.rows, columns: embeddings.columns)
    for (form, rows) in context.packing.sequences(of: .scalar).enumerated() where !rows.isEmpty {
      for filter in 0..<y.columns where !relu || y[form, filter] > 0 {
        let gradient = dy[form, filter]
        let position = Int(argmax[form, filter])
        for offset in 0..<width {
          let neighbour = position + offset - (width - 1) / 2
          guard rows.indices.contains(neighbour) else { continue }
          for column in 0..<embeddings.columns {
            let tap = column * width + offset
            embeddingsGradient[rows[neighbour], column] += gradient * weight[filter, tap]
            if !context.accumulated.isEmpty {
              context.accumulated[0][filter, tap] += gradient * embeddings[rows[neighbour], column]
            }
          }
        }
        if !context.accumulated.isEmpty { context.accumulated[1].elements[filter] += gradient }
      }
    }
    context.outputs[0] = embeddingsGradient
  }
}
