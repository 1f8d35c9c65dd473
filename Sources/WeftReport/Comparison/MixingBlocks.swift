import WeftTrain

/// Figure 2 of Ruder et al. (2019): the α that systems have learned, layer by layer, and the β of their heads.
struct MixingBlocks {
  let results: ComparisonResults
  let prefix: String

  init(_ results: ComparisonResults, prefix: String) {
    self.results = results
    self.prefix = prefix
  }

  /// Systems with mixtures, each with the mean over its runs.
  private var mixing: [(system: ComparisonResults.System, mean: MixingWeights)] {
    results.systems.compactMap { system in
      MixingWeights(meanOf: system.runs.compactMap(\.mixing)).map { (system, $0) }
    }
  }

  func blocks() -> [ReportPage.Block] {
    let mixing = mixing
    guard !mixing.isEmpty else { return [] }
    var blocks: [ReportPage.Block] = []
    if let figure = alphaFigure(mixing) { blocks.append(.figure(figure)) }
    if let figure = betaFigure(mixing) { blocks.append(.figure(figure)) }
    for (system, mean) in mixing {
      let meaning = MixingReport(mean).meaning
      guard !meaning.isEmpty else { continue }
      blocks.append(.paragraph("What the means of \(system.title) say:"))
      blocks.append(.list(meaning))
    }
    return blocks
  }

  private var over: String {
    let seeds = results.seeds.count == 1 ? "one seed" : "\(results.seeds.count) seeds"
    return results.isOverDomains ? "\(seeds) and \(results.domains.count) domains" : seeds
  }

  private func alphaFigure(
    _ mixing: [(system: ComparisonResults.System, mean: MixingWeights)]
  ) -> ReportPage.Figure? {
    var data = DataTable(["system", "domain", "seed", "layer", "reader", "source", "alpha"])
    var plots: [any Plot] = []
    // One colour is one weight in all panels.
    let scale = max(1, mixing.flatMap(\.mean.alphas).flatMap(\.values).map(abs).max() ?? 1)
    for (system, mean) in mixing {
      for alpha in mean.alphas {
        let labels = alpha.labels
        plots.append(
          HeatMap(
            title: "\(system.title), layer \(alpha.layer)",
            summary: "α behind layer \(alpha.layer): rows read from columns", rows: labels, columns: labels,
            values: labels.indices.map { row in labels.indices.map { alpha.values[row * labels.count + $0] }
            },
            scale: scale, block: alpha.subspaces))
      }
      for run in system.runs {
        for alpha in run.mixing?.alphas ?? [] {
          let labels = alpha.labels
          for (index, value) in alpha.values.enumerated() {
            data.add([
              system.name, run.domain ?? "", String(run.seed), String(alpha.layer),
              labels[index / labels.count], labels[index % labels.count], DataTable.number(value),
            ])
          }
        }
      }
    }
    guard !plots.isEmpty else { return nil }
    var figure = ReportPage.Figure(
      id: prefix + "figure-2", title: "Figure 2",
      caption: "α behind each layer, means over \(over): what is in a row reads from the columns.",
      plots: plots,
      data: data)
    figure.notes = ["task·s is subspace s of the task. Blue is positive, orange negative."]
    return figure
  }

  private func betaFigure(
    _ mixing: [(system: ComparisonResults.System, mean: MixingWeights)]
  ) -> ReportPage.Figure? {
    var data = DataTable(["system", "domain", "seed", "task", "layer", "beta"])
    var plots: [any Plot] = []
    let scale = max(1, mixing.flatMap(\.mean.betas).flatMap(\.values).map(abs).max() ?? 1)
    for (system, mean) in mixing where !mean.betas.isEmpty {
      let layers = mean.betas.map(\.values.count).max() ?? 0
      plots.append(
        HeatMap(
          title: system.title, summary: "β of each task's head over the layers", rows: mean.betas.map(\.task),
          columns: (0..<layers).map { "layer \($0)" },
          values: mean.betas.map { beta in
            (0..<layers).map { $0 < beta.values.count ? beta.values[$0] : nil }
          }, scale: scale))
      for run in system.runs {
        for beta in run.mixing?.betas ?? [] {
          for (layer, value) in beta.values.enumerated() {
            data.add([
              system.name, run.domain ?? "", String(run.seed), beta.task, String(layer),
              DataTable.number(value),
            ])
          }
        }
      }
    }
    guard !plots.isEmpty else { return nil }
    return ReportPage.Figure(
      id: prefix + "beta", title: "β",
      caption: "How much each task's head reads of each layer, means over \(over).", plots: plots, data: data)
  }
}
