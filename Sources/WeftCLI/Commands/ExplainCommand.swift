import ArgumentParser
import Foundation
import WeftCodegen
import WeftPackage
import WeftReport

struct ExplainCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Show how a package would hold each matrix, and why.",
    discussion: """
      For each matrix of weights, or the equal ones of both directions of a layer: its size, the share of its weights \
      that each group of tasks uses, and what each form it could have would cost for one row of inputs, all groups of \
      tasks together. The first form is the cheapest and the chosen one. Costs are those of the best instruction set; \
      `weft tune` measures them on this machine.

      EXAMPLES:
        weft explain runs/tagger
        weft explain tagger.yaml --checkpoint runs/tagger --weights int8
        weft explain runs/tagger --costs here.costs

      Exit code 65: the spec, the checkpoint or the table of costs cannot be used; 74: a file cannot be read.
      """)

  @Argument(help: "The spec, the folder of a run, or a checkpoint.", completion: .file())
  var model: String

  @Option(
    help: "With a spec: the checkpoint, or the folder of the run; runs/NAME if absent.", completion: .file())
  var checkpoint: String?

  @Option(
    name: .customLong("set"),
    help: ArgumentHelp("With a spec: change a value of it.", valueName: "key=value"))
  var overrides: [String] = []

  @Option(help: "How weights are stored: fp32, bf16 or int8.")
  var weights: PackageWeights = .fp32

  @Option(
    help: ArgumentHelp(
      "Memory for words whose products are known beforehand, as for `weft package`.", valueName: "bytes"))
  var foldWords = ByteCount(PackageContents.defaultFoldedBytes)

  @Option(
    help: ArgumentHelp(
      "A table of costs that `weft tune` wrote; the built-in one if absent.", valueName: "file"),
    completion: .file())
  var costs: String?

  @OptionGroup var verbosity: Verbosity

  func run() async throws {
    let table = try CostTable(at: costs)
    let subject = try await EvaluationSubject(
      model, checkpoint: checkpoint, overrides: overrides, logger: verbosity.logger)
    let source = try TrainedWeights(subject.trained, contentsOf: subject.url)
    let plan = try TaggerPackage.matrixPlan(
      of: source, weights: weights, foldedBytes: foldWords.bytes, costs: table)
    let groups = (0...(source.groups.max() ?? 0)).map { group in
      subject.trained.spec.tasks.enumerated().filter { source.groups[$0.offset] == group }
        .map(\.element.name).joined(separator: ", ")
    }
    try StandardOutput.write(Self.text(plan, groups: groups, weights: weights))
  }

  /// - Parameter groups: names of the tasks of each.
  static func text(_ plan: MatrixPlan, groups: [String], weights: PackageWeights) -> String {
    var text = "weights in \(weights.rawValue), "
    text +=
      plan.set.map { "costs of \($0.rawValue)\(packed(plan))\n" }
      ?? "no costs: the table knows none of the instruction sets\n"
    for (number, tasks) in groups.enumerated() { text += "group \(number + 1): \(tasks)\n" }
    var table = TextTable(
      [.init("matrix", .left), .init("size")] + groups.indices.map { .init("\($0 + 1) %") }
        + [.init("form", .left), .init("KiB"), .init("ns"), .init("instead of", .left), .init("why", .left)])
    for entry in plan.entries {
      let columns = entry.columns.isEmpty ? "" : " from \(entry.columns[0].lowerBound)"
      let both = entry.names.count > 1 ? " (and reverse)" : ""
      let densities = groups.indices.map { group in
        entry.densities.count == 1 && group > 0
          ? "" : Quantity.percent(entry.densities[min(group, entry.densities.count - 1)])
      }
      let chosen = entry.candidates[0]
      table.add(
        [entry.names[0] + both + columns, "\(entry.rows) × \(entry.depth)"] + densities + [
          chosen.form.rawValue, "\((chosen.bytes + 1023) / 1024)", time(chosen),
          entry.candidates.dropFirst().map { "\($0.form.rawValue) \(time($0))" }.joined(separator: ", "),
          entry.reason,
        ])
    }
    return text + "\n" + table.text()
  }

  /// Where packed weights are read, if there are any.
  private static func packed(_ plan: MatrixPlan) -> String {
    guard plan.entries.contains(where: { $0.candidates[0].form == .packed }) else { return "" }
    let sets = InstructionSet.allCases.filter(plan.windowSets.contains).map(\.rawValue)
    return "; packed on " + (sets.count == 1 ? sets[0] + " alone" : sets.joined(separator: ", "))
  }

  private static func time(_ candidate: MatrixPlan.Candidate) -> String {
    candidate.nanoseconds.map { Quantity.fixed($0, 0) } ?? "?"
  }
}

extension CostTable {
  /// The table in a file; the one that comes with the compiler without.
  ///
  /// - Throws: `CostTable.Failure` for a line that cannot be read.
  init(at path: String?) throws {
    guard let path else {
      self = CostTable.builtIn ?? CostTable()
      return
    }
    self = try CostTable(try String(contentsOfFile: path, encoding: .utf8), path: path)
  }
}
