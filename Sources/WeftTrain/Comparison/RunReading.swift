import Foundation
import WeftGraph
import WeftRuntime
import WeftSpec

/// Reads what a finished run left into what reports show of it.
struct RunReading {
  let system: PreparedSystem
  let run: PlannedRun
  /// The comparison's folder.
  let root: URL

  private var tasks: [TaskSpec] { system.design.spec.tasks }

  func read() throws -> ComparisonResults.Run {
    let folder = run.folder
    let results: RunResults = try decode(folder.results)
    var record = ComparisonResults.Run(
      seed: run.seed, domain: run.domain, folder: path(folder.url), dev: Self.scores(results.dev),
      test: Self.scores(results.test), byDomain: Self.byDomain(results.test), mixing: try mixing(),
      curves: curves())
    let masks = try masks()
    record.parameters = try system.parameters(masks.mapValues(\.mask))
    for (task, file) in masks { record.densities[tasks[task].name] = file.density }
    record.overlaps = try overlaps(masks)
    record.pruning = try pruning(masks)
    record.stages = stages()
    return record
  }

  /// Counts of the test sentences, by task.
  func sentences() throws -> SentenceScores { try decode(run.folder.sentences) }

  private func decode<Value: Decodable>(_ file: URL) throws -> Value {
    do {
      return try JSONDecoder().decode(Value.self, from: Data(contentsOf: file))
    } catch {
      throw TrainError(
        .unreadable, "\(file.path) cannot be read: \(error.localizedDescription)",
        suggestion: "remove the folder of the run; it is made anew")
    }
  }

  private func path(_ url: URL) -> String {
    let base = root.standardizedFileURL.path
    let path = url.standardizedFileURL.path
    return path.hasPrefix(base + "/") ? String(path.dropFirst(base.count + 1)) : path
  }

  private static func scores(_ record: EvaluationRecord?) -> [String: Double] {
    Dictionary((record?.tasks ?? []).map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
  }

  private static func byDomain(_ record: EvaluationRecord?) -> [String: [String: Double]] {
    var scores: [String: [String: Double]] = [:]
    for task in record?.tasks ?? [] {
      for (domain, score) in task.domains ?? [:] { scores[domain, default: [:]][task.name] = score.value }
    }
    return scores
  }

  /// α and β of the trained model; nil for a network without.
  private func mixing() throws -> MixingWeights? {
    let graph = system.design.graph
    guard graph.nodes.contains(where: { $0.operation is Mix }) else { return nil }
    let weights = MixingWeights(
      graph, tasks: tasks, parameters: try Checkpoint(contentsOf: run.folder.model).parameters)
    return weights.isEmpty ? nil : weights
  }

  /// Training scores by task, epoch by epoch, as far as the log has them.
  private func curves() -> [String: [Double]] {
    guard let data = try? Data(contentsOf: run.folder.log) else { return [:] }
    var curves: [String: [Double]] = [:]
    let decoder = JSONDecoder()
    for line in data.split(separator: UInt8(ascii: "\n")) {
      guard let line = try? decoder.decode(LogLine.self, from: line), line.kind == .epoch else { continue }
      for (task, score) in line.trainingScores ?? [:] { curves[task, default: []].append(score) }
    }
    return curves
  }

  // MARK: Masks

  private func masks() throws -> [Int: MaskFile] {
    var masks: [Int: MaskFile] = [:]
    for (number, task) in tasks.enumerated() {
      let file = run.folder.mask(task.name)
      guard FileManager.default.fileExists(atPath: file.path) else { continue }
      masks[number] = try MaskFile(contentsOf: file, layout: system.design.maskLayout)
    }
    return masks
  }

  /// Of every pair of tasks, and of all, where all have a mask over one network.
  private func overlaps(_ masks: [Int: MaskFile]) throws -> [ComparisonResults.Overlap] {
    guard system.design.spec.sharing.kind != .single, masks.count == tasks.count, tasks.count > 1 else {
      return []
    }
    var groups = tasks.indices.flatMap { first in
      tasks.indices.dropFirst(first + 1).map { [first, $0] }
    }
    if tasks.count > 2 { groups.append(Array(tasks.indices)) }
    return try groups.map { group in
      let overlap = try MaskOverlap(group.compactMap { masks[$0]?.mask })
      return ComparisonResults.Overlap(
        tasks: group.map { tasks[$0].name }, ratio: overlap.ratio, expected: overlap.expectedRatio)
    }
  }

  private func pruning(_ masks: [Int: MaskFile]) throws -> [String: [ComparisonResults.Round]] {
    var pruning: [String: [ComparisonResults.Round]] = [:]
    for (number, task) in tasks.enumerated() {
      let folder = run.folder.pruning(task: task.name)
      guard folder.hasRounds else { continue }
      let record: PruningRecord = try decode(folder.rounds)
      let chosen = try record.choice(system.design.spec.sharing.prune.select).number
      pruning[task.name] = record.rounds.map { round in
        ComparisonResults.Round(
          round: round.number, density: round.density, dev: round.score,
          isChosen: masks[number] != nil && round.number == chosen)
      }
    }
    return pruning
  }

  // MARK: Time

  /// From the stages' logs, which are whole whenever the model is there.
  private func stages() -> [ComparisonResults.Stage] {
    func stage(
      _ folder: RunFolder, _ kind: ComparisonResults.Stage.Kind, task: String? = nil
    ) -> ComparisonResults.Stage? {
      let part = RunTiming.Part(log: folder.log)
      guard part.epochs > 0 else { return nil }
      return .init(kind, task: task, tokens: part.tokens, seconds: part.trainingSeconds + part.scoringSeconds)
    }
    let folder = run.folder
    let pruning = tasks.map { stage(folder.pruning(task: $0.name), .pruning, task: $0.name) }
    return ([stage(folder.warmup, .warmup)] + pruning + [stage(folder, .training)]).compactMap { $0 }
  }
}
