import Foundation
import Synchronization
import WeftRuntime
import WeftSpec

@testable import WeftTrain

/// Sparse sharing on the sample.
enum SparseRuns {
  static let sharing =
    "sharing={kind: sparse, warmup: 2, prune: {final: 0.3, rounds: 3, epochs: 3, patience: 2}}"
  static let overrides = [sharing, "train.save-every=3"]

  static func experiment(_ folder: TemporaryFolder, _ more: [String] = []) async throws -> Experiment {
    try await SampleExperiments.experiment(folder, overrides + more)
  }

  /// Writes masks of an experiment's tasks as files, and says where.
  static func write(_ masks: [String: Mask], of experiment: Experiment, to folder: URL) throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    for (task, mask) in masks {
      try MaskFile(
        mask: mask, task: task, architectureHash: experiment.design.architectureHash,
        provenance: MaskProvenance(spec: "sample", madeBy: "a test")
      ).write(to: folder.appending(path: "\(task).safetensors"))
    }
  }

  /// Tensors of a checkpoint, without what it says of its spec.
  static func parameters(_ folder: RunFolder) throws -> [String: [Float]] {
    let block = try Checkpoint(contentsOf: folder.model).parameters
    return Dictionary(uniqueKeysWithValues: block.names.map { ($0, block[$0] ?? []) })
  }
}

extension RunFolder {
  /// Bytes of the files that equal runs have in common, those of stages included, by path.
  func allContents() throws -> [String: Data] {
    var contents: [String: Data] = [:]
    for path in try FileManager.default.subpathsOfDirectory(atPath: url.path)
    where (path.hasSuffix(".safetensors") || path.hasSuffix(".json")) && !path.hasSuffix("timing.json") {
      contents[path] = try Data(contentsOf: url.appending(path: path))
    }
    return contents
  }
}
