import WeftTrain

/// Table 8: sparse sharing with and without multi-task warm-up.
struct WarmupBlocks {
  let results: ComparisonResults
  let prefix: String

  init(_ results: ComparisonResults, prefix: String) {
    self.results = results
    self.prefix = prefix
  }

  func blocks() -> [ReportPage.Block] {
    let sparse = results.systems.filter { $0.sharing == .sparse }
    let cold = sparse.filter { $0.warmup == 0 }
    guard !cold.isEmpty else { return [] }
    // What a system without warm-up is compared with prunes the same things.
    let pairs = cold.compactMap {
      system -> (warm: ComparisonResults.System, cold: ComparisonResults.System)? in
      let warm = sparse.first { ($0.warmup ?? 0) > 0 && $0.granularity == system.granularity }
      return warm.map { ($0, system) }
    }
    guard !pairs.isEmpty else {
      return [.remark("No sparse system has a warm-up, so there is nothing to set those without beside.")]
    }
    var data = DataTable(["system", "warm-up epochs", "seed", "task", "test"])
    var columns: [ReportTable.Column] = [.init("System", .left), .init("warm-up")]
    for task in results.tasks {
      columns += [.init(task.metric.shortName, group: task.name), .init("Δ", group: task.name)]
    }
    var table = ReportTable(
      id: prefix + "table-8", title: "Table 8",
      caption: "Sparse sharing with and without multi-task warm-up: test scores, and Δ against having one.",
      columns: columns, data: data)
    var shown: [String] = []
    for (warm, cold) in pairs {
      for system in [warm, cold] where !shown.contains(system.name) {
        shown.append(system.name)
        let epochs = system.warmup ?? 0
        var cells: [ReportTable.Cell] = [
          .init(system.title), .init(epochs == 0 ? "none" : "\(epochs) epochs"),
        ]
        for task in results.tasks {
          cells.append(ScoreFormat.cell(system.test(task.name)))
          cells.append(
            system.name == warm.name
              ? .none
              : ScoreFormat.differenceCell(results.difference(system, from: warm) { $0.test[task.name] }))
        }
        table.add(cells)
        for run in system.runs {
          for task in results.tasks {
            data.add([
              system.name, String(epochs), String(run.seed), task.name, DataTable.number(run.test[task.name]),
            ])
          }
        }
      }
    }
    table.data = data
    return [.table(table)]
  }
}
