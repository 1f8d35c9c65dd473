import WeftSpec
import WeftTrain

/// The page of a comparison, drawn from its results alone.
///
/// Tables and figures are numbered as in Sun et al. (2020), whose counterparts they are; those about domains and mixtures
/// as in Ruder et al. (2019).
public struct ComparisonReport: Sendable {
  public let results: ComparisonResults

  public init(_ results: ComparisonResults) { self.results = results }

  /// The page with every part that the results allow; what is missing is said in a sentence.
  public func page() -> ReportPage {
    var blocks = ComparisonSection(results, prefix: "").blocks()
    for (number, other) in results.also.enumerated() {
      blocks.append(.heading("Also: \(other.title)", level: 2, id: "also-\(number + 1)"))
      blocks += ComparisonSection(other, prefix: "also-\(number + 1)-").blocks()
    }
    return ReportPage(
      title: results.title, subtitle: subtitle, blocks: blocks,
      footer: "Made by weft \(results.toolVersion) from report.json, which holds every number shown here.")
  }

  /// The table of scores of the main comparison.
  public func scores() -> ReportTable {
    if results.isOverDomains, let task = results.main.first {
      return DomainBlocks(results, prefix: "").scoreTable(task)
    }
    return ScoreBlocks(results, prefix: "").scoreTable()
  }

  private var subtitle: String {
    let systems = results.systems.count
    let tasks = results.tasks.map(\.name).joined(separator: ", ")
    return "\(systems) \(systems == 1 ? "system" : "systems") on \(tasks)"
  }
}

/// The part of a page that one comparison fills.
struct ComparisonSection {
  let results: ComparisonResults
  /// Keeps the anchors and files of several comparisons apart.
  let prefix: String

  init(_ results: ComparisonResults, prefix: String) {
    self.results = results
    self.prefix = prefix
  }

  /// Is it one of those that a main comparison names with `also`?
  private var isMain: Bool { prefix.isEmpty }
  private var level: Int { isMain ? 2 : 3 }

  func blocks() -> [ReportPage.Block] {
    var blocks: [ReportPage.Block] = [.facts(facts)]
    if !unfinished.isEmpty { blocks.append(.remark(unfinished)) }
    guard results.systems.contains(where: { !$0.runs.isEmpty }) else {
      blocks.append(.remark("No run is finished, so there is nothing to compare yet."))
      return blocks
    }
    if results.isOverDomains {
      blocks += section("Domains", "domains", DomainBlocks(results, prefix: prefix).blocks())
    } else {
      blocks += section("Scores", "scores", ScoreBlocks(results, prefix: prefix).blocks())
      blocks += section("Subnets", "subnets", SubnetBlocks(results, prefix: prefix).blocks())
      blocks += section("Warm-up", "warm-up", WarmupBlocks(results, prefix: prefix).blocks())
    }
    blocks += section("Ways to mix", "ablation", AblationBlocks(results, prefix: prefix).blocks())
    blocks += section("What is shared", "mixing", MixingBlocks(results, prefix: prefix).blocks())
    blocks += section("Learning curves", "curves", CurveBlocks(results, prefix: prefix).blocks())
    blocks += section("Cost", "cost", CostBlocks(results, prefix: prefix).blocks())
    return blocks
  }

  private func section(_ title: String, _ id: String, _ blocks: [ReportPage.Block]) -> [ReportPage.Block] {
    blocks.isEmpty ? [] : [.heading(title, level: level, id: prefix + id)] + blocks
  }

  private var facts: [(name: String, value: String)] {
    var facts = [
      ("Tasks", results.tasks.map { "\($0.name) (\($0.metric.shortName))" }.joined(separator: ", ")),
      ("Seeds", results.seeds.map(String.init).joined(separator: ", ")),
    ]
    if let baseline = results.baseline {
      facts.append(("Δ against", results.system(named: baseline)?.title ?? baseline))
    }
    if results.systems.contains(where: { $0.sharing == .sparse }) {
      facts.append(("Masks", results.masksFoundOnce ? "found under the first seed" : "found under each seed"))
    }
    if results.isOverDomains {
      facts.append(("Domains", results.domains.map(\.name).joined(separator: ", ")))
      facts.append(("Main tasks", results.main.joined(separator: ", ")))
    }
    let corpora = Set(results.tasks.map(\.corpus)).sorted()
    facts.append((corpora.count == 1 ? "Corpus" : "Corpora", corpora.joined(separator: ", ")))
    return facts
  }

  /// Which runs are missing.
  private var unfinished: String {
    if results.isOverDomains { return unfinishedOverDomains }
    let missing = results.systems.compactMap { system -> String? in
      let seeds = results.seeds.filter { system.run(seed: $0) == nil }
      if seeds.isEmpty { return nil }
      if seeds.count == results.seeds.count { return system.title }
      return "\(system.title) (seed \(seeds.map(String.init).joined(separator: ", ")))"
    }
    return missing.isEmpty ? "" : "Not finished, and not counted: \(missing.joined(separator: "; "))."
  }
}

extension ComparisonSection {
  private var unfinishedOverDomains: String {
    let missing = results.systems.compactMap { system -> String? in
      let domains = results.domains.map(\.name).filter { domain in
        results.seeds.contains { system.run(seed: $0, domain: domain) == nil }
      }
      if domains.isEmpty { return nil }
      return system.runs.isEmpty ? system.title : "\(system.title) (\(domains.joined(separator: ", ")))"
    }
    return missing.isEmpty
      ? ""
      : "Not finished under every seed, and counted as far as they are: \(missing.joined(separator: "; "))."
  }
}

extension Metric {
  /// As column titles show it.
  var shortName: String {
    switch self {
    case .accuracy: "accuracy"
    case .spanF1: "F1"
    }
  }
}
