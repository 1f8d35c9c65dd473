import WeftTrain

/// Scores of systems that are trained on one domain and scored on each, as Tables 3 to 6 of Ruder et al. (2019) have them.
struct DomainScores {
  /// Where the sentences are from that a model is scored on.
  enum Place: CaseIterable {
    /// The domain that it was trained on.
    case inside
    /// Another one; means are over all that it was not trained on.
    case outside

    var title: String {
      switch self {
      case .inside: "in domain"
      case .outside: "out of domain"
      }
    }
  }

  let results: ComparisonResults
  let task: String

  private var domains: [String] { results.domains.map(\.name) }

  /// Score of a system on a domain under each seed: of the run that was trained there, or the mean over those that were
  /// trained elsewhere. Seeds without such a run are left out.
  ///
  /// - Parameter other: counts only runs that this system has as well.
  func scores(
    _ system: ComparisonResults.System, on target: String, _ place: Place,
    alsoIn other: ComparisonResults.System? = nil
  ) -> [Double] {
    results.seeds.compactMap { seed in
      score(system, on: target, place, seed: seed, alsoIn: other)
    }
  }

  private func score(
    _ system: ComparisonResults.System, on target: String, _ place: Place, seed: UInt64,
    alsoIn other: ComparisonResults.System? = nil
  ) -> Double? {
    let sources = place == .inside ? [target] : domains.filter { $0 != target }
    return Self.mean(
      sources.compactMap { source -> Double? in
        if let other, other.run(seed: seed, domain: source)?.test(task, on: target) == nil { return nil }
        return system.run(seed: seed, domain: source)?.test(task, on: target)
      })
  }

  /// The mean over all domains, under each seed.
  func means(
    _ system: ComparisonResults.System, _ place: Place, alsoIn other: ComparisonResults.System? = nil
  ) -> [Double] {
    results.seeds.compactMap { seed in
      Self.mean(domains.compactMap { score(system, on: $0, place, seed: seed, alsoIn: other) })
    }
  }

  /// The score of a run that was trained on one domain and is scored on another, or the same, under each seed.
  func scores(_ system: ComparisonResults.System, from source: String, to target: String) -> [Double] {
    results.seeds.compactMap { system.run(seed: $0, domain: source)?.test(task, on: target) }
  }

  /// How much better a system is than the baseline, over the runs that both have; nil without any.
  func difference(
    _ system: ComparisonResults.System, _ place: Place
  ) -> (difference: Double, errorReduction: Double)? {
    guard let baseline = results.baselineSystem, baseline.name != system.name,
      let own = Self.mean(means(system, place, alsoIn: baseline)),
      let base = Self.mean(means(baseline, place, alsoIn: system))
    else { return nil }
    return (own - base, base < 1 ? (own - base) / (1 - base) : 0)
  }

  static func mean(_ values: [Double]) -> Double? {
    values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
  }
}
