import Foundation
import WeftCodegen
import WeftRuntime
import WeftSpec

extension Experiment {
  /// The masks that the spec names, by task number; none where it names none.
  ///
  /// With single-task sharing, a mask over a shared network is that of the task's own network.
  ///
  /// - Throws: `RuntimeError` or `TrainError` naming the file that is missing, or is of another network or task, and
  ///   what differs.
  public func givenMasks() throws -> [Int: MaskFile] {
    let layout = MaskLayout(training.tables, shapes: design.shapes)
    let tasks = Array(spec.tasks.enumerated())
    var masks: [Int: MaskFile] = [:]
    switch spec.sharing.masks {
    case .found: break
    case .folder(let path):
      for (number, task) in tasks {
        masks[number] = try mask(in: file(of: task.name, in: path), task: number, layout)
      }
    case .files(let files):
      for (number, task) in tasks {
        guard let path = files[task.name] else { continue }
        masks[number] = try mask(in: URL(filePath: data.loaded.resolve(path)), task: number, layout)
      }
    case .random(let density):
      for (number, _) in tasks { masks[number] = try randomMask(density: density, task: number, layout) }
    case .randomLike(let path):
      for (number, task) in tasks {
        let model = try MaskFile(contentsOf: file(of: task.name, in: path))
        masks[number] = try randomMask(density: model.density, task: number, layout)
      }
    }
    return masks
  }

  private func file(of task: String, in folder: String) throws(TrainError) -> URL {
    let url = URL(filePath: data.loaded.resolve(folder)).appending(path: "\(task).safetensors")
    guard FileManager.default.fileExists(atPath: url.path) else {
      throw TrainError(
        .unreadable, "there is no mask of task \(task): \(url.path) does not exist",
        suggestion: "sharing.masks names a folder with TASK.safetensors for each task, or single files")
    }
    return url
  }

  /// A mask of this network, or of the shared one that corresponds to this network of single tasks.
  private func mask(in url: URL, task number: Int, _ layout: MaskLayout) throws -> MaskFile {
    let name = spec.tasks[number].name
    let reached = training.tables.reached(by: number)
    var file: MaskFile
    let raw = try MaskFile(contentsOf: url)
    if spec.sharing.kind == .single, raw.mask.layout.names != layout.names {
      guard raw.task == name else {
        throw TrainError(.mismatch, "\(url.path) is the mask of task \(raw.task), not of task \(name)")
      }
      file = raw
      do {
        file.mask = try raw.mask.prefixed(byTask: name, onto: layout)
      } catch {
        throw RuntimeError(error.kind, "\(url.path): \(error.message)")
      }
      file.architectureHash = design.architectureHash
    } else {
      file = try MaskFile(contentsOf: url, layout: layout)
      try file.check(architecture: design.architectureHash, task: name, file: url.path)
    }
    return MaskFile(
      mask: file.mask, task: name, architectureHash: file.architectureHash, granularity: file.granularity,
      reached: reached, provenance: file.provenance, devScore: file.devScore)
  }

  private func randomMask(density: Double, task number: Int, _ layout: MaskLayout) throws -> MaskFile {
    let name = spec.tasks[number].name
    let reached = training.tables.reached(by: number)
    return MaskFile(
      mask: try Mask.random(layout, density: density, among: reached, seed: spec.seed, task: name),
      task: name, architectureHash: design.architectureHash, reached: reached,
      provenance: MaskProvenance(spec: spec.name, seed: spec.seed, madeBy: "weft \(weftVersion) train"))
  }
}
