import WeftSpec
import WeftTrain

/// Tables 1 and 3 to 5 of Ruder et al. (2019): how large the domains are, and what each system is worth in and out of the
/// one that it was trained on.
struct DomainBlocks {
  let results: ComparisonResults
  let prefix: String

  init(_ results: ComparisonResults, prefix: String) {
    self.results = results
    self.prefix = prefix
  }

  private var domains: [String] { results.domains.map(\.name) }
  private var finished: [ComparisonResults.System] { results.systems.filter { !$0.runs.isEmpty } }

  func blocks() -> [ReportPage.Block] {
    var blocks: [ReportPage.Block] = results.main.map { .table(scoreTable($0)) }
    for task in results.main { blocks.append(.table(sourceTable(task))) }
    blocks += results.main.compactMap(differenceFigure).map { .figure($0) }
    if results.tasks.count > 1 { blocks.append(.table(taskTable())) }
    if let table = significanceTable() { blocks.append(.table(table)) }
    blocks.append(.table(sizeTable()))
    return blocks
  }

  // MARK: Table 3

  /// In and out of domain, with Δ and error reduction.
  func scoreTable(_ task: String) -> ReportTable {
    let scores = DomainScores(results: results, task: task)
    let baseline = results.baselineSystem
    var data = DataTable(["task", "place", "system", "domain", "score", "deviation", "seeds"])
    var table = ReportTable(
      id: prefix + "table-3-\(task)", title: "Table 3 (\(task))",
      caption:
        "Test \(metric(task)) on each domain, of models trained on that domain (in domain) and on the others, one at "
        + "a time (out of domain: means over those)"
        + (baseline.map { "; Δ and error reduction against \($0.title)" } ?? "") + ".",
      columns: [.init("Trained", .left), .init("System", .left)]
        + domains.map { .init($0, group: "Scored on") }
        + [.init("mean", group: "Scored on")]
        + (baseline == nil ? [] : [.init("Δ"), .init("errors less, %")]), data: data)
    table.isGrouped = true
    var row = 0
    for place in DomainScores.Place.allCases {
      let first = row
      var columns: [[Double?]] = Array(repeating: [], count: domains.count + 1)
      for system in finished {
        let values = domains.map { scores.scores(system, on: $0, place) } + [scores.means(system, place)]
        var cells = [ReportTable.Cell(place.title), ReportTable.Cell(system.title)]
        for (column, scores) in values.enumerated() {
          cells.append(ScoreFormat.cell(scores))
          columns[column].append(DomainScores.mean(scores))
          let spread = SeedSummary.Spread(nonEmpty: scores)
          data.add([
            task, place.title, system.name, column < domains.count ? domains[column] : "mean",
            DataTable.number(spread?.mean), DataTable.number(spread?.standardDeviation), String(scores.count),
          ])
        }
        if baseline != nil {
          let difference = scores.difference(system, place)
          let test = place == .inside ? system.inDomain[task] : system.outOfDomain[task]
          cells.append(
            ScoreFormat.differenceCell(
              difference?.difference, mark: test.map { ScoreFormat.mark($0.pValue) } ?? ""))
          cells.append(difference.map { Self.reduction($0.errorReduction) } ?? .none)
        }
        table.add(cells)
        row += 1
      }
      for column in columns.indices {
        table.markBest(
          Array(repeating: nil, count: first) + columns[column], column: 2 + column)
      }
    }
    table.data = data
    table.notes = [
      results.seeds.count > 1
        ? "Mean ± sample standard deviation over \(results.seeds.count) seeds; bold: the best mean."
        : "One seed; bold: the best.",
      "Errors less: Δ over the share of errors of the baseline, both of the means.",
    ]
    if results.systems.contains(where: { !$0.inDomain.isEmpty }) {
      table.notes.append("* p < 0.05, ** p < 0.01 (Significance).")
    }
    return table
  }

  private static func reduction(_ value: Double) -> ReportTable.Cell {
    let text = ScoreFormat.difference(value)
    return ReportTable.Cell(text, tone: text == "0.00" ? .plain : value > 0 ? .better : .worse)
  }

  private func metric(_ task: String) -> String {
    results.tasks.first { $0.name == task }?.metric.shortName ?? "score"
  }

  // MARK: Table 4

  /// Every source with every target.
  private func sourceTable(_ task: String) -> ReportTable {
    let scores = DomainScores(results: results, task: task)
    var data = DataTable(["task", "source", "system", "target", "seed", "test"])
    var table = ReportTable(
      id: prefix + "table-4-\(task)", title: "Table 4 (\(task))",
      caption: "Test \(metric(task)) by the domain that a model was trained on.",
      columns: [.init("Trained on", .left), .init("System", .left)]
        + domains.map { .init($0, group: "Scored on") } + [.init("other domains", group: "mean")], data: data)
    table.isGrouped = true
    for source in domains {
      var columns: [[Double?]] = Array(repeating: [], count: domains.count + 1)
      let first = table.rows.count
      for system in finished {
        let values = domains.map { scores.scores(system, from: source, to: $0) }
        let others = DomainScores.mean(
          zip(domains, values).filter { $0.0 != source }.compactMap { DomainScores.mean($0.1) })
        for (column, values) in values.enumerated() { columns[column].append(DomainScores.mean(values)) }
        columns[domains.count].append(others)
        table.add(
          [.init(source), .init(system.title)] + values.map(ScoreFormat.cell)
            + [others.map { .init(ScoreFormat.score($0)) } ?? .none])
        for seed in results.seeds {
          for target in domains {
            guard let score = system.run(seed: seed, domain: source)?.test(task, on: target) else { continue }
            data.add([task, source, system.name, target, String(seed), DataTable.number(score)])
          }
        }
      }
      for column in columns.indices {
        table.markBest(Array(repeating: nil, count: first) + columns[column], column: 2 + column)
      }
    }
    table.data = data
    return table
  }

  /// Δ against the baseline from every source to every target, a panel a system.
  private func differenceFigure(_ task: String) -> ReportPage.Figure? {
    guard let baseline = results.baselineSystem, !baseline.runs.isEmpty else { return nil }
    var data = DataTable(["task", "system", "source", "target", "difference"])
    var matrices: [(title: String, values: [[Double?]])] = []
    for system in finished where system.name != baseline.name {
      let values = domains.map { source in
        domains.map { target -> Double? in
          let pairs = results.seeds.compactMap { seed -> Double? in
            guard let own = system.run(seed: seed, domain: source)?.test(task, on: target),
              let base = baseline.run(seed: seed, domain: source)?.test(task, on: target)
            else { return nil }
            return 100 * (own - base)
          }
          let mean = DomainScores.mean(pairs)
          data.add([task, system.name, source, target, DataTable.number(mean.map { $0 / 100 })])
          return mean
        }
      }
      if values.joined().contains(where: { $0 != nil }) { matrices.append((system.title, values)) }
    }
    guard !matrices.isEmpty else { return nil }
    let scale = matrices.flatMap { $0.values.joined() }.compactMap { $0 }.map(abs).max() ?? 1
    return ReportPage.Figure(
      id: prefix + "domains-\(task)", title: "Δ by domain (\(task))",
      caption:
        "Points above \(baseline.title), of models trained on the domain of the row and scored on that of the "
        + "column. Blue is better, orange worse.",
      plots: matrices.map { matrix in
        HeatMap(
          title: matrix.title, summary: "Δ \(metric(task)) of \(matrix.title) from each domain to each",
          rows: domains, columns: domains, values: matrix.values, scale: scale, decimals: 1)
      }, data: data)
  }

  // MARK: Table 5

  /// All tasks, means over domains.
  private func taskTable() -> ReportTable {
    var data = DataTable(["system", "task", "place", "score", "deviation"])
    var table = ReportTable(
      id: prefix + "table-5", title: "Table 5", caption: "Test scores of all tasks, means over domains.",
      columns: [.init("System", .left)]
        + results.tasks.flatMap { task in
          DomainScores.Place.allCases.map {
            .init($0.title, group: "\(task.name) (\(task.metric.shortName))")
          }
        }, data: data)
    var columns: [[Double?]] = Array(repeating: [], count: 2 * results.tasks.count)
    for system in finished {
      var cells = [ReportTable.Cell(system.title)]
      for task in results.tasks {
        for place in DomainScores.Place.allCases {
          let means = DomainScores(results: results, task: task.name).means(system, place)
          columns[cells.count - 1].append(DomainScores.mean(means))
          cells.append(ScoreFormat.cell(means))
          let spread = SeedSummary.Spread(nonEmpty: means)
          data.add([
            system.name, task.name, place.title, DataTable.number(spread?.mean),
            DataTable.number(spread?.standardDeviation),
          ])
        }
      }
      table.add(cells)
    }
    for column in columns.indices { table.markBest(columns[column], column: 1 + column) }
    table.data = data
    return table
  }

  // MARK: Significance

  private func significanceTable() -> ReportTable? {
    let tested = results.systems.filter { !$0.inDomain.isEmpty || !$0.outOfDomain.isEmpty }
    guard !tested.isEmpty, let baseline = results.baselineSystem else { return nil }
    var data = DataTable(["system", "task", "place", "difference", "lower", "upper", "p", "runs", "better"])
    var table = ReportTable(
      id: prefix + "significance", title: "Significance",
      caption: "How far each system is from \(baseline.title), and how easily chance would get there.",
      columns: [
        .init("System", .left), .init("Task", .left), .init("Scored", .left), .init("Δ"),
        .init("95 % interval"), .init("p"), .init("better in"),
      ], data: data)
    table.isGrouped = true
    for system in tested {
      for task in results.tasks {
        for place in DomainScores.Place.allCases {
          guard let test = place == .inside ? system.inDomain[task.name] : system.outOfDomain[task.name]
          else { continue }
          table.add([
            .init(system.title), .init(task.name), .init(place.title),
            ScoreFormat.differenceCell(test.difference, mark: ScoreFormat.mark(test.pValue)),
            .init("\(ScoreFormat.difference(test.lower)) … \(ScoreFormat.difference(test.upper))"),
            .init(String(ScoreFormat.pValue(test.pValue).dropFirst(2)).replacing("= ", with: "")),
            .init("\(test.better) of \(test.seeds)"),
          ])
          data.add([
            system.name, task.name, place.title, DataTable.number(test.difference),
            DataTable.number(test.lower), DataTable.number(test.upper), DataTable.number(test.pValue),
            String(test.seeds), String(test.better),
          ])
        }
      }
    }
    table.data = data
    table.notes = [
      "A sentence's results of both systems change places by the throw of a coin, for all seeds and all models that score"
        + " it at once (Noreen 1989; Yeh 2000). Interval: bootstrap over sentences. Both speak of other test sentences,"
        + " not of other seeds or domains. Better in: pairs of models, one for each seed and domain scored."
    ]
    return table
  }

  // MARK: Table 1

  private func sizeTable() -> ReportTable {
    let splits = ["train", "dev", "test"]
    var data = DataTable(["domain", "split", "sentences", "words"])
    var table = ReportTable(
      id: prefix + "table-1", title: "Table 1", caption: "Sentences and words of each domain.",
      columns: [.init("Domain", .left)]
        + splits.flatMap { [.init("sentences", group: $0), .init("words", group: $0)] }, data: data)
    for domain in results.domains {
      var cells = [ReportTable.Cell(domain.name)]
      for split in splits {
        let size = domain.sizes[split]
        cells.append(size.map { .init(Quantity.count($0.sentences)) } ?? .none)
        cells.append(size.map { .init(Quantity.count($0.tokens)) } ?? .none)
        if let size { data.add([domain.name, split, String(size.sentences), String(size.tokens)]) }
      }
      table.add(cells)
    }
    table.data = data
    return table
  }
}
