/// Tree → `Spec`. What the structure checker refused reads as absent, so that decoding never fails.
///
/// Options that the chosen kind does not use keep their defaults: two specs that mean the same are equal.
struct SpecDecoder {
  /// The name when the spec gives none.
  let defaultName: String

  func spec(_ root: SpecNode) -> Spec {
    let data = root["data"]?.entries?.map { corpus($0.value, name: $0.key) } ?? []
    return Spec(
      name: root["name"]?.text ?? defaultName,
      seed: root["seed"]?.integer.flatMap { UInt64(exactly: $0) } ?? SpecLanguage.blank.seed,
      data: data,
      tasks: root["tasks"]?.entries?.map { task($0.value, name: $0.key, corpora: data) } ?? [],
      network: root["network"].map(network) ?? NetworkSpec(),
      sharing: sharing(root["sharing"]),
      train: train(root["train"]),
      limits: limits(root["limits"]))
  }

  func limits(_ node: SpecNode?) -> LimitsSpec {
    var limits = LimitsSpec()
    set(&limits.tokens, node?["tokens"]?.integer)
    set(&limits.scalars, node?["scalars"]?.integer)
    return limits
  }
}

extension SpecNode {
  /// The word of a value that is either a word or a mapping whose `key` holds the word.
  func word(_ key: String) -> String? { isMapping ? self[key]?.text : text }

  /// The elements of a list, or the one value in its place.
  var oneOrMore: [SpecNode] { elements ?? [self] }

  /// A path relative to the folder of the spec that was asked for.
  var path: String? {
    guard let text, number == nil, !text.isEmpty else { return nil }
    return SpecPath.join(folder, text)
  }
}

/// Assigns a value that is there.
func set<Value>(_ target: inout Value, _ value: Value?) {
  if let value { target = value }
}
