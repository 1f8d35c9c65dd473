import Foundation
import WeftCorpus
import WeftReport
import WeftRuntime
import WeftSpec
import WeftTrain

/// Finds masks in files and folders.
struct MaskSearch {
  /// Also those of the pruning rounds of a run?
  var withRounds: Bool

  /// - Throws: `Failure` if there are none at one of the paths.
  func masks(at paths: [String]) throws -> [FoundMask] {
    var found: [FoundMask] = []
    for path in paths {
      var isFolder: ObjCBool = false
      let exists = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
      let here = exists && isFolder.boolValue ? try inFolder(path) : try inFile(path)
      if here.isEmpty {
        throw Failure(
          .badInput, error: "\(path) holds no masks",
          help: "masks are files of `weft masks`, or of a run with `sharing: sparse`")
      }
      found += here
    }
    return found
  }

  private func inFolder(_ path: String) throws -> [FoundMask] {
    var found = try files(in: RelativePath.join(path, "masks"))
    if withRounds {
      for task in contents(of: RelativePath.join(path, "prune")) {
        found += try files(in: RelativePath.join(path, "prune/\(task)/masks"))
      }
    }
    if found.isEmpty { found = try files(in: path) }
    return found
  }

  /// The masks, and models with masks, of a folder.
  private func files(in folder: String) throws -> [FoundMask] {
    try contents(of: folder).filter { $0.hasSuffix(".safetensors") }.flatMap { name in
      try inFile(RelativePath.join(folder, name), isSearch: true)
    }
  }

  private func contents(of folder: String) -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).filter { !$0.hasPrefix(".") }
      .sorted()
  }

  /// - Parameter isSearch: pass over files that are something else.
  private func inFile(_ path: String, isSearch: Bool = false) throws -> [FoundMask] {
    let url = URL(fileURLWithPath: path)
    let metadata = try Safetensors.File(contentsOf: url).metadata
    if metadata["weft.format"]?.hasPrefix("weft-model-") == true { return try inModel(path) }
    if isSearch, metadata["weft.kind"] != "mask" { return [] }
    return [FoundMask(path: path, file: try MaskFile(contentsOf: url))]
  }

  private func inModel(_ path: String) throws -> [FoundMask] {
    let checkpoint = try Checkpoint(contentsOf: URL(fileURLWithPath: path))
    if checkpoint.masks.isEmpty { return [] }
    let description = checkpoint.description
    let spec = try Spec(resolvedJSON: description.spec, path: path)
    let vocabularies = try JSONDecoder().decode(Vocabularies.self, from: Data(description.vocabularies.utf8))
    let design = try NetworkDesign(spec: spec, vocabularies: vocabularies)
    return try spec.tasks.enumerated().compactMap { index, task in
      guard let mask = checkpoint.masks[task.name] else { return nil }
      let granularity = spec.sharing.kind == .sparse ? spec.sharing.prune.granularity.rawValue : "weights"
      return FoundMask(
        path: path,
        file: MaskFile(
          mask: try mask.laidOut(as: design.maskLayout), task: task.name,
          architectureHash: description.hashes.architecture, granularity: granularity,
          reached: try design.prunableParameters(reachedByTask: index),
          provenance: MaskProvenance(
            spec: spec.name, seed: spec.seed, madeBy: "weft \(description.toolVersion) train"),
          devScore: checkpoint.scores["dev"]?[task.name]))
    }
  }
}
