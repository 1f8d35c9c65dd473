import Foundation
import WeftGraph
import WeftRuntime
import WeftSpec

/// The first steps of a run with all that another implementation needs to repeat them: initial parameters, batches,
/// random values, learning rates; and the losses that came out.
public struct StepTrace: Sendable {
  /// Names of the tasks, in the order of the spec.
  public let tasks: [String]
  let design: NetworkDesign
  let initial: ParameterBlock
  let steps: [TracedStep]

  /// Loss of each step, in nats, before its update.
  public var losses: [Double] { steps.map(\.loss) }
  /// Task of each step.
  public var stepTasks: [String] { steps.map { tasks[$0.task] } }

  /// Losses, tasks and gradient norms (null where clipping did not need one), as one JSON object.
  public func json() throws -> String {
    struct Output: Encodable {
      var losses: [Double]
      var norms: [Double?]
      var tasks: [String]
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    let output = Output(losses: losses, norms: steps.map(\.norm), tasks: stepTasks)
    return String(decoding: try encoder.encode(output), as: UTF8.self)
  }
}

extension Experiment {
  /// Makes the first steps exactly as ``train(in:start:)`` would: the same loop, batches, order of tasks, random values
  /// and updates. Fewer if the run ends before.
  ///
  /// - Throws: `TrainError` if a step of the spec is not one mini-batch of one task.
  public func trace(steps count: Int) throws -> StepTrace {
    let recipe = spec.train
    guard recipe.step == .oneTask, recipe.accumulate == 1 else {
      throw TrainError(
        .mismatch, "only steps of one mini-batch of one task can be traced",
        suggestion: "set train.step=one-task and train.accumulate=1")
    }
    guard !StagedTraining.isNeeded(for: spec) else {
      throw TrainError(
        .mismatch, "the steps of sparse sharing depend on masks that are still to be found",
        suggestion: "find them by `weft train`, and name them by sharing.masks")
    }
    // The task writes no file; its folder is only where a message would place it.
    let masks = try givenMasks()
    let task = TrainingTask(experiment: self, folder: RunFolder(name: spec.name), masks: masks)
    let initial = try task.initialParameters { _ in }
    let engine = try TrainerEngine(library: training, recipe: recipe, shapes: design.shapes)
    try engine.trainer.setParameters(initial)
    let record = StepRecord()
    let loop = try TrainingLoop(
      plan: plan, engine: TracingEngine(engine: engine, record: record),
      source: CorpusBatches(tasks: spec.tasks, corpora: data.corpora.compactMapValues { $0[.train] }),
      scorer: task.scorer,
      store: TraceStore(
        masks: Dictionary(uniqueKeysWithValues: masks.map { (spec.tasks[$0].name, $1.mask) })))
    _ = try loop.run(observe: { _ in }, isCancelled: { record.steps.count >= count })
    return StepTrace(
      tasks: spec.tasks.map(\.name), design: design, initial: try initial.reshaped(design.shapes),
      steps: record.steps)
  }
}
