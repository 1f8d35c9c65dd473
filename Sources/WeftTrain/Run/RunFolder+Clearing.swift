import Foundation
import WeftSpec

extension RunFolder {
  /// Removes what an earlier run left in this folder itself, so that nothing of it is mistaken for this one's. The stages
  /// of sparse sharing, in folders of their own, stay, and so does what others put there.
  ///
  /// - Parameter tasks: names of the tasks of the new run.
  func clear(tasks: [String]) throws {
    let own = [spec, log, state, best, model, results, rounds, sentences, timing, dataFolder].map(
      \.lastPathComponent)
    let tasks = Set(tasks + tasksOfRun)
    for name in names(in: url)
    where own.contains(name) || (name.hasPrefix("snapshot-") && name.hasSuffix(".safetensors")) {
      try remove(url.appending(path: name))
    }
    for name in names(in: masks) where name.hasSuffix(".safetensors") {
      let stem = name.dropLast(".safetensors".count)
      let isRound = stem.hasPrefix("round-") && Int(stem.dropFirst("round-".count)) != nil
      if isRound || tasks.contains(String(stem)) { try remove(masks.appending(path: name)) }
    }
    try removeIfEmpty(masks)
  }

  /// Removes the run and its stages.
  func clearWithStages(tasks: [String]) throws {
    let tasks = Set(tasks + tasksOfRun).sorted()
    for stage in [warmup] + tasks.map(pruning) {
      try stage.clear(tasks: [])
      try removeIfEmpty(stage.url)
    }
    try removeIfEmpty(url.appending(path: "prune", directoryHint: .isDirectory))
    try clear(tasks: tasks)
  }

  /// Tasks of the run that the folder holds, as far as it tells.
  private var tasksOfRun: [String] {
    guard let text = try? String(contentsOf: spec, encoding: .utf8),
      let found = try? Spec(resolvedJSON: text, path: spec.path)
    else { return [] }
    return found.tasks.map(\.name)
  }

  private func names(in folder: URL) -> [String] {
    (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
  }

  private func remove(_ file: URL) throws(TrainError) {
    do {
      try FileManager.default.removeItem(at: file)
    } catch {
      throw TrainError(.unwritable, "cannot remove \(file.path): \(error.localizedDescription)")
    }
  }

  private func removeIfEmpty(_ folder: URL) throws(TrainError) {
    var isFolder: ObjCBool = false
    let exists = FileManager.default.fileExists(atPath: folder.path, isDirectory: &isFolder)
    if exists, isFolder.boolValue, names(in: folder).isEmpty { try remove(folder) }
  }
}
