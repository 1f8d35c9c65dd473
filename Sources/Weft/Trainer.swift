import Foundation
import WeftRuntime
import WeftSpec
import WeftTrain

/// Trains the network of a spec.
///
/// ```swift
/// let trainer = try await Trainer(spec: "Examples/ewt-hard.yaml")
/// let run = trainer.train(in: URL(filePath: "runs/ewt-hard"))
/// for await event in run.events {
///   if case .epochFinished(let epoch) = event { print(epoch.epoch + 1, epoch.meanScore ?? 0) }
/// }
/// let report = try await run.result
/// ```
///
/// `run.cancel()`, or cancelling the task that waits for the result, saves the state and ends the run; training with
/// `start: .resume` goes on from there and ends with the same bytes as a run that was never stopped.
public struct Trainer: Sendable {
  /// The spec with its data read, its network built and its code compiled.
  public let experiment: Experiment

  /// What is odd about the spec or its data but can be worked with.
  public var warnings: [Diagnostic] { experiment.data.loaded.diagnostics + experiment.warnings }

  /// Reads a spec and its data, and compiles its network unless the cache has it.
  ///
  /// - Parameters:
  ///   - path: the spec.
  ///   - overrides: changes to it, e.g. `train.rate=0.05`.
  /// - Throws: `SpecError` with every problem of spec and data; `RuntimeError` where there is no compiler.
  public init(spec path: String, overrides: [String] = []) async throws {
    let loaded = try SpecLoader().load(path: path, overrides: overrides)
    experiment = try await Experiment(ExperimentData(loaded))
  }

  /// Trains an experiment that is ready.
  public init(_ experiment: Experiment) { self.experiment = experiment }

  /// Starts training on a thread of its own.
  ///
  /// - Parameters:
  ///   - folder: where the model, its scores, the log and the state go.
  ///   - start: what to do with a run that the folder may hold.
  ///   - jobs: tasks that sparse sharing prunes side by side; the result does not depend on it.
  /// - Returns: the run: its events as they happen, its result, and the way to stop it.
  public func train(
    in folder: URL, start: RunStart = .new, jobs: Int = 1
  ) -> TrainingRun<TrainingReport> {
    experiment.train(in: RunFolder(folder), start: start, jobs: jobs)
  }
}
