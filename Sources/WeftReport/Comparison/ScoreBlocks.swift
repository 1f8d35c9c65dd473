import WeftTrain

/// Table 3, 5 or 6, which have one form: scores, Δ, parameters.
struct ScoreBlocks {
  let results: ComparisonResults
  let prefix: String

  init(_ results: ComparisonResults, prefix: String) {
    self.results = results
    self.prefix = prefix
  }

  func blocks() -> [ReportPage.Block] {
    var blocks: [ReportPage.Block] = []
    if let figure = differenceFigure() {
      blocks.append(.figure(figure))
    } else if let baseline = results.baseline, results.systems.count > 1 {
      blocks.append(.remark("No system was tested against \(baseline) yet, so no Δ is drawn."))
    }
    blocks.append(.table(scoreTable()))
    if let table = significanceTable() { blocks.append(.table(table)) }
    blocks.append(.table(dataTable()))
    return blocks
  }

  // MARK: Scores

  /// The table of the paper that the scores are the counterpart of: 6 for tasks that have nothing in common, 5 for
  /// tasks on different sentences, 3 for tasks on the same.
  static func number(_ results: ComparisonResults) -> Int {
    if results.tasks.contains(where: { $0.synthetic != nil }) { return 6 }
    return Set(results.tasks.map(\.corpus)).count > 1 ? 5 : 3
  }

  func scoreTable() -> ReportTable {
    let baseline = results.baselineSystem
    var columns: [ReportTable.Column] = [.init("System", .left), .init("Parameters")]
    for task in results.tasks {
      columns.append(.init(task.metric.shortName, group: task.name))
      if baseline != nil { columns.append(.init("Δ", group: task.name)) }
    }
    if results.tasks.count > 1 {
      columns.append(.init("score", group: "mean"))
      if baseline != nil { columns.append(.init("Δ", group: "mean")) }
    }
    var table = ReportTable(
      id: prefix + "table-\(Self.number(results))", title: "Table \(Self.number(results))",
      caption: "Test scores of each system" + (baseline.map { ", and Δ against \($0.title)" } ?? "") + ".",
      columns: columns, data: scoreData())
    var scores: [[Double?]] = Array(repeating: [], count: results.tasks.count + 1)
    for system in results.systems {
      var cells = [ReportTable.Cell(system.title), Self.parameters(system)]
      func add(_ values: [Double], _ column: Int, _ difference: Double?, mark: String) {
        scores[column].append(SeedSummary.Spread(nonEmpty: values)?.mean)
        cells.append(ScoreFormat.cell(values))
        guard let baseline else { return }
        cells.append(
          system.name == baseline.name ? .none : ScoreFormat.differenceCell(difference, mark: mark))
      }
      for (number, task) in results.tasks.enumerated() {
        add(
          system.test(task.name), number,
          baseline.flatMap { results.difference(system, from: $0) { $0.test[task.name] } },
          mark: system.significance[task.name].map { ScoreFormat.mark($0.pValue) } ?? "")
      }
      if results.tasks.count > 1 {
        add(
          system.meanTest(results.tasks), results.tasks.count,
          baseline.flatMap { results.difference(system, from: $0) { $0.meanTest(results.tasks) } }, mark: "")
      }
      table.add(cells)
    }
    let width = baseline == nil ? 1 : 2
    for column in scores.indices where !scores[column].isEmpty {
      table.markBest(scores[column], column: 2 + column * width)
    }
    table.notes = scoreNotes
    return table
  }

  private var scoreNotes: [String] {
    var notes: [String] = []
    if results.seeds.count > 1 {
      notes.append("Mean ± sample standard deviation over \(results.seeds.count) seeds; bold: the best mean.")
    } else {
      notes.append("One seed; bold: the best.")
    }
    if results.systems.contains(where: { !$0.significance.isEmpty }) {
      notes.append(
        "* p < 0.05, ** p < 0.01, each test by itself: paired approximate randomisation over sentences, two-sided."
      )
    }
    notes.append(
      "Parameters: weights and biases of recurrences and convolutions, without embeddings and heads; under masks those"
        + " that at least one task uses.")
    return notes
  }

  static func parameters(_ system: ComparisonResults.System) -> ReportTable.Cell {
    let counts = system.runs.compactMap(\.parameters)
    guard let first = counts.first else { return .none }
    if Set(counts).count == 1 { return ReportTable.Cell(Quantity.count(first)) }
    let spread = SeedSummary.Spread(counts.map(Double.init))
    return ReportTable.Cell(
      Quantity.count(spread.mean), detail: "± \(Quantity.count(spread.standardDeviation))")
  }

  private func scoreData() -> DataTable {
    var data = DataTable([
      "system", "title", "seed", "task", "metric", "dev", "test", "parameters", "density", "folder",
    ])
    for system in results.systems {
      for run in system.runs {
        for task in results.tasks {
          data.add([
            system.name, system.title, String(run.seed), task.name, task.metric.rawValue,
            DataTable.number(run.dev[task.name]), DataTable.number(run.test[task.name]),
            run.parameters.map(String.init) ?? "", DataTable.number(run.densities[task.name]), run.folder,
          ])
        }
      }
    }
    return data
  }

  // MARK: Significance

  private var tested: [ComparisonResults.System] {
    results.systems.filter { !$0.significance.isEmpty }
  }

  private func significanceTable() -> ReportTable? {
    guard !tested.isEmpty, let baseline = results.baselineSystem else { return nil }
    var data = DataTable([
      "system", "task", "difference", "lower", "upper", "p", "permutations", "exact", "seeds", "better",
      "sentences",
    ])
    var table = ReportTable(
      id: prefix + "significance", title: "Significance",
      caption: "How far each system is from \(baseline.title), and how easily chance would get there.",
      columns: [
        .init("System", .left), .init("Task", .left), .init("Δ"), .init("95 % interval"), .init("p"),
        .init("seeds better"), .init("sentences"),
      ], data: data)
    table.isGrouped = true
    for system in tested {
      for task in results.tasks {
        guard let test = system.significance[task.name] else { continue }
        table.add([
          .init(system.title), .init(task.name),
          ScoreFormat.differenceCell(test.difference, mark: ScoreFormat.mark(test.pValue)),
          .init("\(ScoreFormat.difference(test.lower)) … \(ScoreFormat.difference(test.upper))"),
          .init(String(ScoreFormat.pValue(test.pValue).dropFirst(2)).replacing("= ", with: "")),
          .init("\(test.better) of \(test.seeds)"), .init(Quantity.count(test.sentences)),
        ])
        data.add([
          system.name, task.name, DataTable.number(test.difference), DataTable.number(test.lower),
          DataTable.number(test.upper), DataTable.number(test.pValue), String(test.permutations),
          test.isExact ? "yes" : "no", String(test.seeds), String(test.better), String(test.sentences),
        ])
      }
    }
    table.data = data
    let draws = tested.flatMap(\.significance.values).map(\.permutations).max() ?? 0
    table.notes = [
      "p: a sentence's results of both systems change places by the throw of a coin, for all seeds at once"
        + " (Noreen 1989; Yeh 2000); \(Quantity.count(draws)) throws.",
      "Interval: bootstrap over sentences. Both speak of other test sentences, not of other seeds.",
    ]
    return table
  }

  private func differenceFigure() -> ReportPage.Figure? {
    guard !tested.isEmpty, let baseline = results.baselineSystem else { return nil }
    var data = DataTable(["task", "system", "difference", "lower", "upper", "p"])
    let plots: [any Plot] = results.tasks.compactMap { task in
      let rows = results.systems.compactMap { system -> IntervalPlot.Row? in
        guard let test = system.significance[task.name] else { return nil }
        data.add([
          task.name, system.name, DataTable.number(test.difference), DataTable.number(test.lower),
          DataTable.number(test.upper), DataTable.number(test.pValue),
        ])
        let text = ScoreFormat.difference(test.difference) + ScoreFormat.mark(test.pValue)
        return IntervalPlot.Row(
          system.title, value: 100 * test.difference, lower: 100 * test.lower, upper: 100 * test.upper,
          text: text,
          note: "\(system.title): \(text), 95 % interval \(ScoreFormat.difference(test.lower)) to "
            + "\(ScoreFormat.difference(test.upper)), \(ScoreFormat.pValue(test.pValue))",
          style: test.difference >= 0 ? 0 : 1, isHollow: test.pValue >= 0.05)
      }
      guard !rows.isEmpty else { return nil }
      return IntervalPlot(
        title: task.name,
        summary: rows.map(\.note).joined(separator: "; "),
        xTitle: "Δ \(task.metric.shortName), points", rows: rows)
    }
    return ReportPage.Figure(
      id: prefix + "differences", title: "Differences",
      caption:
        "Test score minus that of \(baseline.title), with 95 % intervals over sentences. Filled: p < 0.05.",
      plots: plots, data: data)
  }

  // MARK: Data

  private func dataTable() -> ReportTable {
    var data = DataTable(["task", "corpus", "metric", "train", "dev", "test"])
    var table = ReportTable(
      id: prefix + "data", title: "Data", caption: "Sentences that carry a label of each task.",
      columns: [
        .init("Task", .left), .init("Corpus", .left), .init("Metric", .left), .init("train"), .init("dev"),
        .init("test"),
      ], data: data)
    for task in results.tasks {
      let counts = ["train", "dev", "test"].map { task.sentences[$0] }
      table.add(
        [.init(task.name), .init(task.corpus), .init(task.metric.shortName)]
          + counts.map { $0.map { ReportTable.Cell(Quantity.count($0)) } ?? .none })
      data.add([task.name, task.corpus, task.metric.rawValue] + counts.map { $0.map(String.init) ?? "" })
    }
    table.data = data
    return table
  }
}
