/// What the form of a comparison does not show: references between systems, and systems that cannot be compared.
struct ComparisonRules {
  let section: SpecNode
  /// Those that are sound by themselves.
  let systems: [ComparisonSpec.System]
  private(set) var diagnostics = DiagnosticCollector()
  private let broken: Set<String>
  private let locations: SpecLocations
  private let keys: [String: SourceSpan]

  init(
    section: SpecNode, systems: [ComparisonSpec.System], tree: SpecNode, path: String, broken: Set<String>
  ) {
    self.section = section
    self.systems = systems
    self.broken = broken
    locations = SpecLocations(path: path, root: tree)
    keys = tree.keySpans
  }

  mutating func check() {
    checkSeeds()
    if isSound("baseline"), let baseline = section["baseline"]?.text {
      checkReference(baseline, at: "baseline")
    }
    for system in systems { checkMasks(of: system) }
    checkTasks()
    checkDomains()
    if section["densities"]?.elements?.isEmpty == false, isSound("densities"), allAreSound,
      !systems.contains(where: \.findsMasks)
    {
      error(
        "densities are those of pruning rounds, and no system prunes", at: "densities", atKey: true,
        suggestion: "add a system with sharing: sparse, or remove 'densities'")
    }
  }

  private func isSound(_ path: String) -> Bool {
    !broken.contains { KeyPathText.overlap($0, "\(SpecLanguage.compareKey).\(path)") }
  }

  /// Whether each system could be read, so that nothing is said of systems that are only missing here.
  private var allAreSound: Bool { systems.count == section["systems"]?.entries?.count }

  private var names: [String] { section["systems"]?.entries?.map(\.key) ?? [] }

  private mutating func error(
    _ message: String, at path: String, atKey: Bool = false, suggestion: String? = nil
  ) {
    let path = "\(SpecLanguage.compareKey).\(path)"
    diagnostics.error(message, at: (atKey ? keys[path] : nil) ?? locations[path], suggestion: suggestion)
  }

  private mutating func checkSeeds() {
    guard isSound("seeds"), let listed = section["seeds"]?.elements else { return }
    if listed.isEmpty {
      error(
        "a comparison needs at least one seed", at: "seeds", suggestion: "e.g. seeds: 3, or seeds: [1, 2, 3]")
    }
    let values = listed.map(\.integer)
    for (index, value) in values.enumerated() where values[..<index].contains(value) {
      error(
        "the seed \(value ?? 0) is given twice; the same run would count as two", at: "seeds.\(index)",
        suggestion: "remove it")
    }
  }

  @discardableResult
  private mutating func checkReference(_ name: String, at path: String) -> Bool {
    if names.contains(name) { return true }
    error(
      "there is no system '\(name)'", at: path,
      suggestion: Spelling.suggestion(for: name, among: names)
        ?? (names.isEmpty ? nil : "the systems are \(names.list(last: "and"))"))
    return false
  }

  // MARK: Domains

  private mutating func checkDomains() {
    if isSound("main"), let first = systems.first {
      let tasks = first.spec.tasks.map(\.name)
      for (index, name) in (section["main"]?.oneOrMore.compactMap(\.text) ?? []).enumerated()
      where !tasks.contains(name) {
        error(
          "there is no task '\(name)'",
          at: section["main"]?.elements == nil ? "main" : "main.\(index)",
          suggestion: Spelling.suggestion(for: name, among: tasks)
            ?? "the tasks are \(tasks.list(last: "and"))")
      }
    }
    guard isSound("domains"), let node = section["domains"], let first = systems.first else { return }
    let names = node.oneOrMore.compactMap(\.text)
    for (index, name) in names.enumerated() where names[..<index].contains(name) {
      error("the domain '\(name)' is named twice", at: "domains.\(index)", suggestion: "remove it")
    }
    if !first.spec.data.contains(where: { $0.domains != nil }) {
      error(
        "no corpus is split in domains", at: "domains", atKey: true,
        suggestion: "add 'domains: {file: …}' or 'domains: {comment: …}' to a corpus")
    }
    for system in systems {
      guard let corpus = system.spec.data.first(where: { !$0.trainOn.isEmpty }) else { continue }
      error(
        "every system is trained on each domain, and '\(system.name)' has 'train-on' for '\(corpus.name)'",
        at: "domains", atKey: true, suggestion: "remove 'train-on', or 'compare.domains'")
      break
    }
    if section["densities"]?.elements?.isEmpty == false {
      error(
        "densities are not compared over domains", at: "densities", atKey: true,
        suggestion: "remove 'densities' or 'domains'")
    }
  }

  // MARK: Masks

  private mutating func checkMasks(of system: ComparisonSpec.System) {
    let path = "systems.\(system.name)"
    if system.masksOf != nil, system.randomMasksLike != nil {
      error(
        "masks are those of a system, or random ones like them, not both", at: "\(path).random-masks-like",
        atKey: true, suggestion: "remove 'masks-of' or 'random-masks-like'")
      return
    }
    let key = system.masksOf == nil ? "random-masks-like" : "masks-of"
    guard let source = system.masksOf ?? system.randomMasksLike, checkReference(source, at: "\(path).\(key)")
    else { return }
    checkSource(source, of: system, at: "\(path).\(key)")
    let sharing = system.spec.sharing
    if !SpecLanguage.maskedKinds.contains(sharing.kind) {
      error(
        "'\(sharing.kind.rawValue)' sharing reads no masks", at: "\(path).\(key)", atKey: true,
        suggestion: "use sharing: \(SpecLanguage.maskedKinds.map(\.rawValue).list(last: "or"))")
    }
    if sharing.masks != .found {
      error(
        "the system '\(system.name)' has masks already, by 'sharing: {masks: …}'", at: "\(path).\(key)",
        atKey: true,
        suggestion: "remove one of them")
    }
    if system.spec.train.step == .allTasks, sharing.kind != .sparse {
      error(
        "masks need 'step: one-task', and the system '\(system.name)' has 'step: all-tasks'",
        at: "\(path).\(key)",
        atKey: true, suggestion: "add train: {step: one-task} to the system")
    }
  }

  private mutating func checkSource(_ name: String, of system: ComparisonSpec.System, at path: String) {
    guard let source = systems.first(where: { $0.name == name }) else { return }
    let finders = systems.filter { $0.findsMasks && $0.name != system.name }.map(\.name)
    guard source.findsMasks, name != system.name else {
      error(
        name == system.name
          ? "a system cannot wait for masks of its own" : "the system '\(name)' finds no masks",
        at: path,
        suggestion: finders.isEmpty
          ? "add a system with sharing: sparse"
          : "\(finders.count == 1 ? "the system that does is" : "those that do are") \(finders.list(last: "and"))"
      )
      return
    }
    guard source.spec.baseNetwork != system.spec.baseNetwork else { return }
    error(
      "the masks of '\(name)' are for another network than that of '\(system.name)'", at: path,
      suggestion: "give both systems the same words, chars, features and encoder")
  }

  // MARK: Tasks

  /// Scores are compared task by task, and sentence by sentence.
  private mutating func checkTasks() {
    guard let first = systems.first else { return }
    for system in systems.dropFirst() {
      let path = "systems.\(system.name)"
      if system.spec.data.map(\.scored) != first.spec.data.map(\.scored) {
        error(
          "the systems '\(system.name)' and '\(first.name)' have different data, on which no scores can be compared",
          at: path, suggestion: "write 'data' once, beside 'compare'")
      } else if system.spec.tasks.map(\.scored) != first.spec.tasks.map(\.scored) {
        error(
          "the systems '\(system.name)' and '\(first.name)' have different tasks, and scores are compared task by task",
          at: path,
          suggestion:
            "each needs \(first.spec.tasks.map(\.name).list(last: "and")), with the same labels and metric")
      }
    }
  }
}

extension CorpusSpec {
  /// What scores on it depend on; systems may be trained on different parts of the same files.
  fileprivate var scored: CorpusSpec {
    var corpus = self
    corpus.trainOn = []
    corpus.limit = nil
    return corpus
  }
}

extension TaskSpec {
  /// What its score is of.
  fileprivate var scored: [String] { [name, data, labels.description, dataScheme.rawValue, metric.rawValue] }
}

extension Spec {
  /// What the prunable parameters depend on, whatever is shared and wherever heads read.
  fileprivate var baseNetwork: String {
    var spec = self
    spec.sharing = SharingSpec()
    for index in spec.tasks.indices {
      spec.tasks[index].head = HeadSpec()
      spec.tasks[index].decoder = .softmax
    }
    return spec.architectureJSON
  }
}
