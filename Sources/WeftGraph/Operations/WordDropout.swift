/// Replaces the word of a token by UNK with some probability; in training only.
public struct WordDropout: RandomOperation {
  public static let kind = "wordDropout"
  /// The random stream; its kind is `.replacement(probability)`.
  public var site: RandomSite
  /// The id that replaces a word.
  public var unknown: Int
  public var isTrainingOnly: Bool { true }
  public var attributes: [String] { [site.description, "unknown=\(unknown)"] }

  public init(site: String, probability: Double, unknown: Int = 1) {
    self.site = RandomSite(site, .replacement(probability))
    self.unknown = unknown
  }

  public var probability: Double { site.probability }

  /// Inputs: ids [R × 1] index. Outputs: ids' [R × 1] index.
  public func outputTypes(inputs: [ValueType], parameters: [Parameter]) throws(GraphError) -> [ValueType] {
    try Self.requireCounts(inputs: inputs, 1, parameters: parameters, 0)
    try Self.requireType(inputs[0], ValueType(.token, 1, .index), "ids")
    try Self.require((0..<1).contains(probability), "probability \(probability) is not in 0 ..< 1")
    return [inputs[0]]
  }

  public func evaluate(_ context: inout ReferenceContext) {
    var ids = context.inputs[0]
    let replaced = context.randomValues(site, rows: .token, columns: 1)
    for row in 0..<ids.rows where replaced[row, 0] != 0 { ids[row, 0] = Double(unknown) }
    context.outputs[0] = ids
  }
}
