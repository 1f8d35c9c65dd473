import ArgumentParser
import Foundation
import WeftReport
import WeftRuntime
import WeftSpec
import WeftTrain

struct InspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Show what a checkpoint holds.",
    discussion: """
      Works on model.safetensors and best.safetensors, on state.safetensors, and on the folder of a run. Of a model with \
      soft sharing, or whose heads mix layers, it shows α and β, and says what they mean: who reads whom and how that was \
      before training, where most is shared, and which layer each task uses. Of one trained with a group lasso it \
      shows which groups of weights are exactly zero.

      EXAMPLES:
        weft inspect runs/tagger
        weft inspect runs/tagger/state.safetensors
        weft inspect runs/tagger --spec > same.yaml

      Exit code 65: the file is damaged or no checkpoint; 74: it cannot be read.
      """)

  @Argument(help: "A checkpoint, or the folder of a run.", completion: .file())
  var checkpoint: String

  @Flag(help: "Print only the spec that it was trained by, as YAML.")
  var spec = false

  func run() throws {
    var url = URL(fileURLWithPath: checkpoint)
    var isFolder: ObjCBool = false
    if FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder), isFolder.boolValue {
      url = RunFolder(url).model
    }
    let file = try Safetensors.File(contentsOf: url)
    if file.metadata["weft.kind"] == "mask" {
      throw Failure(
        .badInput, error: "\(RelativePath.shortest(url)) is a mask and no checkpoint",
        help: "weft masks show \(RelativePath.shortest(url))")
    }
    let isState = file.metadata["weft.format"]?.contains("state") == true
    let description =
      isState ? try TrainingCheckpoint.description(of: url) : try Checkpoint(contentsOf: url).description
    let resolved = try Spec(resolvedJSON: description.spec, path: url.path)
    if spec { return try StandardOutput.write(resolved.resolvedYAML()) }

    var text = "\(RelativePath.shortest(url)): "
    text += isState ? "the state of a training run\n" : "a trained model\n"
    text += "spec          \(resolved.name), seed \(resolved.seed)\n"
    text += "made by       weft \(description.toolVersion)\n"
    text += "architecture  \(description.hashes.architecture)\n"
    text += "data          \(description.hashes.data)\n"
    text += "recipe        \(description.hashes.recipe)\n\n"
    text += tasks(resolved).text() + "\n"
    if !isState {
      let scores = try Checkpoint(contentsOf: url).scores
      if !scores.isEmpty { text += table(scores, resolved).text() + "\n" }
      for part in try sharing(url, resolved) { text += part + "\n" }
      if file.names.contains(where: { $0.hasPrefix("masks.") }) { text += try masks(url).text() + "\n" }
    }
    try StandardOutput.write(text + tensors(file).text())
  }

  private func tasks(_ spec: Spec) -> TextTable {
    var table = TextTable([
      .init("task", .left), .init("column", .left), .init("scheme", .left), .init("decoder", .left),
      .init("metric", .left),
    ])
    for task in spec.tasks {
      table.add([
        task.name, "\(task.data).\(task.labels)", task.modelScheme.rawValue, task.decoder.rawValue,
        task.metric.rawValue,
      ])
    }
    return table
  }

  private func table(_ scores: [String: [String: Double]], _ spec: Spec) -> ScoreTable {
    let columns = ["dev", "test"].filter { scores[$0] != nil }
    return ScoreTable(
      columns: columns,
      rows: spec.tasks.map { task in
        ScoreTable.Row(
          name: task.name, metric: task.metric.rawValue,
          values: columns.map { scores[$0]?[task.name].map { [$0] } ?? [] })
      })
  }

  /// α and β, and what a group lasso has removed; empty for a network without.
  private func sharing(_ url: URL, _ spec: Spec) throws -> [String] {
    let checkpoint = try Checkpoint(contentsOf: url)
    let vocabularies = try TrainedModel.vocabularies(of: checkpoint.description, file: url.path)
    let graph = try NetworkDesign(spec: spec, vocabularies: vocabularies).graph
    let weights = MixingWeights(graph, tasks: spec.tasks, parameters: checkpoint.parameters)
    let lasso = LassoGroups(graph, spec: spec, parameters: checkpoint.parameters)
    return [weights.isEmpty ? nil : MixingReport(weights).text(), lasso.map { LassoReport($0).text() }]
      .compactMap(\.self)
  }

  private func masks(_ url: URL) throws -> TextTable {
    var table = TextTable([.init("mask", .left), .init("density %"), .init("weights")])
    for found in try MaskSearch(withRounds: false).masks(at: [url.path]) {
      table.add([
        found.file.task, Quantity.percent(found.file.density), Quantity.count(found.file.keptCount),
      ])
    }
    return table
  }

  private func tensors(_ file: Safetensors.File) -> TextTable {
    var table = TextTable([
      .init("tensor", .left), .init("type", .left), .init("shape", .left), .init("numbers"),
    ])
    var total = 0
    for name in file.names {
      guard let tensor = file.tensors[name] else { continue }
      table.add([
        name, tensor.type.rawValue, tensor.shape.map(String.init).joined(separator: " × "),
        Quantity.count(tensor.count),
      ])
      // Masks are bits about the other numbers.
      if tensor.type != .uint8 { total += tensor.count }
    }
    table.addRule()
    table.add(["all", "", "", Quantity.count(total)])
    return table
  }
}
