import Foundation
import WeftRuntime

/// Keeps a run in its folder, as safetensors files that appear whole or not at all.
struct FolderStore: RunStore {
  let folder: RunFolder
  let description: CheckpointDescription
  let tables: LibraryTables
  /// Shapes of the parameters as checkpoints show them.
  let shapes: [String: [Int]]
  let taskNames: [String]

  func saveState(_ state: LoopState, engine: TrainerSnapshot, average: ParameterBlock?) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    let loop = String(decoding: try encoder.encode(state), as: UTF8.self)
    try TrainingCheckpoint(description: description, state: engine, average: average, loop: loop)
      .write(to: folder.state)
  }

  /// The state that an earlier run left.
  ///
  /// - Throws: `RuntimeError` if it is damaged or, naming what differs, if it is of another experiment.
  func loadState() throws -> (loop: LoopState, engine: TrainerSnapshot, average: ParameterBlock?) {
    try TrainingCheckpoint.description(of: folder.state)
      .check(against: description, for: .resume, file: folder.state.path)
    let checkpoint = try TrainingCheckpoint(contentsOf: folder.state, tables: tables)
    do {
      let loop = try JSONDecoder().decode(LoopState.self, from: Data(checkpoint.loop.utf8))
      return (loop, checkpoint.state, checkpoint.average)
    } catch {
      throw TrainError(
        .unreadable, "\(folder.state.path) holds no state of a training loop",
        suggestion: "it was written by another version; start the run anew")
    }
  }

  func saveBest(_ parameters: ParameterBlock, _ best: DevProgress.Best) throws {
    try save(parameters, to: folder.best, scores: best)
  }

  func loadBest() throws -> ParameterBlock { try load(folder.best) }

  func saveSnapshot(_ parameters: ParameterBlock, named name: String) throws {
    try save(parameters, to: folder.snapshot(name), scores: nil)
  }

  func loadSnapshot(named name: String) throws -> ParameterBlock { try load(folder.snapshot(name)) }

  private func save(_ parameters: ParameterBlock, to url: URL, scores best: DevProgress.Best?) throws {
    var dev: [String: Double] = [:]
    for (task, score) in zip(taskNames, best?.scores ?? []) { dev[task] = score }
    dev["mean"] = best?.score
    try Checkpoint(
      description: description, parameters: parameters.reshaped(shapes),
      scores: dev.isEmpty ? [:] : ["dev": dev]
    ).write(to: url)
  }

  private func load(_ url: URL) throws -> ParameterBlock {
    try Checkpoint(contentsOf: url).parameters(for: tables)
  }
}
