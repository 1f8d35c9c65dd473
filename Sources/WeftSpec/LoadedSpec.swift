/// A spec with what a later stage needs to find files and to point at lines.
public struct LoadedSpec: Sendable, Equatable {
  public var spec: Spec
  /// The spec file as it was named.
  public var path: String
  /// The folder that the spec's paths are relative to; empty for the current folder.
  public var baseDirectory: String
  public var locations: SpecLocations
  /// The files that it was read from: the spec, then what it extends.
  public var files: [String] = []
  /// Warnings, in reading order.
  public var diagnostics: [Diagnostic]

  public init(
    spec: Spec, path: String, baseDirectory: String, locations: SpecLocations, diagnostics: [Diagnostic] = []
  ) {
    self.spec = spec
    self.path = path
    self.baseDirectory = baseDirectory
    self.locations = locations
    self.diagnostics = diagnostics
  }

  /// A path of the spec as the process can open it.
  public func resolve(_ path: String) -> String { SpecPath.join(baseDirectory, path) }

  /// A problem that a later stage found, shown at the line of the spec that caused it.
  ///
  /// - Parameter keyPath: e.g. `data.ewt.train` or `tasks.ner.scheme`; where the spec leaves it to a default,
  ///   the nearest part around it is shown.
  public func diagnostic(
    at keyPath: String, _ message: String, suggestion: String? = nil, severity: Diagnostic.Severity = .error,
    notes: [Diagnostic] = []
  ) -> Diagnostic {
    Diagnostic(severity, message, at: locations[keyPath], suggestion: suggestion, notes: notes)
  }
}

/// Reads specs.
public struct SpecLoader: Sendable {
  public var files: SpecFiles

  public init(files: SpecFiles = .disk) { self.files = files }

  /// Reads a spec with the files that it extends.
  ///
  /// - Parameters:
  ///   - path: the spec file.
  ///   - overrides: assignments such as `train.rate=0.05`, the value in YAML; paths in them are relative to
  ///     the folder of the spec, as all its paths are.
  /// - Throws: every problem of the spec at once.
  public func load(path: String, overrides: [String] = []) throws(SpecError) -> LoadedSpec {
    var layering = Layering(files: files)
    let tree = layering.load(path: path, overrides: overrides)
    guard let tree else { throw SpecError(diagnostics: layering.diagnostics.sorted) }

    var loaded = try Self.check(tree, path: path, earlier: layering.diagnostics.diagnostics)
    loaded.files = layering.paths
    return loaded
  }

  /// Checks a whole tree and decodes it.
  ///
  /// - Parameter earlier: problems found before, errors among them.
  static func check(_ tree: SpecNode, path: String, earlier: [Diagnostic] = []) throws(SpecError)
    -> LoadedSpec
  {
    var problems = DiagnosticCollector()
    problems.add(contentsOf: earlier)
    if let span = tree.keySpan(of: SpecLanguage.compareKey) {
      problems.error(
        "this file compares several systems, and one experiment is asked for", at: span,
        suggestion:
          "run 'weft compare \(path)', or leave the systems out by --set \(SpecLanguage.compareKey)=")
      throw SpecError(diagnostics: problems.sorted)
    }
    var checker = StructureChecker()
    checker.check(tree, is: SpecLanguage.root, at: "", keySpan: SourceSpan(path: path))
    problems.add(contentsOf: checker.diagnostics.diagnostics)

    let spec = SpecDecoder(defaultName: SpecPath.stem(of: path)).spec(tree)
    var rules = SpecRules(spec: spec, tree: tree, path: path, broken: checker.broken)
    rules.check()
    problems.add(contentsOf: rules.diagnostics.diagnostics)

    guard !problems.hasErrors else { throw SpecError(diagnostics: problems.sorted) }
    return LoadedSpec(
      spec: spec, path: path, baseDirectory: SpecPath.folder(of: path),
      locations: SpecLocations(path: path, root: tree), diagnostics: problems.sorted)
  }
}
