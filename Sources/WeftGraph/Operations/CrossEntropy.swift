/// Mean over the labelled tokens of −Σ_j q_j log softmax(scores)_j, with q = (1 − ε)·one-hot + ε/L
/// (label smoothing: Szegedy et al. 2016, section 7); 0 if no token is labelled.
public struct CrossEntropy: Operation {
  public static let kind = "crossEntropy"
  /// ε in 0 ..< 1.
  public var smoothing: Double
  public var attributes: [String] { ["smoothing=\(smoothing)"] }
  public init(smoothing: Double = 0) { self.smoothing = smoothing }

  /// Inputs: scores [token × L], labels [token × 1] index (−1: unlabelled). Outputs: loss [one × 1].
  public func outputTypes(inputs: [ValueType], parameters: [Parameter]) throws(GraphError) -> [ValueType] {
    try Self.requireCounts(inputs: inputs, 2, parameters: parameters, 0)
    try Self.requireScoresAndLabels(inputs[0], inputs[1])
    try Self.require((0..<1).contains(smoothing), "label smoothing \(smoothing) is not in 0 ..< 1")
    return [ValueType(.one, 1)]
  }

  public func evaluate(_ context: inout ReferenceContext) {
    let (scores, labels) = (context.inputs[0], context.inputs[1])
    var (sum, labelled) = (0.0, 0)
    for row in 0..<scores.rows where labels[row, 0] >= 0 {
      let rowScores = scores.row(row)
      let logZ = logSumExp(rowScores)
      let gold = logZ - scores[row, Int(labels[row, 0])]
      let uniform = rowScores.reduce(0) { $0 + (logZ - $1) } / Double(scores.columns)
      sum += (1 - smoothing) * gold + smoothing * uniform
      labelled += 1
    }
    var loss = context.zeros(0)
    loss[0, 0] = labelled == 0 ? 0 : sum / Double(labelled)
    context.outputs[0] = loss
  }

  public func differentiate(
    _ node: Node, outputGradient: ValueID, into gradient: inout GradientBuilder
  ) throws(GraphError) {
    gradient.add(
      CrossEntropyGradient(smoothing: smoothing), for: node, inputs: node.inputs + [outputGradient],
      outputs: [try gradient.contribution(to: node.inputs[0])])
  }

  public func cost(inputs: [ValueType], parameters: [Parameter]) -> Cost {
    Cost([inputs[0].rows: inputs[0].columns])
  }
}

/// d_scores = d_loss · (softmax(scores) − q) / labelled tokens; 0 for tokens without a label.
public struct CrossEntropyGradient: Operation {
  public static let kind = "crossEntropyGradient"
  public var smoothing: Double
  public var attributes: [String] { ["smoothing=\(smoothing)"] }
  public init(smoothing: Double = 0) { self.smoothing = smoothing }

  /// Inputs: scores [token × L], labels [token × 1] index, d_loss [one × 1]. Outputs: d_scores [token × L].
  public func outputTypes(inputs: [ValueType], parameters: [Parameter]) throws(GraphError) -> [ValueType] {
    try Self.requireCounts(inputs: inputs, 3, parameters: parameters, 0)
    try Self.requireScoresAndLabels(inputs[0], inputs[1])
    try Self.requireType(inputs[2], ValueType(.one, 1), "the loss's gradient")
    return [inputs[0]]
  }

  public func evaluate(_ context: inout ReferenceContext) {
    let (scores, labels) = (context.inputs[0], context.inputs[1])
    var gradient = context.zeros(0)
    let labelled = (0..<labels.rows).count { labels[$0, 0] >= 0 }
    let scale = labelled == 0 ? 0 : context.inputs[2][0, 0] / Double(labelled)
    for row in 0..<scores.rows where labels[row, 0] >= 0 {
      let probabilities = softmax(scores.row(row))
      for label in 0..<scores.columns {
        let isGold = label == Int(labels[row, 0])
        let target = (isGold ? 1 - smoothing : 0) + smoothing / Double(scores.columns)
        gradient[row, label] = scale * (probabilities[label] - target)
      }
    }
    context.outputs[0] = gradient
  }
}
