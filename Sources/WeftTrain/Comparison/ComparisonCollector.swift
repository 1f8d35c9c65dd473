import Foundation
import WeftCodegen
import WeftCorpus
import WeftSpec

/// Puts together what the finished runs of a comparison found. Runs that are not there are left out.
public struct ComparisonCollector: Sendable {
  public let plan: ComparisonPlan
  /// With nothing but the plan, all setups of it.
  public let systems: [PlannedSetup: PreparedSystem]
  /// Those of the further comparisons, in their order.
  public let also: [ComparisonCollector]

  /// Reads the data of every system and builds its network.
  ///
  /// - Throws: `SpecError` of the data, `GraphError`.
  public init(_ plan: ComparisonPlan) throws {
    var systems: [PlannedSetup: PreparedSystem] = [:]
    var latest: ExperimentData?
    for setup in plan.setups {
      let loaded = plan.loaded(setup)
      let data = try latest?.serving(loaded) ?? ExperimentData(loaded)
      latest = data
      systems[setup] = try PreparedSystem(
        data: data, design: NetworkDesign(spec: data.spec, vocabularies: data.vocabularies))
    }
    try self.init(plan, systems: systems, also: plan.also.map { try ComparisonCollector($0) })
  }

  public init(_ plan: ComparisonPlan, systems: [PlannedSetup: PreparedSystem], also: [ComparisonCollector])
    throws
  {
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
      seeds: plan.seeds, baseline: comparison.baseline, masksFoundOnce: comparison.masks == .once,
      domains: domains,
      main: comparison.main)
    var sentences: [String: [RunKey: SentenceScores]] = [:]
    for system in comparison.systems {
      let readings = try finished(plan.runs(of: system.name))
      results.systems.append(
        ComparisonResults.System(
          name: system.name, title: system.title, sharing: system.spec.sharing.kind,
          warmup: system.findsMasks ? system.spec.sharing.warmup : nil,
          granularity: system.findsMasks ? system.spec.sharing.prune.granularity : nil,
          masksOf: system.masksOf, randomMasksLike: system.randomMasksLike,
          mixture: system.spec.mixture, runs: try readings.map { try $0.read() }))
      for reading in readings {
        sentences[system.name, default: [:]][RunKey(reading.run)] = try reading.sentences()
      }
    }
    for index in results.systems.indices where results.systems[index].name != comparison.baseline {
      let own = sentences[results.systems[index].name] ?? [:]
      let baseline = sentences[comparison.baseline] ?? [:]
      if results.isOverDomains {
        results.systems[index].inDomain = try significance(
          own, baseline, permutations: permutations, isInside: true)
        results.systems[index].outOfDomain = try significance(
          own, baseline, permutations: permutations, isInside: false)
      } else {
        results.systems[index].significance = try significance(own, baseline, permutations: permutations)
      }
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
      guard let system = systems[run.setup], run.needs?.hasModel ?? true,
        try system.isFinished(run.folder, spec: plan.spec(of: run))
      else { return nil }
      return RunReading(system: system, run: run, root: plan.folder)
    }
  }

  /// What tells the runs of a system apart.
  private struct RunKey: Hashable {
    var seed: UInt64
    var domain: String?
    init(_ run: PlannedRun) { (seed, domain) = (run.seed, run.domain) }
    init(seed: UInt64, domain: String?) { (self.seed, self.domain) = (seed, domain) }
  }

  private func significance(
    _ system: [RunKey: SentenceScores], _ baseline: [RunKey: SentenceScores], permutations: Int
  ) throws -> [String: PairedTest] {
    var tests: [String: PairedTest] = [:]
    for task in plan.comparison.tasks {
      let pairs = plan.seeds.compactMap { seed -> (system: [SentenceCounts], baseline: [SentenceCounts])? in
        let key = RunKey(seed: seed, domain: nil)
        guard let first = system[key]?.counts("test", task: task.name),
          let second = baseline[key]?.counts("test", task: task.name)
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

  /// In or out of domain: what the test compares are the means over seeds and over pairs of a domain trained on and one
  /// scored on. A pair counts the sentences of the latter only.
  private func significance(
    _ system: [RunKey: SentenceScores], _ baseline: [RunKey: SentenceScores], permutations: Int,
    isInside: Bool
  ) throws -> [String: PairedTest] {
    let names = plan.comparison.domains?.names ?? []
    let data = plan.setups.first.flatMap { systems[$0]?.data }
    var tests: [String: PairedTest] = [:]
    for task in plan.comparison.tasks {
      guard let domains = data?.corpora[task.data]?[.test]?.corpus.domains else { continue }
      func counts(_ scores: SentenceScores?, on target: String) -> [SentenceCounts]? {
        guard let all = scores?.counts("test", task: task.name), all.count == domains.indices.count else {
          return nil
        }
        return all.indices.map { domains[$0] == target ? all[$0] : SentenceCounts() }
      }
      var pairs: [(system: [SentenceCounts], baseline: [SentenceCounts])] = []
      for seed in plan.seeds {
        for source in names {
          let key = RunKey(seed: seed, domain: source)
          for target in names where domains.names.contains(target) && (target == source) == isInside {
            guard let first = counts(system[key], on: target), let second = counts(baseline[key], on: target)
            else { continue }
            pairs.append((first, second))
          }
        }
      }
      guard !pairs.isEmpty else { continue }
      tests[task.name] = try PairedTest(
        metric: task.metric, system: pairs.map(\.system), baseline: pairs.map(\.baseline),
        permutations: permutations, seed: plan.seeds[0])
    }
    return tests
  }

  /// Sizes of the domains that are compared, over all corpora.
  private var domains: [ComparisonResults.Domain] {
    let sizes = plan.setups.first.flatMap { systems[$0]?.data }?.domains ?? [:]
    return (plan.comparison.domains?.names ?? []).map { name in
      var domain = ComparisonResults.Domain(name: name)
      for split in Split.allCases {
        let found = sizes.values.compactMap { $0[split]?.first { $0.domain == name } }
        guard !found.isEmpty else { continue }
        domain.sizes[split.rawValue] = .init(
          sentences: found.reduce(0) { $0 + $1.sentences }, tokens: found.reduce(0) { $0 + $1.tokens })
      }
      return domain
    }
  }

  private var tasks: [ComparisonResults.Task] {
    let data = plan.setups.first.flatMap { systems[$0]?.data }
    return plan.comparison.tasks.map { task in
      var sentences: [String: Int] = [:]
      for split in Split.allCases {
        guard let corpus = data?.corpora[task.data]?[split] else { continue }
        sentences[split.rawValue] = corpus.sentences(labelledFor: task.name).count
      }
      var synthetic: SyntheticLabels?
      if case .synthetic(let kind) = task.labels { synthetic = kind }
      return ComparisonResults.Task(
        name: task.name, metric: task.metric, corpus: task.data, sentences: sentences, synthetic: synthetic,
        randomShare: task.randomLabels?.share)
    }
  }
}

extension Spec {
  /// How its tasks mix; nil without soft sharing.
  fileprivate var mixture: ComparisonResults.Mixture? {
    guard sharing.kind == .soft else { return nil }
    return ComparisonResults.Mixture(
      learnsAlpha: sharing.mix.learned, layers: tasks.first?.head.layers ?? .top,
      subspaces: sharing.mix.subspaces)
  }
}
