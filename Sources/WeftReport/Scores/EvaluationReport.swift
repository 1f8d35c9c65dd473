import Foundation
import WeftCorpus
import WeftTrain

/// An evaluation as tables, from the summary down to single labels.
public struct EvaluationReport: Sendable {
  public let evaluation: Evaluation

  public init(_ evaluation: Evaluation) { self.evaluation = evaluation }

  /// One line a task.
  public func summary() -> TextTable {
    var table = TextTable([
      .init("task", .left), .init("metric", .left), .init("score"), .init("precision"), .init("recall"),
      .init("accuracy"), .init("tokens"), .init("gold spans"),
    ])
    for task in evaluation.tasks {
      let score = task.score
      var cells = [task.task, score.metric.rawValue, Quantity.percent(score.value)]
      if score.metric == .spanF1 {
        cells += [Quantity.percent(score.micro.precision), Quantity.percent(score.micro.recall)]
      } else {
        cells += ["", ""]
      }
      cells += [Quantity.percent(score.accuracy), Quantity.count(score.tokens)]
      if score.metric == .spanF1 { cells.append(Quantity.count(score.micro.gold)) }
      table.add(cells)
    }
    if evaluation.tasks.count > 1, let mean = evaluation.mean {
      table.addRule()
      table.add(["mean", "", Quantity.percent(mean)])
    }
    return table
  }

  /// Every type of span, or every label, of a task: the most frequent in the gold first.
  public func types(of task: TaskEvaluation) -> TextTable {
    var table = TextTable([
      .init(task.score.metric == .spanF1 ? "type" : "label", .left), .init("precision"), .init("recall"),
      .init("F1"), .init("gold"), .init("found"), .init("right"),
    ])
    func add(_ name: String, _ counts: ClassCounts) {
      table.add(
        [name] + [counts.precision, counts.recall, counts.f1].map(Quantity.percent)
          + [counts.gold, counts.found, counts.correct].map(Quantity.count))
    }
    for (name, counts) in Self.ordered(task.score) { add(name, counts) }
    table.addRule()
    add("micro average", task.score.micro)
    let macro = task.score.macro
    table.add(["macro average"] + [macro.precision, macro.recall, macro.f1].map(Quantity.percent))
    return table
  }

  /// Labelled tokens by gold (rows) and found (columns).
  ///
  /// - Parameter limit: the most frequent gold labels that are shown by themselves; the others are summed.
  public func confusion(of task: TaskEvaluation, limit: Int = 12) -> TextTable {
    let confusion = task.score.confusion
    var totals: [String: Int] = [:]
    for (gold, found) in confusion {
      totals[gold, default: 0] += found.values.reduce(0, +)
      for (name, _) in found { totals[name, default: 0] += 0 }
    }
    let names = totals.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map(\.key)
    let shown = Array(names.prefix(limit))
    let rest = Set(names.dropFirst(limit))
    var table = TextTable(
      [.init("gold \\ found", .left)] + shown.map { TextTable.Column($0) }
        + (rest.isEmpty ? [] : [TextTable.Column("others")]))
    func add(_ name: String, _ rows: [[String: Int]]) {
      func count(_ columns: Set<String>) -> String {
        let sum = rows.reduce(0) { sum, row in
          sum + row.reduce(0) { $0 + (columns.contains($1.key) ? $1.value : 0) }
        }
        return sum == 0 ? "·" : Quantity.count(sum)
      }
      table.add([name] + shown.map { count([$0]) } + (rest.isEmpty ? [] : [count(rest)]))
    }
    for name in shown { add(name, [confusion[name] ?? [:]]) }
    if !rest.isEmpty { add("others", rest.compactMap { confusion[$0] }) }
    return table
  }

  private static func ordered(_ score: Score) -> [(String, ClassCounts)] {
    score.classes.sorted { ($1.value.gold, $0.key) < ($0.value.gold, $1.key) }.map { ($0.key, $0.value) }
  }

  /// All counts as JSON with sorted keys; scores are in 0 ... 1.
  public func json() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(EvaluationRecord(evaluation)), as: UTF8.self) + "\n"
  }
}
