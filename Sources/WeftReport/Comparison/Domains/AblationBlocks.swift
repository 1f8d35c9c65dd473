import WeftSpec
import WeftTrain

/// Table 6 of Ruder et al. (2019): what learning α, reading all layers and splitting them contribute.
struct AblationBlocks {
  let results: ComparisonResults
  let prefix: String

  init(_ results: ComparisonResults, prefix: String) {
    self.results = results
    self.prefix = prefix
  }

  /// Systems with soft sharing, the constant α first, then by what the heads read.
  private var grid: [(system: ComparisonResults.System, mixture: ComparisonResults.Mixture)] {
    let order: [LayersRead] = [.concatenation, .sum, .mixture, .top]
    func key(_ mixture: ComparisonResults.Mixture) -> (Int, Int, Int) {
      (mixture.learnsAlpha ? 1 : 0, mixture.subspaces, order.firstIndex(of: mixture.layers) ?? 0)
    }
    return results.systems.compactMap { system in system.mixture.map { (system, $0) } }
      .filter { !$0.0.runs.isEmpty }.sorted { key($0.1) < key($1.1) }
  }

  /// Nothing unless there is a grid: systems with constant and with learned α, or three that differ in what heads read.
  func blocks() -> [ReportPage.Block] {
    let kinds = Set(grid.map { "\($0.mixture.learnsAlpha) \($0.mixture.layers)" })
    guard kinds.count > 2 || Set(grid.map(\.mixture.learnsAlpha)).count > 1 else { return [] }
    return results.main.map { .table(table($0)) }
  }

  private func table(_ task: String) -> ReportTable {
    let domains = results.domains.map(\.name)
    var data = DataTable(["task", "system", "alpha", "layers", "subspaces", "domain", "score"])
    let scores = DomainScores(results: results, task: task)
    let isOver = results.isOverDomains
    var table = ReportTable(
      id: prefix + "table-6-\(task)", title: "Table 6 (\(task))",
      caption: isOver
        ? "Ways to mix: test scores out of domain, means over the domains that a model was not trained on."
        : "Ways to mix: test scores.",
      columns: [.init("Task sharing", .left), .init("Layer sharing", .left)]
        + (isOver
          ? domains.map { .init($0, group: "Scored on") } + [.init("mean", group: "Scored on")]
          : [.init("score")]),
      data: data)
    table.isGrouped = true
    var columns: [[Double?]] = Array(repeating: [], count: isOver ? domains.count + 1 : 1)
    for (system, mixture) in grid {
      let values =
        isOver
        ? domains.map { scores.scores(system, on: $0, .outside) } + [scores.means(system, .outside)]
        : [system.test(task)]
      table.add(
        [.init(mixture.learnsAlpha ? "learned α" : "constant α"), .init(Self.layers(mixture))]
          + values.map(ScoreFormat.cell))
      for (column, values) in values.enumerated() {
        columns[column].append(DomainScores.mean(values))
        data.add([
          task, system.name, mixture.learnsAlpha ? "learned" : "constant", mixture.layers.rawValue,
          String(mixture.subspaces), column < domains.count ? domains[column] : "mean",
          DataTable.number(DomainScores.mean(values)),
        ])
      }
    }
    for column in columns.indices { table.markBest(columns[column], column: 2 + column) }
    table.data = data
    return table
  }

  private static func layers(_ mixture: ComparisonResults.Mixture) -> String {
    let layers =
      switch mixture.layers {
      case .top: "last layer"
      case .mixture: "mixture"
      case .sum: "skip connections"
      case .concatenation: "concatenation"
      }
    return mixture.subspaces > 1 ? "\(layers), \(mixture.subspaces) subspaces" : layers
  }
}
