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
      let runs = system.runs.filter { !$0.stages.isEmpty }
      func mean(_ value: (ComparisonResults.Run) -> Double) -> Double {
        SeedSummary.Spread(runs.map(value)).mean
      }
      var cells = [ReportTable.Cell(system.title)]
      if kinds.count > 1 {
        for kind in kinds {
          let isThere = runs.contains { $0.stages.contains { $0.kind == kind } }
          let seconds = mean { $0.stages.reduce(0) { $0 + ($1.kind == kind ? $1.seconds : 0) } }
          cells.append(isThere ? .init(Quantity.duration(seconds)) : .none)
        }
      }
      let seconds = mean { $0.stages.reduce(0) { $0 + $1.seconds } }
      let tokens = mean { Double($0.stages.reduce(0) { $0 + $1.tokens }) }
      cells.append(.init(Quantity.duration(seconds)))
      cells.append(.init(Quantity.count(tokens)))
      cells.append(seconds > 0 ? .init(Quantity.count(tokens / seconds)) : .none)
      table.add(cells)
      for run in runs {
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
        "Warm-up and pruning ran under the first seed only; means are over the runs that had them all."
      ]
    }
    return [.table(table)]
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
