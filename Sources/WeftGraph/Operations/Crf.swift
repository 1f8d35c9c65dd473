/// Negative log-likelihood of a linear-chain CRF, mean over the sentences that carry at least one label.
///
/// A sentence costs log Z − log Z(paths that agree with its known labels): unlabelled tokens are marginalised, and
/// a sentence without labels costs 0. The loss is infinite if constraints forbid the known labels; such data must be
/// refused before.
public struct Crf: Operation {
  public static let kind = "crf"
  public var hasStartEnd: Bool
  public var constraints: CRFConstraints?
  var form: CRFChain.Form { .init(hasStartEnd: hasStartEnd, constraints: constraints) }
  public var attributes: [String] { form.attributes }

  public init(hasStartEnd: Bool, constraints: CRFConstraints? = nil) {
    self.hasStartEnd = hasStartEnd
    self.constraints = constraints
  }

  /// Inputs: scores [token × L], labels [token × 1] index (−1: unlabelled). Parameters: transitions [L × L] (from row
  /// to column) and, with start and end scores, start [L], end [L]. Outputs: loss [one × 1].
  public func outputTypes(inputs: [ValueType], parameters: [Parameter]) throws(GraphError) -> [ValueType] {
    try Self.requireCounts(inputs: inputs, 2, parameters: parameters, form.parameterCount)
    try Self.requireType(inputs[0], ValueType(.token, inputs[0].columns), "scores")
    try Self.requireScoresAndLabels(inputs[0], inputs[1])
    try form.check(Self.self, labels: inputs[0].columns, parameters: parameters)
    return [ValueType(.one, 1)]
  }

  public func evaluate(_ context: inout ReferenceContext) {
    let sentences = labelledSentences(context)
    var sum = 0.0
    for (rows, known) in sentences {
      let (scores, parameters) = (context.inputs[0], context.parameters)
      sum += form.chain(scores, rows: rows, parameters: parameters).logPartition()
      sum -= form.chain(scores, rows: rows, parameters: parameters, known: known).logPartition()
    }
    var loss = context.zeros(0)
    loss[0, 0] = sentences.isEmpty ? 0 : sum / Double(sentences.count)
    context.outputs[0] = loss
  }

  public func differentiate(
    _ node: Node, outputGradient: ValueID, into gradient: inout GradientBuilder
  ) throws(GraphError) {
    gradient.add(
      CrfGradient(hasStartEnd: hasStartEnd, constraints: constraints), for: node,
      inputs: node.inputs + [outputGradient], parameters: node.parameters,
      accumulates: try gradient.trainableParameters(of: node),
      outputs: [try gradient.contribution(to: node.inputs[0])])
  }

  public func cost(inputs: [ValueType], parameters: [Parameter]) -> Cost {
    Cost([inputs[0].rows: inputs[0].columns * inputs[0].columns])
  }
}

/// Expected counts under all paths less those under the paths that agree with the known labels, times
/// d_loss / labelled sentences.
public struct CrfGradient: Operation {
  public static let kind = "crfGradient"
  public var hasStartEnd: Bool
  public var constraints: CRFConstraints?
  var form: CRFChain.Form { .init(hasStartEnd: hasStartEnd, constraints: constraints) }
  public var attributes: [String] { form.attributes }

  public init(hasStartEnd: Bool, constraints: CRFConstraints? = nil) {
    self.hasStartEnd = hasStartEnd
    self.constraints = constraints
  }

  /// Inputs: scores [token × L], labels [token × 1] index, d_loss [one × 1]. Parameters and accumulates: those of
  /// `Crf`. Outputs: d_scores [token × L].
  public func outputTypes(inputs: [ValueType], parameters: [Parameter]) throws(GraphError) -> [ValueType] {
    try Self.requireCounts(inputs: inputs, 3, parameters: parameters, form.parameterCount)
    try Self.requireType(inputs[0], ValueType(.token, inputs[0].columns), "scores")
    try Self.requireScoresAndLabels(inputs[0], inputs[1])
    try Self.requireType(inputs[2], ValueType(.one, 1), "the loss's gradient")
    try form.check(Self.self, labels: inputs[0].columns, parameters: parameters)
    return [inputs[0]]
  }

  public func evaluate(_ context: inout ReferenceContext) {
    let scores = context.inputs[0]
    let sentences = labelledSentences(context)
    var gradient = Matrix(rows: scores.rows, columns: scores.columns)
    for (rows, known) in sentences {
      let parameters = context.parameters
      let scale = context.inputs[2][0, 0] / Double(sentences.count)
      let free = form.chain(scores, rows: rows, parameters: parameters).marginals()
      let clamped = form.chain(scores, rows: rows, parameters: parameters, known: known).marginals()
      for (position, row) in rows.enumerated() {
        for label in 0..<scores.columns {
          let difference = scale * (free.labels[position][label] - clamped.labels[position][label])
          gradient[row, label] = difference
          guard hasStartEnd, !context.accumulated.isEmpty else { continue }
          if position == 0 { context.accumulated[1].elements[label] += difference }
          if position == rows.count - 1 { context.accumulated[2].elements[label] += difference }
        }
      }
      guard !context.accumulated.isEmpty else { continue }
      for i in free.pairs.elements.indices {
        context.accumulated[0].elements[i] += scale * (free.pairs.elements[i] - clamped.pairs.elements[i])
      }
    }
    if context.isNeeded[0] { context.outputs[0] = gradient }
  }
}

/// The sentences with at least one label: their rows and labels (−1: unlabelled), from inputs scores and labels.
private func labelledSentences(_ context: ReferenceContext) -> [(rows: [Int], known: [Int])] {
  context.packing.sequences(of: .token)
    .map { rows in (rows: rows, known: rows.map { Int(context.inputs[1][$0, 0]) }) }
    .filter { $0.known.contains { $0 >= 0 } }
}
