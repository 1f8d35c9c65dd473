import Foundation
import Testing
import WeftCorpus
import WeftReport
import WeftSpec
import WeftTrain

struct ScoreTableTests {
  @Test func oneRunShowsScoresAndTheirMean() {
    let table = ScoreTable(
      columns: ["dev", "test"],
      rows: [
        .init(name: "pos", metric: "accuracy", values: [[0.95], [0.9412]]),
        .init(name: "ner", metric: "span-f1", values: [[0.61], []]),
      ])
    #expect(
      table.text() == """
        task  metric      dev   test
        ────────────────────────────
        pos   accuracy  95.00  94.12
        ner   span-f1   61.00      –
        ────────────────────────────
        mean            78.00      –

        """)
  }

  @Test func severalRunsShowMeanAndSampleDeviation() {
    let table = ScoreTable(
      columns: ["test"], rows: [.init(name: "ner", metric: "span-f1", values: [[0.58, 0.60, 0.62]])])
    #expect(table.markdown().contains("| ner | span-f1 | 60.00 ± 2.00 |"))
    #expect(!table.text().contains("mean"))
  }
}

struct EvaluationReportTests {
  private var report: EvaluationReport {
    var ner = Scorer(metric: .spanF1, scheme: .bio)
    ner.add(gold: ["B-PER", "I-PER", "O", "B-LOC"], predicted: ["B-PER", "I-PER", "B-LOC", "B-ORG"])
    var pos = Scorer(metric: .accuracy)
    pos.add(gold: ["NN", "NN", nil, "VB"], predicted: ["NN", "VB", "VB", "VB"])
    return EvaluationReport(
      Evaluation(tasks: [
        TaskEvaluation(task: "ner", number: 0, score: ner.score),
        TaskEvaluation(task: "pos", number: 1, score: pos.score),
      ]))
  }

  @Test func theSummaryHasALineATask() {
    // One of two gold spans is found, with two wrong ones beside it: P 1/3, R 1/2, F1 2/5.
    #expect(report.summary().rows[0] == ["ner", "span-f1", "40.00", "33.33", "50.00", "50.00", "4", "2"])
    #expect(report.summary().rows[1] == ["pos", "accuracy", "66.67", "", "", "66.67", "3", ""])
    #expect(report.summary().rows[2].prefix(3) == ["mean", "", "53.33"])
  }

  @Test func typesAreOrderedByGold() {
    let rows = report.types(of: report.evaluation.tasks[0]).rows
    #expect(rows.map { $0[0] } == ["LOC", "PER", "ORG", "micro average", "macro average"])
    #expect(rows[1] == ["PER", "100.00", "100.00", "100.00", "1", "1", "1"])
    #expect(rows[3] == ["micro average", "33.33", "50.00", "40.00", "2", "3", "1"])
  }

  @Test func theConfusionCountsTokens() {
    let table = report.confusion(of: report.evaluation.tasks[1])
    #expect(table.columns.map(\.title) == ["gold \\ found", "NN", "VB"])
    #expect(table.rows == [["NN", "1", "1"], ["VB", "·", "1"]])
    let short = report.confusion(of: report.evaluation.tasks[1], limit: 1)
    #expect(short.columns.map(\.title) == ["gold \\ found", "NN", "others"])
    #expect(short.rows == [["NN", "1", "1"], ["others", "·", "1"]])
  }

  @Test func theJSONHoldsAllCounts() throws {
    let object = try #require(
      JSONSerialization.jsonObject(with: Data(report.json().utf8)) as? [String: Any])
    let tasks = try #require(object["tasks"] as? [[String: Any]])
    let classes = try #require(tasks[0]["classes"] as? [String: [String: Any]])
    #expect(classes["LOC"]?["found"] as? Int == 1)
    #expect(classes["LOC"]?["correct"] as? Int == 0)
    #expect(tasks[1]["tokens"] as? Int == 3)
  }
}
