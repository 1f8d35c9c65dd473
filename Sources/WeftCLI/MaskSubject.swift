import Foundation
import WeftCodegen
import WeftCorpus
import WeftGraph
import WeftReport
import WeftRuntime
import WeftSpec
import WeftTrain

/// A task of a spec, for which a mask is made.
struct MaskSubject {
  let task: String
  let design: NetworkDesign
  let layout: MaskLayout
  /// Names of the prunable parameters that the task reaches.
  let reached: Set<String>
  /// The network that masks move to and from by their parameters' names: shared for one of tasks' own, and the
  /// other way round.
  private let counterpart: NetworkDesign?

  /// Reads the spec and its training data, which the sizes of the network come from.
  init(_ arguments: SpecArguments, task: String) throws {
    let loaded = try arguments.load()
    let spec = loaded.spec
    guard let index = spec.tasks.firstIndex(where: { $0.name == task }) else {
      throw Failure(
        .usage, error: "the spec has no task '\(task)'",
        help: "it has \(spec.tasks.map(\.name).joined(separator: ", "))")
    }
    let vocabularies = try ExperimentData(loaded, splits: [.train]).vocabularies
    self.task = task
    design = try NetworkDesign(spec: spec, vocabularies: vocabularies)
    layout = design.maskLayout
    reached = try design.prunableParameters(reachedByTask: index)
    guard !reached.isEmpty else {
      throw Failure(
        .badInput, error: "task \(task) reaches no prunable parameter",
        help: "see the table of `weft check`, and `sharing.prunable`")
    }
    var other = spec
    other.sharing.kind = spec.sharing.kind == .single ? .hard : .single
    counterpart =
      spec.sharing.kind == .soft ? nil : try? NetworkDesign(spec: other, vocabularies: vocabularies)
  }

  /// A mask of this network, of any task, or of this network's counterpart.
  func mask(_ path: String) throws -> Mask {
    let url = URL(fileURLWithPath: path)
    if let counterpart {
      let file = try MaskFile(contentsOf: url)
      if file.architectureHash == counterpart.architectureHash {
        return design.spec.sharing.kind == .single
          ? try file.mask.prefixed(byTask: task, onto: layout)
          : try file.mask.unprefixed(byTask: file.task, onto: layout)
      }
    }
    let file = try MaskFile(contentsOf: url, layout: layout)
    try file.check(architecture: design.architectureHash, task: file.task, file: path)
    return file.mask
  }

  /// Writes the task's mask and says what it is.
  ///
  /// - Parameter origin: how it was made, e.g. `set --all`.
  func write(
    _ mask: Mask, to path: String, seed: UInt64? = nil, madeBy origin: String
  ) throws {
    let file = MaskFile(
      mask: mask, task: task, architectureHash: design.architectureHash, reached: reached,
      provenance: MaskProvenance(
        spec: design.spec.name, seed: seed, madeBy: "weft \(weftVersion) masks \(origin)"))
    try file.write(to: URL(fileURLWithPath: path))
    let lost = file.mask.lostLayers(reached: reached)
    if !lost.isEmpty {
      StandardError.write(
        "warning: the mask leaves no input weight of \(lost.joined(separator: ", ")), which the head of task \(task) "
          + "reads through; training will refuse it")
    }
    try StandardOutput.write(
      "\(path): task \(task), density \(Quantity.percent(file.density)) %, \(Quantity.count(file.keptCount)) of "
        + "\(Quantity.count(file.reachedCount)) weights\n")
  }
}
