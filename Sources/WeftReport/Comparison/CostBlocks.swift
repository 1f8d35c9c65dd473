import WeftTrain

/// What each system took to train.
struct CostBlocks {
  let results: ComparisonResults
  let prefix: String

  init(_ results: ComparisonResults, prefix: String) {
    self.results = results
    self.prefix = prefix
  }

  func blocks() -> [ReportPage.Block] {
    let systems = results.systems.filter { $0.runs.contains { !$0.stages.isEmpty } }
    guard !systems.isEmpty else { return [.remark("No training times were recorded.")] }
    var data = DataTable(["system", "seed", "stage", "task", "tokens", "seconds"])
    let kinds = ComparisonResults.Stage.Kind.allCases.filter { kind in
      systems.contains { $0.runs.contains { $0.stages.contains { $0.kind == kind } } }
    }
    var columns: [ReportTable.Column] = [.init("System", .left)]
    if kinds.count > 1 { columns += kinds.map { .init($0.title, group: "Time") } }
    columns += [
      .init("all", group: kinds.count > 1 ? "Time" : nil), .init("Tokens"), .init("Tokens/s"),
    ]
    if kinds.count == 1 { columns[1].title = "Time" }
    var table = ReportTable(
      id: prefix + "time", title: "Training",
      caption:
        "Time of training and of scoring dev for one seed, and tokens that passed the encoder; means over runs.",
      columns: columns, data: data)
    for system in systems {
      // A stage that ran under some seeds only counts with its mean over those.
      let stages = kinds.compactMap { Self.mean($0, over: system.runs) }
      var cells = [ReportTable.Cell(system.title)]
      if kinds.count > 1 {
        for kind in kinds {
          let stage = stages.first { $0.kind == kind }
          cells.append(stage.map { .init(Quantity.duration($0.seconds)) } ?? .none)
        }
      }
      let seconds = stages.reduce(0) { $0 + $1.seconds }
      let tokens = stages.reduce(0) { $0 + $1.tokens }
      cells.append(.init(Quantity.duration(seconds)))
      cells.append(.init(Quantity.count(tokens)))
      cells.append(seconds > 0 ? .init(Quantity.count(tokens / seconds)) : .none)
      table.add(cells)
      for run in system.runs {
        for stage in run.stages {
          data.add([
            system.name, String(run.seed), stage.kind.rawValue, stage.task ?? "", String(stage.tokens),
            DataTable.number(stage.seconds),
          ])
        }
      }
    }
    table.data = data
    if results.masksFoundOnce {
      table.notes = [
        "Warm-up and pruning ran under the first seed only."
      ]
    }
    return [.table(table)]
  }

  /// What a kind of stage took, all tasks together, mean over the runs that had it; nil if none did.
  private static func mean(
    _ kind: ComparisonResults.Stage.Kind, over runs: [ComparisonResults.Run]
  ) -> (kind: ComparisonResults.Stage.Kind, seconds: Double, tokens: Double)? {
    let stages = runs.map { $0.stages.filter { $0.kind == kind } }.filter { !$0.isEmpty }
    guard !stages.isEmpty else { return nil }
    let seconds = stages.map { $0.reduce(0) { $0 + $1.seconds } }
    let tokens = stages.map { Double($0.reduce(0) { $0 + $1.tokens }) }
    return (kind, SeedSummary.Spread(seconds).mean, SeedSummary.Spread(tokens).mean)
  }
}

extension ComparisonResults.Stage.Kind {
  var title: String {
    switch self {
    case .warmup: "warm-up"
    case .pruning: "pruning"
    case .training: "training"
    }
  }
}
