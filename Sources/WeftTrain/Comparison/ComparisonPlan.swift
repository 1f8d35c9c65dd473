import Foundation
import WeftSpec

/// The runs of a comparison: every system under every seed, on every domain if there are any, and every density. Each is
/// an ordinary run in a folder of its own, `<system>/seed-<n>`, `<system>/<domain>/seed-<n>` or
/// `densities/<system>-<density>/seed-<n>`.
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

  /// The runs of a system, domain by domain in the order of the seeds.
  public func runs(of system: String) -> [PlannedRun] {
    runs.filter { $0.member == .system && $0.system == system }
  }

  /// What has data and a network of its own: every system, on every domain if there are any.
  public var setups: [PlannedSetup] {
    let domains: [String?] = comparison.domains?.names ?? [nil]
    return domains.flatMap { domain in
      comparison.systems.map { PlannedSetup(system: $0.name, domain: domain) }
    }
  }

  /// The spec of a system on a domain under the first seed.
  ///
  /// - Precondition: the comparison has the system.
  public func loaded(_ setup: PlannedSetup) -> LoadedSpec {
    guard let system = comparison.system(named: setup.system) else {
      preconditionFailure("no system '\(setup.system)'")
    }
    return comparison.loaded(system, seed: seeds[0], domain: setup.domain)
  }

  /// The runs at a density, in the order of the seeds.
  public func runs(at density: Double) -> [PlannedRun] {
    seeds.compactMap { seed in runs.first { $0.member == .density(density) && $0.seed == seed } }
  }
}

/// A system, and the domain that it is trained on if there are any. Runs under all seeds have its data and its code.
public struct PlannedSetup: Sendable, Hashable {
  public var system: String
  public var domain: String?
  public init(system: String, domain: String? = nil) {
    self.system = system
    self.domain = domain
  }

  /// `sluice on weblog`.
  public var title: String { domain.map { "\(system) on \($0)" } ?? system }
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
  /// The domain that it is trained on; nil: all data.
  public var domain: String?
  public var seed: UInt64
  public var folder: RunFolder
  public var masks: Masks
  /// Folder of the run whose masks it has and from whose start it starts; that run has to be finished first.
  public var needs: RunFolder?
  /// System of the run that it needs.
  var source: String?

  public var setup: PlannedSetup { PlannedSetup(system: system, domain: domain) }

  /// For messages: `sparse, seed 2019` or `sparse on weblog, seed 2019`.
  public var title: String {
    switch member {
    case .system: "\(setup.title), seed \(seed)"
    case .density(let density): "\(system) at density \(density), seed \(seed)"
    }
  }
}

/// Lists the runs of a comparison.
private struct RunBuilder {
  let comparison: ComparisonSpec
  let folder: URL
  let seeds: [UInt64]

  private func folder(_ path: String, _ domain: String?, _ seed: UInt64) -> RunFolder {
    let path = domain.map { "\(path)/\(Self.fileName($0))" } ?? path
    return RunFolder(folder.appending(path: "\(path)/seed-\(seed)", directoryHint: .isDirectory))
  }

  /// A domain as the name of a folder: bytes but ASCII letters, digits, `-` and `_` as `%` and two digits.
  private static func fileName(_ domain: String) -> String {
    domain.utf8.map { byte in
      let scalar = Unicode.Scalar(byte)
      let isPlain = scalar.isASCII && (scalar.properties.isAlphabetic || (0x30...0x39).contains(byte))
      if isPlain || byte == 0x2D || byte == 0x5F { return String(scalar) }
      let digits = String(byte, radix: 16, uppercase: true)
      return "%" + (digits.count == 1 ? "0" : "") + digits
    }.joined()
  }

  /// The run that finds the masks which a system's run under some seed has.
  private func finder(_ system: String, _ domain: String?, _ seed: UInt64) -> RunFolder {
    folder(system, domain, comparison.masks == .once ? seeds[0] : seed)
  }

  /// Domain by domain, so that every system is finished on the first before any begins with the last.
  func systemRuns() -> [PlannedRun] {
    let domains: [String?] = comparison.domains?.names ?? [nil]
    return domains.flatMap { domain in
      comparison.systems.flatMap { system in
        seeds.map { seed in run(system, domain, seed) }
      }
    }
  }

  private func run(_ system: ComparisonSpec.System, _ domain: String?, _ seed: UInt64) -> PlannedRun {
    var run = PlannedRun(
      member: .system, system: system.name, domain: domain, seed: seed,
      folder: folder(system.name, domain, seed), masks: .own)
    if let source = system.masksOf ?? system.randomMasksLike {
      run.masks = system.masksOf == nil ? .random : .chosen
      (run.source, run.needs) = (source, finder(source, domain, seed))
    } else if system.findsMasks, comparison.masks == .once, seed != seeds[0] {
      run.masks = .chosen
      (run.source, run.needs) = (system.name, finder(system.name, domain, seed))
    }
    return run
  }

  /// Densities are those of the first system that finds masks.
  func densityRuns() -> [PlannedRun] {
    guard let system = comparison.maskFinders.first else { return [] }
    return comparison.densities.flatMap { density in
      seeds.map { seed in
        PlannedRun(
          member: .density(density), system: system.name, seed: seed,
          folder: folder("densities/\(system.name)-\(density)", nil, seed), masks: .closest(density),
          needs: finder(system.name, nil, seed), source: system.name)
      }
    }
  }
}
