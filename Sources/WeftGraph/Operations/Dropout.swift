/// Inverted dropout: y = x ⊙ mask with mask 0 or 1/(1 − p); in training only.
///
/// Variational dropout (Gal and Ghahramani 2016) draws one mask a sequence and uses it at every position.
public struct Dropout: RandomOperation {
  public static let kind = "dropout"
  /// The random stream; its kind is `.dropout(probability)`.
  public var site: RandomSite
  public var variational: Bool
  public var isTrainingOnly: Bool { true }
  public var attributes: [String] { [site.description, "variational=\(variational)"] }

  public init(site: String, probability: Double, variational: Bool = false) {
    self.site = RandomSite(site, .dropout(probability))
    self.variational = variational
  }

  public var probability: Double { site.probability }

  /// Inputs: x [token × D]. Outputs: y [token × D], mask [token × D] or, variational, [sentence × D].
  public func outputTypes(inputs: [ValueType], parameters: [Parameter]) throws(GraphError) -> [ValueType] {
    try Self.requireCounts(inputs: inputs, 1, parameters: parameters, 0)
    try Self.requireType(inputs[0], ValueType(.token, inputs[0].columns), "the input")
    guard case .dropout(let probability) = site.kind, (0..<1).contains(probability) else {
      throw GraphError("\(site) is not dropout with a probability in 0 ..< 1", at: Self.kind)
    }
    return [inputs[0], ValueType(variational ? .sentence : .token, inputs[0].columns)]
  }

  public func evaluate(_ context: inout ReferenceContext) {
    let x = context.inputs[0]
    let mask = context.randomValues(site, rows: variational ? .sentence : .token, columns: x.columns)
    context.outputs[0] = x.masked(by: mask, perSequence: variational, packing: context.packing)
    context.outputs[1] = mask
  }

  public func differentiate(
    _ node: Node, outputGradient: ValueID, into gradient: inout GradientBuilder
  ) throws(GraphError) {
    guard let mask = node.outputs[1] else { return }
    gradient.add(
      DropoutGradient(variational: variational), for: node, inputs: [mask, outputGradient],
      outputs: [try gradient.contribution(to: node.inputs[0])])
  }
}

/// dx = dy ⊙ mask.
public struct DropoutGradient: Operation {
  public static let kind = "dropoutGradient"
  public var variational: Bool
  public var attributes: [String] { ["variational=\(variational)"] }
  public init(variational: Bool) { self.variational = variational }

  /// Inputs: mask [token × D] or, variational, [sentence × D]; dy [token × D]. Outputs: dx [token × D].
  public func outputTypes(inputs: [ValueType], parameters: [Parameter]) throws(GraphError) -> [ValueType] {
    try Self.requireCounts(inputs: inputs, 2, parameters: parameters, 0)
    try Self.requireType(inputs[1], ValueType(.token, inputs[1].columns), "the output's gradient")
    try Self.requireType(
      inputs[0], ValueType(variational ? .sentence : .token, inputs[1].columns), "the mask")
    return [inputs[1]]
  }

  public func evaluate(_ context: inout ReferenceContext) {
    context.outputs[0] = context.inputs[1].masked(
      by: context.inputs[0], perSequence: variational, packing: context.packing)
  }
}

extension Matrix {
  /// Element-wise product of token rows with a mask of token or of sentence rows.
  fileprivate func masked(by mask: Matrix, perSequence: Bool, packing: Packing) -> Matrix {
    var result = self
    for (sequence, positions) in packing.sequences(of: .token).enumerated() {
      for row in positions {
        for column in 0..<columns { result[row, column] *= mask[perSequence ? sequence : row, column] }
      }
    }
    return result
  }
}
