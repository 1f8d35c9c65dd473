import Foundation
import WeftSpec

/// The runs of a comparison: every system under every seed, and every density. Each is an ordinary run in a folder of
/// its own, `<system>/seed-<n>` or `densities/<system>-<density>/seed-<n>`.
public struct ComparisonPlan: Sendable {
  public let comparison: ComparisonSpec
  /// Holds the folders of the runs.
  public let folder: URL
  public let seeds: [UInt64]
  /// Those that others need come first, then those that need no other.
  public let runs: [PlannedRun]
  /// Further comparisons on the same page, in `also/<name>`.
  public let also: [ComparisonPlan]

  /// - Parameters:
  ///   - folder: of the comparison.
  ///   - seedCount: so many of the comparison's seeds, and further ones from its largest upwards; nil for just its own.
  public init(_ comparison: ComparisonSpec, folder: URL, seedCount: Int? = nil) {
    self.comparison = comparison
    self.folder = folder
    var seeds = comparison.seeds
    if let seedCount {
      seeds = Array(seeds.prefix(seedCount))
      while seeds.count < seedCount { seeds.append((seeds.max() ?? 0) &+ 1) }
    }
    self.seeds = seeds
    also = comparison.also.map { other in
      ComparisonPlan(other, folder: folder.appending(path: "also/\(other.name)"), seedCount: seedCount)
    }
    let builder = RunBuilder(comparison: comparison, folder: folder, seeds: seeds)
    let runs = builder.systemRuns() + builder.densityRuns()
    // Those with stages take longest, and others wait for them.
    let needed = Set(runs.compactMap(\.needs?.url))
    self.runs =
      runs.filter { needed.contains($0.folder.url) }
      + runs.filter { !needed.contains($0.folder.url) && $0.needs == nil } + runs.filter { $0.needs != nil }
  }

  /// The runs of a system, in the order of the seeds.
  public func runs(of system: String) -> [PlannedRun] {
    seeds.compactMap { seed in runs.first { $0.member == .system && $0.system == system && $0.seed == seed } }
  }

  /// The runs at a density, in the order of the seeds.
  public func runs(at density: Double) -> [PlannedRun] {
    seeds.compactMap { seed in runs.first { $0.member == .density(density) && $0.seed == seed } }
  }
}

/// One run of a comparison.
public struct PlannedRun: Sendable, Equatable {
  public enum Member: Sendable, Equatable {
    /// A row of the tables.
    case system
    /// Subnets of one density for all tasks.
    case density(Double)
  }

  /// Where the masks come from that it trains under.
  public enum Masks: Sendable, Equatable {
    /// As the system's spec says: found by its own stages, or none, or given.
    case own
    /// Those that another run chose.
    case chosen
    /// Random ones of the densities that another run chose.
    case random
    /// Those of another run's rounds that are closest to a density.
    case closest(Double)
  }

  public var member: Member
  /// The system whose spec it has.
  public var system: String
  public var seed: UInt64
  public var folder: RunFolder
  public var masks: Masks
  /// Folder of the run whose masks it has and from whose start it starts; that run has to be finished first.
  public var needs: RunFolder?
  /// System of the run that it needs.
  var source: String?

  /// For messages: `sparse, seed 2019`.
  public var title: String {
    switch member {
    case .system: "\(system), seed \(seed)"
    case .density(let density): "\(system) at density \(density), seed \(seed)"
    }
  }
}

/// Lists the runs of a comparison.
private struct RunBuilder {
  let comparison: ComparisonSpec
  let folder: URL
  let seeds: [UInt64]

  private func folder(_ path: String, _ seed: UInt64) -> RunFolder {
    RunFolder(folder.appending(path: "\(path)/seed-\(seed)", directoryHint: .isDirectory))
  }

  /// The run that finds the masks which a system's run under some seed has.
  private func finder(_ system: String, _ seed: UInt64) -> RunFolder {
    folder(system, comparison.masks == .once ? seeds[0] : seed)
  }

  func systemRuns() -> [PlannedRun] {
    comparison.systems.flatMap { system in
      seeds.map { seed in
        var run = PlannedRun(
          member: .system, system: system.name, seed: seed, folder: folder(system.name, seed), masks: .own)
        if let source = system.masksOf ?? system.randomMasksLike {
          run.masks = system.masksOf == nil ? .random : .chosen
          (run.source, run.needs) = (source, finder(source, seed))
        } else if system.findsMasks, comparison.masks == .once, seed != seeds[0] {
          run.masks = .chosen
          (run.source, run.needs) = (system.name, finder(system.name, seed))
        }
        return run
      }
    }
  }

  /// Densities are those of the first system that finds masks.
  func densityRuns() -> [PlannedRun] {
    guard let system = comparison.maskFinders.first else { return [] }
    return comparison.densities.flatMap { density in
      seeds.map { seed in
        PlannedRun(
          member: .density(density), system: system.name, seed: seed,
          folder: folder("densities/\(system.name)-\(density)", seed), masks: .closest(density),
          needs: finder(system.name, seed), source: system.name)
      }
    }
  }
}
