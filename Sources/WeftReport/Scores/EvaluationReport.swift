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

  /// One line a domain, those that the model was trained on first, with the mean over each kind; tasks whose data are not
  /// split in domains are left out.
  public func domains() -> TextTable {
    let tasks = evaluation.tasks.filter { !$0.domains.isEmpty }
    var table = TextTable(
      [.init("domain", .left), .init("trained on", .left), .init("sentences"), .init("tokens")]
        + tasks.map { TextTable.Column($0.task) })
    var names: [(name: String, isTrainedOn: Bool)] = []
    for domain in tasks.flatMap(\.domains) where !names.contains(where: { $0.name == domain.domain }) {
      names.append((domain.domain, domain.isTrainedOn))
    }
    let (inside, outside) = (names.filter(\.isTrainedOn), names.filter { !$0.isTrainedOn })
    for (title, group) in [("mean in domain", inside), ("mean out of domain", outside)] where !group.isEmpty {
      for (name, isTrainedOn) in group {
        let scores = tasks.map { $0.domains.first { $0.domain == name } }
        let sizes = scores.compactMap { $0?.score }
        table.add(
          [
            name, isTrainedOn ? "yes" : "no", Quantity.count(sizes.map(\.sentences.count).max() ?? 0),
            Quantity.count(sizes.map(\.tokens).max() ?? 0),
          ] + scores.map { $0.map { Quantity.percent($0.score.value) } ?? "–" })
      }
      guard group.count > 1 else { continue }
      let means = tasks.map { task -> String in
        let values = group.compactMap { entry in task.domains.first { $0.domain == entry.name }?.score.value }
        return values.isEmpty ? "–" : Quantity.percent(values.reduce(0, +) / Double(values.count))
      }
      table.addRule()
      table.add([title, "", "", ""] + means)
      if title == "mean in domain", !outside.isEmpty { table.addRule() }
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
