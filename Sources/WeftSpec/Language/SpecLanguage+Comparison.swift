extension SpecLanguage {
  static let compareKey = "compare"
  static let allDomains = "all"
  static let defaultSeedCount = 3
  static let mostSeeds = 1000
  static let defaultMaskSearch = ComparisonSpec.MaskSearch.perSeed

  static let comparison = Section(
    "compare",
    "Makes the file a comparison of several systems on the same data and seeds, for `weft compare`.",
    keys: [
      Key("title", .text("a text"), .described("the spec's name"), "What the report is called."),
      Key(
        "seeds",
        .either([.count(to: mostSeeds), .list(.integer(0...largestSeed), of: "seeds")]),
        .value("\(defaultSeedCount)"),
        "How many seeds every system is trained with, from that of the spec upwards; or the seeds themselves."
      ),
      Key(
        "baseline", .name, .described("the first system"),
        "Differences and significance are against this system."),
      Key(
        "masks",
        .choice(ComparisonSpec.MaskSearch.self) {
          switch $0 {
          case .perSeed: "Under each seed."
          case .once: "Under the first seed; training with them is repeated under all."
          }
        }, .value(defaultMaskSearch.rawValue), "How often masks are searched for."),
      Key(
        "systems", .dictionary(.section(system), of: "system"), .required,
        "The systems, each under a name, in the order of tables and plots."),
      Key(
        "domains", .oneOrMore(.text("a domain, or all"), of: "domains"), .described("nothing"),
        "Domains of the data, or `all`: every system is trained on each by itself and scored on each (Ruder et al. "
          + "2019, Tables 3 to 6)."),
      Key(
        "main", .oneOrMore(.name, of: "tasks"), .described("`train.main-task`, or all tasks"),
        "Tasks that tables by domain are about; the others are auxiliary."),
      Key(
        "densities", .list(.number(.share), of: "densities"), .value("[]"),
        "Densities at which all tasks are compared with each other, by the masks of the pruning rounds closest to "
          + "them."),
      Key(
        "also", .oneOrMore(.path, of: "paths"), .value("[]"),
        "Further comparisons, reported along with this one."),
    ])

  static let system = Section(
    "system",
    "A system. Besides these keys it may have every key of a spec but "
      + notOfSystems.map { "`\($0)`" }.list(last: "and")
      + ": they are laid over the spec around `compare`, as a variant is over the spec that it `extends`.",
    takesSpecKeys: true,
    keys: [
      Key(
        "title", .text("a text"), .described("the system's name"), "What tables and plots call the system."),
      Key(
        "masks-of", .name, .described("nothing"),
        "A system whose masks this one trains with; with single-task sharing each task on its own subnet."),
      Key(
        "random-masks-like", .name, .described("nothing"),
        "A system that finds masks; this one trains with random masks of the same densities."),
    ])

  /// What is said once for all systems.
  private static let notOfSystems = ["weft", "extends", "name", "seed", compareKey]

  /// The keys of a spec that a system may lay over it.
  static var specKeys: [Key] { root.keys.filter { !notOfSystems.contains($0.name) } }

  /// What a system lays over the spec.
  static func specPart(of system: SpecNode) -> SpecNode {
    let names = specKeys.map(\.name)
    var part = system
    part.content = .mapping((system.entries ?? []).filter { names.contains($0.key) })
    return part
  }
}
