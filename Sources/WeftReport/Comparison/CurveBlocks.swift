import WeftTrain

/// Figure 3 of Ruder et al. (2019): how fast systems learn their training sentences, which may have labels by chance.
struct CurveBlocks {
  let results: ComparisonResults
  let prefix: String

  init(_ results: ComparisonResults, prefix: String) {
    self.results = results
    self.prefix = prefix
  }

  func blocks() -> [ReportPage.Block] {
    let systems = results.systems.filter { $0.runs.contains { !$0.curves.isEmpty } }
    guard !systems.isEmpty else { return [] }
    var data = DataTable(["task", "system", "domain", "seed", "epoch", "training score"])
    let plots: [any Plot] = results.tasks.compactMap { task in
      let series = systems.enumerated().compactMap { style, system -> LinePlot.Series? in
        let curves = system.runs.compactMap { run -> [Double]? in
          guard let curve = run.curves[task.name] else { return nil }
          for (epoch, score) in curve.enumerated() {
            data.add([
              task.name, system.name, run.domain ?? "", String(run.seed), String(epoch + 1),
              DataTable.number(score),
            ])
          }
          return curve
        }
        let points = Self.points(curves, system.title)
        return points.isEmpty ? nil : LinePlot.Series(system.title, points, style: style)
      }
      guard !series.isEmpty else { return nil }
      return LinePlot(
        title: task.name
          + (task.randomShare.map { " (\(Quantity.percent($0)) % of the labels by chance)" } ?? ""),
        summary: "Training score of \(task.name) after each epoch", xTitle: "epoch",
        yTitle: "training \(task.metric.shortName)", series: series, yLimits: 0...100)
    }
    guard !plots.isEmpty else { return [] }
    var figure = ReportPage.Figure(
      id: prefix + "figure-3-curves", title: "Figure 3",
      caption: "Scores on the training sentences after each epoch, means over runs.", plots: plots,
      legend: systems.enumerated().map { .init($1.title, style: $0) }, data: data)
    figure.notes = ["A line ends where the first of its runs has stopped."]
    return [.figure(figure)]
  }

  /// The mean over runs, up to the end of the shortest.
  private static func points(_ curves: [[Double]], _ title: String) -> [LinePlot.Point] {
    let length = curves.map(\.count).min() ?? 0
    return (0..<length).map { epoch in
      let spread = SeedSummary.Spread(curves.map { 100 * $0[epoch] })
      return LinePlot.Point(
        x: Double(epoch + 1), y: spread.mean,
        note: "\(title), epoch \(epoch + 1): \(Quantity.fixed(spread.mean, 2))")
    }
  }
}
