import ArgumentParser
import WeftReport
import WeftTrain

/// How scores are counted and shown.
struct ScoreForm: ParsableArguments {
  enum Format: String, ExpressibleByArgument, CaseIterable { case text, markdown, json }

  @Flag(help: "Show every type of span, and every label.")
  var perType = false

  @Flag(help: "Show which labels are taken for which.")
  var confusion = false

  @Flag(help: "Show the score on each domain, in and out of those that were trained on.")
  var byDomain = false

  @Option(help: "text, markdown or json; json holds everything.")
  var format: Format = .text

  @Flag(
    help: "Count spans on the tags as they are written, as conlleval does, without converting them first.")
  var rawTags = false

  func validate() throws {
    if byDomain, rawTags {
      throw ValidationError("--by-domain counts tags as they are converted, without --raw-tags.")
    }
  }

  func write(_ evaluation: Evaluation) throws {
    let report = EvaluationReport(evaluation)
    if format == .json { return try StandardOutput.write(report.json()) }
    func render(_ table: TextTable) -> String { format == .markdown ? table.markdown() : table.text() }
    var text = render(report.summary())
    if byDomain { text += "\n" + render(report.domains()) }
    for task in evaluation.tasks {
      if perType { text += "\n\(task.task) by \(kind(task))\n\n" + render(report.types(of: task)) }
      if confusion { text += "\n\(task.task): gold against found\n\n" + render(report.confusion(of: task)) }
      if !task.unseenLabels.isEmpty {
        let names = task.unseenLabels.keys.sorted().joined(separator: ", ")
        text += "\n\(task.task): the model does not know \(names), and cannot be right there\n"
      }
    }
    try StandardOutput.write(text)
  }

  private func kind(_ task: TaskEvaluation) -> String { task.score.metric == .spanF1 ? "type" : "label" }
}
