import WeftSpec
import WeftTrain

/// Scores of several tasks on several parts of a corpus, from one run or from runs with several seeds.
public struct ScoreTable: Sendable, Equatable {
  /// A task, or the mean of them.
  public struct Row: Sendable, Equatable {
    public var name: String
    /// What the score is, e.g. `span-f1`.
    public var metric: String
    /// For each column the scores of the runs, in 0 ... 1; empty where there is none.
    public var values: [[Double]]
    public init(name: String, metric: String, values: [[Double]]) {
      self.name = name
      self.metric = metric
      self.values = values
    }
  }

  /// `dev`, `test`.
  public var columns: [String]
  public var rows: [Row]

  public init(columns: [String], rows: [Row] = []) {
    self.columns = columns
    self.rows = rows
  }

  /// The mean over tasks, run by run; no values in a column where a task has none or runs differ in number.
  public var mean: Row {
    let values = columns.indices.map { column -> [Double] in
      let tasks = rows.map { $0.values[column] }
      guard let runs = tasks.first?.count, tasks.allSatisfy({ $0.count == runs }) else { return [] }
      return (0..<runs).map { run in tasks.reduce(0) { $0 + $1[run] } / Double(tasks.count) }
    }
    return Row(name: "mean", metric: "", values: values)
  }

  private func table() -> TextTable {
    var table = TextTable(
      [.init("task", .left), .init("metric", .left)] + columns.map { TextTable.Column($0) })
    func add(_ row: Row) { table.add([row.name, row.metric] + row.values.map(Self.cell)) }
    rows.forEach(add)
    if rows.count > 1 {
      table.addRule()
      add(mean)
    }
    return table
  }

  /// `94.12`; over several runs mean and sample standard deviation, `94.12 ± 0.20`; `–` without any.
  static func cell(_ values: [Double]) -> String {
    guard !values.isEmpty else { return "–" }
    let count = Double(values.count)
    let mean = values.reduce(0, +) / count
    guard values.count > 1 else { return Quantity.percent(mean) }
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (count - 1)
    return Quantity.percent(mean) + " ± " + Quantity.percent(variance.squareRoot())
  }

  /// The scores of one run.
  ///
  /// - Parameter evaluations: by name of the column; nil where there is nothing to score.
  public init(_ evaluations: [(column: String, evaluation: Evaluation?)], tasks: [TaskSpec]) {
    columns = evaluations.map(\.column)
    rows = tasks.map { task in
      Row(
        name: task.name, metric: task.metric.rawValue,
        values: evaluations.map { entry in entry.evaluation?[task.name].map { [$0.score.value] } ?? [] })
    }
  }

  /// The scores of runs with several seeds.
  public init(_ summary: SeedSummary, tasks: [TaskSpec]) {
    let columns = [("dev", summary.dev), ("test", summary.test)].filter { !$0.1.isEmpty }
    self.columns = columns.map(\.0)
    rows = tasks.map { task in
      Row(
        name: task.name, metric: task.metric.rawValue,
        values: columns.map { $0.1[task.name]?.values ?? [] })
    }
  }

  public func text(indent: Int = 0) -> String { table().text(indent: indent) }
  public func markdown() -> String { table().markdown() }
}
