import WeftTrain

/// α and β as tables for terminals, and in words.
public struct MixingReport: Sendable {
  public let weights: MixingWeights

  public init(_ weights: MixingWeights) { self.weights = weights }

  /// Everything: a table for each layer, one for β, and what they mean.
  public func text() -> String {
    var parts = weights.alphas.map { alpha in
      "α behind layer \(alpha.layer): a row reads from the columns\n" + table(alpha).text()
    }
    if !weights.betas.isEmpty {
      parts.append("β: how much a task's head reads of each layer\n" + betas().text())
    }
    let meaning = meaning
    if !meaning.isEmpty { parts.append(meaning.map { "- \($0)\n" }.joined()) }
    return parts.joined(separator: "\n")
  }

  /// One mixture, rows and columns named by task and subspace.
  public func table(_ alpha: MixingWeights.Alpha) -> TextTable {
    let labels = alpha.labels
    var table = TextTable([.init("α", .left)] + labels.map { TextTable.Column($0) })
    for (row, label) in labels.enumerated() {
      let values = alpha.values[row * labels.count..<(row + 1) * labels.count]
      table.add([label] + values.map(Self.weight))
    }
    return table
  }

  /// β of every task.
  public func betas() -> TextTable {
    let layers = weights.betas.map(\.values.count).max() ?? 0
    var table = TextTable([.init("β", .left)] + (0..<layers).map { TextTable.Column("layer \($0)") })
    for beta in weights.betas { table.add([beta.task] + beta.values.map(Self.weight)) }
    return table
  }

  static func weight(_ value: Double) -> String { Quantity.fixed(value, 3).replacing("-", with: "−") }

  // MARK: In words

  /// Whole percents: more digits would say more than the weights do.
  private static func percent(_ share: Double) -> String { Quantity.fixed(100 * share, 0) }

  /// Who reads whom most, where most is shared, and which layer each task uses, a sentence each.
  public var meaning: [String] {
    readers + crossing + weights.betas.compactMap(Self.layer)
  }

  /// For each task the one that it reads most besides itself, over all layers.
  private var readers: [String] {
    var tasks: [String] = []
    for task in weights.alphas.flatMap(\.tasks) where !tasks.contains(task) { tasks.append(task) }
    guard tasks.count > 1 else { return [] }
    return tasks.compactMap { task in
      var found: [(source: String, layer: Int, share: Double)] = []
      for alpha in weights.alphas {
        guard let reader = alpha.tasks.firstIndex(of: task) else { continue }
        for (source, share) in alpha.shares(of: reader).enumerated() where source != reader {
          found.append((alpha.tasks[source], alpha.layer, share))
        }
      }
      guard let most = found.max(by: { $0.share < $1.share }) else { return nil }
      guard most.share > 0 else { return "\(task) reads nothing but its own layers" }
      return
        "\(task) reads \(most.source) most: \(Self.percent(most.share)) % of what it reads behind layer "
        + "\(most.layer)"
    }
  }

  /// What share of each layer's α goes between tasks.
  private var crossing: [String] {
    let layers = weights.alphas.filter { $0.tasks.count > 1 }.map { alpha -> (layer: Int, share: Double) in
      let shares = alpha.tasks.indices.map { 1 - (alpha.shares(of: $0)[$0]) }
      return (alpha.layer, shares.reduce(0, +) / Double(shares.count))
    }
    guard layers.count > 1, let most = layers.max(by: { $0.share < $1.share }) else { return [] }
    let list = layers.map { "\(Self.percent($0.share)) % behind layer \($0.layer)" }
    return [
      "between tasks goes \(list.joined(separator: ", ")): "
        + (most.share - (layers.map(\.share).min() ?? 0) < 0.01
          ? "all layers share alike" : "layer \(most.layer) shares most")
    ]
  }

  private static func layer(_ beta: MixingWeights.Beta) -> String? {
    let shares = beta.shares
    guard shares.count > 1, let most = shares.indices.max(by: { shares[$0] < shares[$1] }) else { return nil }
    guard shares[most] > 0 else { return "\(beta.task) uses no layer" }
    let others = shares.indices.filter { $0 != most }.map { "\(Self.percent(shares[$0])) % layer \($0)" }
    return "\(beta.task) uses layer \(most) most: \(Self.percent(shares[most])) % of its β, "
      + others.joined(separator: ", ")
  }
}
