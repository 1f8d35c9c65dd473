/// Adds Gaussian noise; in training only.
public struct Noise: RandomOperation {
  public static let kind = "noise"
  /// The random stream; its kind is `.gaussian(standard deviation)`.
  public var site: RandomSite
  public var isTrainingOnly: Bool { true }
  public var attributes: [String] { [site.description] }

  public init(site: String, deviation: Double) { self.site = RandomSite(site, .gaussian(deviation)) }

  /// Inputs: x [R × D]. Outputs: x + noise.
  public func outputTypes(inputs: [ValueType], parameters: [Parameter]) throws(GraphError) -> [ValueType] {
    try Self.requireCounts(inputs: inputs, 1, parameters: parameters, 0)
    try Self.requireType(inputs[0], ValueType(.token, inputs[0].columns), "the input")
    guard case .gaussian(let deviation) = site.kind, deviation >= 0, deviation.isFinite else {
      throw GraphError("\(site) is not Gaussian noise of a finite deviation ≥ 0", at: Self.kind)
    }
    return [inputs[0]]
  }

  public func evaluate(_ context: inout ReferenceContext) {
    var y = context.inputs[0]
    y += context.randomValues(site, rows: .token, columns: y.columns)
    context.outputs[0] = y
  }

  public func differentiate(
    _ node: Node, outputGradient: ValueID, into gradient: inout GradientBuilder
  ) throws(GraphError) {
    gradient.add(
      Copy(), for: node, inputs: [outputGradient], outputs: [try gradient.contribution(to: node.inputs[0])])
  }
}
