import WeftTrain

/// α and β as tables for terminals, and in words.
public struct MixingReport: Sendable {
  public let weights: MixingWeights

  public init(_ weights: MixingWeights) { self.weights = weights }

  /// Everything: a table for each layer, who reads whom, β, and what they mean.
  public func text() -> String {
    var parts = weights.alphas.map { alpha in
      "α behind layer \(alpha.layer)\(Self.origin(alpha)): a row reads from the columns\n"
        + table(alpha).text()
    }
    if tasks.count > 1 {
      parts.append(
        "who reads whom: % of Σ|α| of a row's task\(isStartShown ? ", in brackets at the start" : "")\n"
          + reading().text())
    }
    if !weights.betas.isEmpty {
      let isShown = weights.betas.contains { $0.origin?.isTrained == true }
      parts.append(
        "β: how much a task's head reads of each layer\(isShown ? ", in brackets at the start" : "")\n"
          + betas().text())
    }
    let meaning = meaning
    if !meaning.isEmpty { parts.append(meaning.map { "- \($0)\n" }.joined()) }
    return parts.joined(separator: "\n")
  }

  // MARK: Tables

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

  /// What each task reads of each, layer by layer, in percent.
  public func reading() -> TextTable {
    var table = TextTable(
      [.init("layer", .left), .init("reader", .left)] + tasks.map { TextTable.Column($0) })
    for alpha in weights.alphas {
      for (reader, task) in alpha.tasks.enumerated() {
        let shares = alpha.shares(of: reader)
        let start = alpha.origin?.isTrained == true ? alpha.start?.shares(of: reader) : nil
        let cells = tasks.map { source in
          guard let place = alpha.tasks.firstIndex(of: source) else { return "" }
          return Self.percent(shares[place]) + (start.map { " (\(Self.percent($0[place])))" } ?? "")
        }
        table.add([String(alpha.layer), task] + cells)
      }
    }
    return table
  }

  /// β of every task.
  public func betas() -> TextTable {
    let layers = weights.betas.map(\.values.count).max() ?? 0
    var table = TextTable([.init("β", .left)] + (0..<layers).map { TextTable.Column("layer \($0)") })
    for beta in weights.betas {
      let cells = beta.values.indices.map { layer in
        Self.weight(beta.values[layer])
          + (beta.origin.flatMap { $0.isTrained ? $0 : nil }.map { " (\(Self.weight($0.values[layer])))" }
            ?? "")
      }
      table.add([beta.task + (beta.origin?.isTrained == false ? ", constant" : "")] + cells)
    }
    return table
  }

  static func weight(_ value: Double) -> String { Quantity.fixed(value, 3).replacing("-", with: "−") }

  /// `, from 0.950 on the diagonal and 0.050 beside it`, or `, constant`; empty if that is not known.
  private static func origin(_ alpha: MixingWeights.Alpha) -> String {
    guard let origin = alpha.origin else { return "" }
    guard origin.isTrained else { return ", constant" }
    let size = alpha.size
    let places = origin.values.indices
    let own = Set(places.filter { $0 / size == $0 % size }.map { weight(origin.values[$0]) })
    let others = Set(places.filter { $0 / size != $0 % size }.map { weight(origin.values[$0]) })
    guard own.count == 1, others.count <= 1, let own = own.first else { return ", from numbers of the spec" }
    guard let other = others.first else { return ", from \(own)" }
    return own == other
      ? ", from \(own) everywhere" : ", from \(own) on the diagonal and \(other) beside it"
  }

  // MARK: In words

  /// All that share a layer, in the order of the spec.
  private var tasks: [String] {
    weights.alphas.flatMap(\.tasks).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }

  private var isStartShown: Bool { weights.alphas.contains { $0.origin?.isTrained == true } }

  /// Whole percents: more digits would say more than the weights do.
  private static func percent(_ share: Double) -> String { Quantity.fixed(100 * share, 0) }

  private static func mean(_ values: [Double]) -> Double {
    values.isEmpty ? 0 : values.reduce(0, +) / Double(values.count)
  }

  /// Who reads whom most, where most is shared, who gives most, which subspaces are set apart, and which layer each task
  /// uses.
  public var meaning: [String] {
    guard tasks.count > 1 else { return weights.betas.compactMap(Self.layer) }
    return tasks.compactMap(reader) + crossing + givers + apart + weights.betas.compactMap(Self.layer)
  }

  /// Which other task a task reads most, over all layers.
  private func reader(_ task: String) -> String? {
    var found: [(source: String, alpha: MixingWeights.Alpha, share: Double, start: Double?)] = []
    for alpha in weights.alphas {
      guard let reader = alpha.tasks.firstIndex(of: task) else { continue }
      let start = alpha.start?.shares(of: reader)
      for (source, share) in alpha.shares(of: reader).enumerated() where source != reader {
        found.append((alpha.tasks[source], alpha, share, start?[source]))
      }
    }
    guard let most = found.max(by: { $0.share < $1.share }) else { return nil }
    guard most.share > 0 else { return "\(task) reads nothing but its own layers" }
    let start = most.alpha.origin?.isTrained == true ? most.start : nil
    return "\(task) reads \(most.source) most: \(Self.percent(most.share)) % of what it reads behind layer "
      + "\(most.alpha.layer)" + Self.atStart(start.map { [$0] })
  }

  private static func atStart(_ shares: [Double]?) -> String {
    guard let shares, !shares.isEmpty else { return "" }
    return " (at the start \(shares.map { "\(percent($0)) %" }.joined(separator: ", ")))"
  }

  /// What share of each layer's α goes between tasks.
  private var crossing: [String] {
    func share(_ alpha: MixingWeights.Alpha) -> Double {
      Self.mean(alpha.tasks.indices.map { 1 - alpha.shares(of: $0)[$0] })
    }
    let alphas = weights.alphas.filter { $0.tasks.count > 1 }
    let layers = alphas.map { (layer: $0.layer, share: share($0)) }
    guard layers.count > 1, let most = layers.max(by: { $0.share < $1.share }), most.share > 0
    else { return [] }
    let list = layers.map { "\(Self.percent($0.share)) % behind layer \($0.layer)" }
    let starts = alphas.compactMap { $0.origin?.isTrained == true ? $0.start.map(share) : nil }
    return [
      "between tasks goes \(list.joined(separator: ", "))"
        + Self.atStart(starts.count == layers.count ? starts : nil) + ": "
        + (most.share - (layers.map(\.share).min() ?? 0) < 0.01
          ? "all layers share alike" : "layer \(most.layer) shares most")
    ]
  }

  /// How much of what the others read is a task's, mean over readers and layers.
  private var givers: [String] {
    let gifts = tasks.map { task in
      Self.mean(
        weights.alphas.flatMap { alpha -> [Double] in
          guard let source = alpha.tasks.firstIndex(of: task) else { return [] }
          return alpha.tasks.indices.filter { $0 != source }.map { alpha.shares(of: $0)[source] }
        })
    }
    guard let most = gifts.max(), most > 0 else { return [] }
    let list = zip(tasks, gifts).map { "\($0) \(Self.percent($1)) %" }
    return ["each task's part in what another reads, mean over layers: \(list.joined(separator: ", "))"]
  }

  /// Tasks one of whose subspaces reads others much more than another does: a shared and a private one.
  private var apart: [String] {
    guard let subspaces = weights.alphas.map(\.subspaces).max(), subspaces > 1 else { return [] }
    return tasks.compactMap { task in
      let shares = (0..<subspaces).map { subspace in
        Self.mean(
          weights.alphas.compactMap { alpha in
            guard alpha.tasks.count > 1, let reader = alpha.tasks.firstIndex(of: task) else { return nil }
            return 1 - alpha.shares(of: reader, subspace: subspace)[reader]
          })
      }
      guard let most = shares.indices.max(by: { shares[$0] < shares[$1] }),
        let least = shares.indices.min(by: { shares[$0] < shares[$1] }), shares[most] - shares[least] >= 0.1
      else { return nil }
      return
        "\(task)'s subspace \(least + 1) is the more private one: \(Self.percent(shares[least])) % of what it "
        + "reads is of other tasks, of subspace \(most + 1) \(Self.percent(shares[most])) %"
    }
  }

  private static func layer(_ beta: MixingWeights.Beta) -> String? {
    let shares = beta.shares
    guard shares.count > 1, let most = shares.indices.max(by: { shares[$0] < shares[$1] }) else { return nil }
    guard shares[most] > 0 else { return "\(beta.task) uses no layer" }
    let others = shares.indices.filter { $0 != most }.map { "layer \($0) \(Self.percent(shares[$0])) %" }
    return "\(beta.task) uses layer \(most) most: \(Self.percent(shares[most])) % of its Σ|β|; "
      + others.joined(separator: ", ")
  }
}
