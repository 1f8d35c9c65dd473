/// Reads a comparison: lays each system over the spec around it, and checks what comes of that.
struct ComparisonReader {
  let files: SpecFiles
  /// The files that name this one under `also`, outermost first.
  var chain: [String] = []

  private static let key = SpecLanguage.compareKey

  func read(path: String, overrides: [String]) throws(SpecError) -> ComparisonSpec {
    let isAboutComparison = { (text: String) in
      text.trimmed.hasPrefix(Self.key)
        && [".", "=", " "].contains(text.trimmed.dropFirst(Self.key.count).prefix(1))
    }
    var layering = Layering(files: files)
    guard let tree = layering.load(path: path, overrides: overrides.filter(isAboutComparison)) else {
      throw SpecError(diagnostics: layering.diagnostics.sorted)
    }
    guard let section = tree[Self.key] else {
      layering.report(
        "the file has no section '\(Self.key)', and so no systems to compare", at: SourceSpan(path: path))
      throw SpecError(diagnostics: layering.diagnostics.sorted)
    }

    var problems = DiagnosticCollector()
    problems.add(contentsOf: layering.diagnostics.diagnostics)
    var checker = StructureChecker()
    checker.check(section, at: Self.key, keySpan: tree.keySpan(of: Self.key) ?? section.span)
    problems.add(contentsOf: checker.diagnostics.diagnostics)

    var base = tree
    base.content = .mapping((tree.entries ?? []).filter { $0.key != Self.key })
    var (systems, found) = self.systems(
      of: section, over: base, path: path, overrides: overrides.filter { !isAboutComparison($0) })
    problems.add(contentsOf: found)

    let name = base["name"]?.text ?? SpecPath.stem(of: path)
    let seeds = Self.seeds(section["seeds"], first: base["seed"]?.integer)
    for index in systems.indices {
      systems[index].loaded.spec.name = "\(name)-\(systems[index].name)"
      systems[index].loaded.spec.seed = seeds.first ?? 1
    }
    var rules = ComparisonRules(
      section: section, systems: systems, tree: tree, path: path, broken: checker.broken)
    rules.check()
    problems.add(contentsOf: rules.diagnostics.diagnostics)

    let also = further(section["also"], path: path, overrides: overrides, &problems)
    guard !problems.hasErrors else { throw SpecError(diagnostics: problems.sorted) }
    return ComparisonSpec(
      name: name, title: section["title"]?.text ?? name, path: path, seeds: seeds,
      baseline: section["baseline"]?.text ?? systems[0].name,
      masks: section["masks"]?.text.flatMap(ComparisonSpec.MaskSearch.init) ?? SpecLanguage.defaultMaskSearch,
      systems: systems, domains: Self.domains(section["domains"]),
      main: Self.main(section["main"], systems[0].spec),
      densities: section["densities"]?.elements?.compactMap(\.number) ?? [], also: also,
      diagnostics: problems.sorted)
  }

  // MARK: Systems

  private func systems(of section: SpecNode, over base: SpecNode, path: String, overrides: [String])
    -> ([ComparisonSpec.System], [Diagnostic])
  {
    var systems: [ComparisonSpec.System] = []
    let entries = section["systems"]?.entries ?? []
    var findings: [(diagnostic: Diagnostic, systems: [SpecNode.Entry])] = []
    for entry in entries where entry.value.isMapping {
      var layering = Layering(files: files)
      let tree = layering.lay(SpecLanguage.specPart(of: entry.value), over: base, overrides: overrides)
      var diagnostics: [Diagnostic]
      do {
        let loaded = try SpecLoader.check(tree, path: path, earlier: layering.diagnostics.diagnostics)
        diagnostics = loaded.diagnostics
        systems.append(
          ComparisonSpec.System(
            name: entry.key, title: entry.value["title"]?.text ?? entry.key,
            masksOf: entry.value["masks-of"]?.text, randomMasksLike: entry.value["random-masks-like"]?.text,
            loaded: loaded))
      } catch {
        diagnostics = error.diagnostics
      }
      // What is wrong around the systems is wrong in each of them, and said once.
      for diagnostic in diagnostics {
        if let known = findings.firstIndex(where: { $0.diagnostic == diagnostic }) {
          findings[known].systems.append(entry)
        } else {
          findings.append((diagnostic, [entry]))
        }
      }
    }
    let diagnostics = findings.map { finding in
      guard finding.systems.count < entries.count else { return finding.diagnostic }
      var diagnostic = finding.diagnostic
      let names = finding.systems.map { "'\($0.key)'" }.list(last: "and")
      let what = finding.systems.count == 1 ? "system" : "systems"
      diagnostic.notes.append(.note("so in \(what) \(names)", at: finding.systems[0].keySpan))
      return diagnostic
    }
    return (systems, diagnostics)
  }

  private static func seeds(_ node: SpecNode?, first: Int?) -> [UInt64] {
    if let listed = node?.elements { return listed.compactMap(\.integer).compactMap { UInt64(exactly: $0) } }
    let first = first.flatMap { UInt64(exactly: $0) } ?? SpecLanguage.blank.seed
    let count = node?.integer ?? SpecLanguage.defaultSeedCount
    return (0..<UInt64(max(0, min(count, SpecLanguage.mostSeeds)))).map { first + $0 }
  }

  private static func domains(_ node: SpecNode?) -> ComparisonSpec.Domains? {
    guard let node else { return nil }
    let named = node.oneOrMore.filter { $0.text != nil }
    if named.count == 1, named[0].text == SpecLanguage.allDomains {
      return ComparisonSpec.Domains(names: [], spans: [])
    }
    return ComparisonSpec.Domains(names: named.compactMap(\.text), spans: named.map(\.span))
  }

  /// The tasks that are named, or the one that decides between epochs, or all.
  private static func main(_ node: SpecNode?, _ spec: Spec) -> [String] {
    let named = node?.oneOrMore.compactMap(\.text) ?? []
    return named.isEmpty ? spec.train.mainTask.map { [$0] } ?? spec.tasks.map(\.name) : named
  }

  // MARK: Further comparisons

  private func further(
    _ node: SpecNode?, path: String, overrides: [String], _ problems: inout DiagnosticCollector
  ) -> [ComparisonSpec] {
    var comparisons: [ComparisonSpec] = []
    let inherited = overrides.filter { !$0.trimmed.hasPrefix("\(Self.key).systems") }
      .filter { !$0.trimmed.hasPrefix("\(Self.key).also") }
    let chain = chain + [path]
    for element in node?.oneOrMore ?? [] {
      guard let name = element.path else { continue }
      let file = SpecPath.join(SpecPath.folder(of: path), name)
      if chain.contains(where: { SpecPath.normal($0) == SpecPath.normal(file) }) || chain.count > 32 {
        problems.error(
          "'also' goes in a circle: \((chain + [file]).suffix(6).joined(separator: " → "))", at: element.span)
        continue
      }
      do {
        comparisons.append(
          try ComparisonReader(files: files, chain: chain).read(path: file, overrides: inherited))
      } catch {
        var diagnostics = error.diagnostics
        diagnostics[0].notes.append(.note("the comparison is named here", at: element.span))
        problems.add(contentsOf: diagnostics)
      }
    }
    return comparisons
  }
}
