import WeftTrain

/// Tables 4 and 7, Figures 3 and 4: which subnets were found, what they share, how they score.
struct SubnetBlocks {
  let results: ComparisonResults
  let prefix: String

  init(_ results: ComparisonResults, prefix: String) {
    self.results = results
    self.prefix = prefix
  }

  /// Systems with masks of their own; those that use another's would only repeat its rows.
  private var masked: [ComparisonResults.System] {
    results.systems.filter { system in
      system.masksOf == nil && system.runs.contains { !$0.densities.isEmpty }
    }
  }

  func blocks() -> [ReportPage.Block] {
    let figures = [pruningFigure(), densityFigure()].compactMap { $0 }
    let tables = [densityTable(), overlapTable()].compactMap { $0 }
    guard !figures.isEmpty || !tables.isEmpty else {
      return results.systems.contains { $0.sharing == .sparse }
        ? [.remark("No sparse system is finished, so there are no subnets to show.")] : []
    }
    var blocks = tables.map(ReportPage.Block.table)
    blocks += figures.map(ReportPage.Block.figure)
    if !results.systems.contains(where: { $0.runs.contains { !$0.pruning.isEmpty } }) {
      blocks.append(.remark("No rounds of pruning were recorded, so there is no dev score against density."))
    }
    if results.densities.isEmpty {
      blocks.append(
        .remark("No equal densities were asked for (compare.densities), so there is no Figure 4."))
    } else if results.densities.allSatisfy(\.runs.isEmpty) {
      blocks.append(.remark("No run at an equal density is finished, so there is no Figure 4."))
    }
    return blocks
  }

  // MARK: Table 4

  private func densityTable() -> ReportTable? {
    guard !masked.isEmpty else { return nil }
    var data = DataTable(["system", "seed", "task", "density"])
    var table = ReportTable(
      id: prefix + "table-4", title: "Table 4",
      caption:
        "Density of each task's subnet: the share, in %, of the prunable weights that it reaches and keeps.",
      columns: [.init("System", .left)] + results.tasks.map { .init($0.name) }, data: data)
    for system in masked {
      table.add(
        [.init(system.title)]
          + results.tasks.map { task in ScoreFormat.cell(system.runs.compactMap { $0.densities[task.name] }) }
      )
      for run in system.runs {
        for task in results.tasks {
          data.add([
            system.name, String(run.seed), task.name, DataTable.number(run.densities[task.name]),
          ])
        }
      }
    }
    table.data = data
    return table
  }

  // MARK: Table 7

  /// Hard sharing as such: no masks, every head on the top layer if there is such a system.
  private var hard: ComparisonResults.System? {
    let plain = results.systems.filter {
      $0.sharing == .hard && $0.masksOf == nil && $0.randomMasksLike == nil
    }
    return plain.first { $0.name == "hard" } ?? plain.first
  }

  private func overlapTable() -> ReportTable? {
    let systems = masked.filter { $0.runs.contains { !$0.overlaps.isEmpty } }
    guard !systems.isEmpty else { return nil }
    var data = DataTable(["system", "seed", "tasks", "overlap", "expected", "gain over hard sharing"])
    var columns: [ReportTable.Column] = [
      .init("System", .left), .init("Tasks", .left), .init("OR"), .init("OR if independent"),
    ]
    if let hard { columns.append(.init("Δ (system − \(hard.title))")) }
    var table = ReportTable(
      id: prefix + "table-7", title: "Table 7",
      caption: "Overlap ratio of masks, OR = ‖∩M‖₀ / ‖∪M‖₀, of each pair of tasks and of all.",
      columns: columns, data: data)
    table.isGrouped = true
    for system in systems {
      for tasks in overlapGroups(of: system) {
        let overlaps = system.runs.compactMap { run in run.overlaps.first { $0.tasks == tasks } }
        func gain(_ run: ComparisonResults.Run) -> Double? {
          guard let other = hard?.run(seed: run.seed) else { return nil }
          let members = results.tasks.filter { tasks.contains($0.name) }
          guard let first = run.meanTest(members), let second = other.meanTest(members) else { return nil }
          return first - second
        }
        var cells: [ReportTable.Cell] = [
          .init(system.title), .init(tasks.joined(separator: " & ")), Self.ratioCell(overlaps.map(\.ratio)),
          Self.ratioCell(overlaps.map(\.expected)),
        ]
        if hard != nil {
          cells.append(
            ScoreFormat.differenceCell(SeedSummary.Spread(nonEmpty: system.runs.compactMap(gain))?.mean))
        }
        table.add(cells)
        for run in system.runs {
          guard let overlap = run.overlaps.first(where: { $0.tasks == tasks }) else { continue }
          data.add([
            system.name, String(run.seed), tasks.joined(separator: " & "), DataTable.number(overlap.ratio),
            DataTable.number(overlap.expected), DataTable.number(gain(run)),
          ])
        }
      }
    }
    table.data = data
    table.notes = [
      "OR if independent: what masks of these densities would share if each chose its weights by chance."
    ]
    if hard != nil {
      table.notes.append(
        "Δ: mean test score over the tasks of the row, all tasks having been trained together; the paper trains each"
          + " pair by itself.")
    }
    return table
  }

  private func overlapGroups(of system: ComparisonResults.System) -> [[String]] {
    system.runs.reduce(into: []) { groups, run in
      for overlap in run.overlaps where !groups.contains(overlap.tasks) { groups.append(overlap.tasks) }
    }
  }

  private static func ratioCell(_ values: [Double]) -> ReportTable.Cell {
    guard let spread = SeedSummary.Spread(nonEmpty: values) else { return .none }
    return ReportTable.Cell(
      ScoreFormat.ratio(spread.mean),
      detail: values.count > 1 ? "± " + ScoreFormat.ratio(spread.standardDeviation) : "")
  }

  // MARK: Figure 3

  private func pruningFigure() -> ReportPage.Figure? {
    let systems = results.systems.filter { $0.runs.contains { !$0.pruning.isEmpty } }
    guard !systems.isEmpty else { return nil }
    var data = DataTable(["task", "system", "seed", "round", "density", "dev", "chosen"])
    for task in results.tasks {
      for system in systems {
        for run in system.runs {
          for round in run.pruning[task.name] ?? [] {
            data.add([
              task.name, system.name, String(run.seed), String(round.round), DataTable.number(round.density),
              DataTable.number(round.dev), round.isChosen ? "yes" : "no",
            ])
          }
        }
      }
    }
    let plots: [any Plot] = results.tasks.compactMap { task in
      let series = systems.enumerated().compactMap { number, system -> LinePlot.Series? in
        let points = Self.points(system, task: task.name)
        return points.isEmpty ? nil : LinePlot.Series(system.title, points, style: number)
      }
      guard !series.isEmpty else { return nil }
      let best = series.compactMap { entry -> String? in
        guard let top = entry.points.max(by: { $0.y < $1.y }) else { return nil }
        return "\(entry.name) is best at \(Quantity.fixed(top.x, 1)) % with \(Quantity.fixed(top.y, 2))"
      }
      return LinePlot(
        title: task.name,
        summary: "Dev \(task.metric.shortName) against density: \(best.joined(separator: "; ")).",
        xTitle: "density, % of prunable weights", yTitle: "dev \(task.metric.shortName)", series: series,
        isReversed: true, xLimits: 0...100, yLimits: 0...100)
    }
    guard !plots.isEmpty else { return nil }
    let seeds = systems.map { $0.runs.count { !$0.pruning.isEmpty } }.max() ?? 0
    var figure = ReportPage.Figure(
      id: prefix + "figure-3", title: "Figure 3",
      caption: "Dev score of each round of pruning against the density of its mask"
        + (seeds > 1 ? ", mean and standard deviation over seeds." : ".") + " A ring marks a chosen subnet.",
      plots: plots, legend: systems.enumerated().map { .init($1.title, style: $0) }, data: data)
    figure.notes = ["The first point is the dense network, which is no candidate."]
    return figure
  }

  /// The rounds of a task's pruning, each over all seeds; ringed if a seed chose it.
  private static func points(_ system: ComparisonResults.System, task: String) -> [LinePlot.Point] {
    var rounds: [Int: [ComparisonResults.Round]] = [:]
    for run in system.runs {
      for round in run.pruning[task] ?? [] where round.dev != nil {
        rounds[round.round, default: []].append(round)
      }
    }
    return rounds.sorted { $0.key < $1.key }.map { number, entries in
      let scores = SeedSummary.Spread(entries.compactMap(\.dev))
      let density = SeedSummary.Spread(entries.map(\.density)).mean
      let chosen = entries.count { $0.isChosen }
      var note = "\(system.title), round \(number): density \(Quantity.percent(density)) %, dev "
      note += Quantity.percent(scores.mean)
      if entries.count > 1 { note += " ± \(Quantity.percent(scores.standardDeviation))" }
      if chosen > 0 { note += entries.count > 1 ? ", chosen by \(chosen) of \(entries.count)" : ", chosen" }
      return LinePlot.Point(
        x: 100 * density, y: 100 * scores.mean, error: 100 * scores.standardDeviation, note: note,
        isMarked: chosen > 0)
    }
  }

  // MARK: Figure 4

  private func densityFigure() -> ReportPage.Figure? {
    let points = results.densities.filter { !$0.runs.isEmpty }
    guard !points.isEmpty else { return nil }
    let sources = points.reduce(into: [String]()) { if !$0.contains($1.masksOf) { $0.append($1.masksOf) } }
    let names = Set(results.tasks.map(\.name))
    func jointOverlap(_ run: ComparisonResults.Run) -> Double? {
      run.overlaps.first { Set($0.tasks) == names }?.ratio
    }
    var data = DataTable(["masks of", "density", "seed", "actual density", "mean test score", "overlap"])
    var scores: [LinePlot.Series] = []
    var overlaps: [LinePlot.Series] = []
    for (number, source) in sources.enumerated() {
      let title = results.system(named: source)?.title ?? source
      var (high, shared): ([LinePlot.Point], [LinePlot.Point]) = ([], [])
      for point in points where point.masksOf == source {
        let density =
          SeedSummary.Spread(nonEmpty: point.runs.compactMap(Self.meanDensity))?.mean ?? point.density
        if let spread = SeedSummary.Spread(nonEmpty: point.runs.compactMap { $0.meanTest(results.tasks) }) {
          high.append(Self.point(title, density, spread, "mean test score", percent: true))
        }
        if let spread = SeedSummary.Spread(nonEmpty: point.runs.compactMap(jointOverlap)) {
          shared.append(Self.point(title, density, spread, "OR", percent: false))
        }
        for run in point.runs {
          data.add([
            source, DataTable.number(point.density), String(run.seed),
            DataTable.number(Self.meanDensity(run)),
            DataTable.number(run.meanTest(results.tasks)), DataTable.number(jointOverlap(run)),
          ])
        }
      }
      scores.append(.init(title, high, style: number))
      overlaps.append(.init(title, shared, style: number))
    }
    var legend = sources.enumerated().map { number, source in
      ReportPage.LegendEntry(results.system(named: source)?.title ?? source, style: number)
    }
    if let hard, let spread = SeedSummary.Spread(nonEmpty: hard.meanTest(results.tasks)) {
      // All-ones masks are hard sharing, and all of theirs is shared.
      let style = sources.count
      scores.append(
        .init(
          hard.title, [Self.point(hard.title, 1, spread, "mean test score", percent: true)], style: style,
          isLine: false))
      overlaps.append(
        .init(
          hard.title, [LinePlot.Point(x: 100, y: 1, note: "\(hard.title): OR 1")], style: style, isLine: false
        ))
      legend.append(.init(hard.title, style: style, isLine: false))
    }
    func summary(_ what: String, _ series: [LinePlot.Series]) -> String {
      let text = series.flatMap(\.points).map(\.note).joined(separator: "; ")
      return "\(what) against density: \(text)."
    }
    return ReportPage.Figure(
      id: prefix + "figure-4", title: "Figure 4",
      caption: "Mean test score and joint overlap ratio when the masks of all tasks have the same density.",
      plots: [
        LinePlot(
          title: "Mean test score", summary: summary("Mean test score", scores),
          xTitle: "density, % of prunable weights", yTitle: "mean test score", series: scores,
          isReversed: true,
          xLimits: 0...100, yLimits: 0...100),
        LinePlot(
          title: "Overlap ratio", summary: summary("Overlap ratio", overlaps),
          xTitle: "density, % of prunable weights", yTitle: "OR of all tasks", series: overlaps,
          isReversed: true,
          xLimits: 0...100, yLimits: 0...1),
      ], legend: legend, data: data)
  }

  private static func meanDensity(_ run: ComparisonResults.Run) -> Double? {
    SeedSummary.Spread(nonEmpty: run.densities.sorted { $0.key < $1.key }.map(\.value))?.mean
  }

  private static func point(
    _ title: String, _ density: Double, _ spread: SeedSummary.Spread, _ what: String, percent: Bool
  ) -> LinePlot.Point {
    let scale = percent ? 100.0 : 1
    func text(_ value: Double) -> String {
      percent ? Quantity.percent(value) : ScoreFormat.ratio(value)
    }
    var note = "\(title) at \(Quantity.fixed(100 * density, 1)) %: \(what) \(text(spread.mean))"
    if spread.values.count > 1 { note += " ± \(text(spread.standardDeviation))" }
    return LinePlot.Point(
      x: 100 * density, y: scale * spread.mean, error: scale * spread.standardDeviation, note: note)
  }
}
