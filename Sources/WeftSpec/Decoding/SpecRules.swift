/// What the form of a spec does not show: references between its parts, and combinations that cannot work.
struct SpecRules {
  let spec: Spec
  let tree: SpecNode
  var diagnostics = DiagnosticCollector()
  private let broken: Set<String>
  private let locations: SpecLocations
  private let keys: [String: SourceSpan]

  init(spec: Spec, tree: SpecNode, path: String, broken: Set<String>) {
    self.spec = spec
    self.tree = tree
    self.broken = broken
    locations = SpecLocations(path: path, root: tree)
    keys = tree.keySpans
  }

  mutating func check() {
    if isSound("name"), !StructureChecker.isName(spec.name) {
      diagnostics.error(
        "the file's name '\(spec.name)' cannot name generated code", at: locations["name"],
        suggestion: "add a key 'name': a letter, then letters, digits, '-' and '_'")
    }
    checkData()
    for task in spec.tasks { check(task) }
    checkNetwork()
    checkSharing()
    checkTrain()
  }

  // MARK: For the rules

  /// Whether nothing is wrong yet at, below or around the key paths.
  func isSound(_ paths: String...) -> Bool {
    !paths.contains { path in broken.contains { !$0.isEmpty && KeyPathText.overlap($0, path) } }
  }

  /// Whether the spec says it, instead of leaving it to a default.
  func isWritten(_ path: String) -> Bool { keys[path] != nil }

  mutating func error(_ message: String, at path: String, suggestion: String? = nil) {
    diagnostics.error(message, at: locations[path], suggestion: suggestion)
  }

  mutating func errorAtKey(_ message: String, at path: String, suggestion: String? = nil) {
    diagnostics.error(message, at: keys[path] ?? locations[path], suggestion: suggestion)
  }

  mutating func warning(_ message: String, at path: String, suggestion: String? = nil) {
    diagnostics.warning(message, at: keys[path] ?? locations[path], suggestion: suggestion)
  }

  /// Warns of options that the chosen kind does not read.
  mutating func warnUnused(_ options: [String], in path: String, because reason: String) {
    for option in options where isWritten(KeyPathText.join(path, option)) {
      warning("'\(option)' has no effect \(reason)", at: KeyPathText.join(path, option))
    }
  }
}
