import Foundation
import WeftCodegen
import WeftCorpus
import WeftSpec

/// Puts together what the finished runs of a comparison found. Runs that are not there are left out.
public struct ComparisonCollector: Sendable {
  public let plan: ComparisonPlan
  /// By name; with nothing but the plan, all systems of it.
  public let systems: [String: PreparedSystem]
  /// Those of the further comparisons, in their order.
  public let also: [ComparisonCollector]

  /// Reads the data of every system and builds its network.
  ///
  /// - Throws: `SpecError` of the data, `GraphError`.
  public init(_ plan: ComparisonPlan) throws {
    var systems: [String: PreparedSystem] = [:]
    for system in plan.comparison.systems {
      systems[system.name] = try PreparedSystem(plan.comparison.loaded(system, seed: plan.seeds[0]))
    }
    try self.init(plan, systems: systems, also: plan.also.map { try ComparisonCollector($0) })
  }

  public init(_ plan: ComparisonPlan, systems: [String: PreparedSystem], also: [ComparisonCollector]) throws {
    self.plan = plan
    self.systems = systems
    self.also = also
  }

  /// - Parameter permutations: of each test of significance.
  /// - Throws: `TrainError` for a run of another spec, or files that cannot be read.
  public func results(permutations: Int = 10_000) throws -> ComparisonResults {
    let comparison = plan.comparison
    var results = ComparisonResults(
      name: comparison.name, title: comparison.title, toolVersion: weftVersion, tasks: tasks,
      seeds: plan.seeds, baseline: comparison.baseline, masksFoundOnce: comparison.masks == .once)
    var sentences: [String: [UInt64: SentenceScores]] = [:]
    for system in comparison.systems {
      let readings = try finished(plan.runs(of: system.name))
      results.systems.append(
        ComparisonResults.System(
          name: system.name, title: system.title, sharing: system.spec.sharing.kind,
          warmup: system.findsMasks ? system.spec.sharing.warmup : nil,
          granularity: system.findsMasks ? system.spec.sharing.prune.granularity : nil,
          masksOf: system.masksOf, randomMasksLike: system.randomMasksLike,
          runs: try readings.map { try $0.read() }))
      for reading in readings {
        sentences[system.name, default: [:]][reading.run.seed] = try reading.sentences()
      }
    }
    for index in results.systems.indices where results.systems[index].name != comparison.baseline {
      results.systems[index].significance = try significance(
        sentences[results.systems[index].name] ?? [:], sentences[comparison.baseline] ?? [:],
        permutations: permutations)
    }
    for density in comparison.densities {
      let runs = plan.runs(at: density)
      guard let first = runs.first else { continue }
      results.densities.append(
        ComparisonResults.DensityPoint(
          density: density, masksOf: first.system, runs: try finished(runs).map { try $0.read() }))
    }
    results.also = try also.map { try $0.results(permutations: permutations) }
    return results
  }

  private func finished(_ runs: [PlannedRun]) throws -> [RunReading] {
    try runs.compactMap { run in
      guard let system = systems[run.system], run.needs?.hasModel ?? true,
        try system.isFinished(run.folder, spec: plan.spec(of: run))
      else { return nil }
      return RunReading(system: system, run: run, root: plan.folder)
    }
  }

  private func significance(
    _ system: [UInt64: SentenceScores], _ baseline: [UInt64: SentenceScores], permutations: Int
  ) throws -> [String: PairedTest] {
    var tests: [String: PairedTest] = [:]
    for task in plan.comparison.tasks {
      let pairs = plan.seeds.compactMap { seed -> (system: [SentenceCounts], baseline: [SentenceCounts])? in
        guard let first = system[seed]?.counts("test", task: task.name),
          let second = baseline[seed]?.counts("test", task: task.name)
        else { return nil }
        return (first, second)
      }
      guard !pairs.isEmpty else { continue }
      tests[task.name] = try PairedTest(
        metric: task.metric, system: pairs.map(\.system), baseline: pairs.map(\.baseline),
        permutations: permutations, seed: plan.seeds[0])
    }
    return tests
  }

  private var tasks: [ComparisonResults.Task] {
    let data = plan.comparison.systems.first.flatMap { systems[$0.name]?.data }
    return plan.comparison.tasks.map { task in
      var sentences: [String: Int] = [:]
      for split in Split.allCases {
        guard let corpus = data?.corpora[task.data]?[split] else { continue }
        sentences[split.rawValue] = corpus.sentences(labelledFor: task.name).count
      }
      var synthetic: SyntheticLabels?
      if case .synthetic(let kind) = task.labels { synthetic = kind }
      return ComparisonResults.Task(
        name: task.name, metric: task.metric, corpus: task.data, sentences: sentences, synthetic: synthetic)
    }
  }
}
