import Foundation
import WeftCorpus
import WeftRuntime

/// The same experiment under several seeds: how much of a score is luck.
public struct SeedStudy: Sendable {
  public let experiment: Experiment
  public let seeds: [UInt64]
  /// Each run has a folder `seed-<n>` in it.
  public let folder: RunFolder

  /// - Parameter count: seeds, from that of the spec upwards.
  public init(_ experiment: Experiment, count: Int, folder: RunFolder) {
    self.experiment = experiment
    seeds = (0..<count).map { experiment.spec.seed &+ UInt64($0) }
    self.folder = folder
  }

  public func folder(seed: UInt64) -> RunFolder { RunFolder(name: "seed-\(seed)", in: folder.url) }

  /// Runs every seed, one after the other.
  ///
  /// - Parameters:
  ///   - start: `.resumeOrNew` goes on with a study that was interrupted; finished runs are scored again, not trained.
  ///   - jobs: tasks that sparse sharing prunes side by side.
  ///   - watch: called with each run as it begins; it may read the run's events.
  /// - Returns: nil if a run was cancelled.
  public func run(
    start: RunStart = .new, jobs: Int = 1,
    watch: @Sendable (_ seed: UInt64, _ run: TrainingRun<TrainingReport>) async -> Void
  ) async throws -> SeedSummary? {
    var reports: [TrainingReport] = []
    for seed in seeds {
      let run = try experiment.seeded(seed).train(in: folder(seed: seed), start: start, jobs: jobs)
      await watch(seed, run)
      let report = try await run.result
      if case .cancelled = report.end { return nil }
      reports.append(report)
    }
    let summary = SeedSummary(seeds: seeds, dev: reports.map(\.dev), test: reports.map(\.test))
    try folder.write(json: summary, to: folder.results)
    return summary
  }
}
