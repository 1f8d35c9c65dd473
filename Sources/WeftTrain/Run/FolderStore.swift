import Foundation
import WeftCodegen
import WeftRuntime
import WeftSpec

/// Keeps a run in its folder, as safetensors files that appear whole or not at all.
struct FolderStore: RunStore {
  let folder: RunFolder
  let description: CheckpointDescription
  let tables: LibraryTables
  /// Shapes of the parameters as checkpoints show them.
  let shapes: [String: [Int]]
  let spec: Spec
  private var taskNames: [String] { spec.tasks.map(\.name) }

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

  func loadMask(named name: String) throws -> Mask { try maskFile(named: name).mask }

  func maskFile(named name: String) throws -> MaskFile {
    try MaskFile(contentsOf: folder.mask(name), layout: MaskLayout(tables, shapes: shapes))
  }

  func saveMask(_ mask: Mask, named name: String, _ provenance: RoundProvenance) throws {
    let file = MaskFile(
      mask: mask, task: taskNames[provenance.task], architectureHash: description.hashes.architecture,
      granularity: provenance.granularity.rawValue, reached: tables.reached(by: provenance.task),
      provenance: MaskProvenance(
        spec: spec.name, seed: spec.seed, round: provenance.number, madeBy: "weft \(weftVersion) prune"),
      devScore: provenance.devScore)
    try saveMask(file, named: name)
  }

  func saveMask(_ file: MaskFile, named name: String) throws {
    do {
      try FileManager.default.createDirectory(at: folder.masks, withIntermediateDirectories: true)
    } catch {
      throw TrainError(
        .unwritable, "cannot make the folder \(folder.masks.path): \(error.localizedDescription)")
    }
    try file.write(to: folder.mask(name))
  }

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
