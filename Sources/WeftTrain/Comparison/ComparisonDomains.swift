import WeftCorpus
import WeftSpec

extension ComparisonSpec {
  /// The comparison with the names of its domains looked up in the training files, and those of its spec found there.
  ///
  /// - Throws: `SpecError` for a domain that no training sentence is of, and for files that cannot be read.
  public func resolvingDomains() throws(SpecError) -> ComparisonSpec {
    var resolved = self
    var also: [ComparisonSpec] = []
    for comparison in self.also { also.append(try comparison.resolvingDomains()) }
    resolved.also = also
    guard let domains else { return resolved }
    let loaded = systems[0].loaded
    var known: [(corpus: String, names: [String])] = []
    for corpus in loaded.spec.data where corpus.domains != nil {
      do {
        let train = try Corpus.read(corpus, split: .train, folder: loaded.baseDirectory)
        known.append((corpus.name, train?.domains?.names ?? []))
      } catch {
        throw SpecError(diagnostics: [error.diagnostic])
      }
    }
    if domains.names.isEmpty {
      resolved.domains?.names = known.first?.names ?? []
      return resolved
    }
    var problems = DiagnosticCollector()
    for (index, domain) in domains.names.enumerated() {
      for (corpus, names) in known where !names.contains(domain) {
        let list = names.joined(separator: ", ")
        problems.error(
          "no training sentence of '\(corpus)' is of the domain '\(domain)'",
          at: domains.spans.indices.contains(index) ? domains.spans[index] : nil,
          suggestion: Spelling.suggestion(for: domain, among: names).map { "\($0) The domains are \(list)" }
            ?? "the domains are \(list)")
      }
    }
    if problems.hasErrors { throw SpecError(diagnostics: problems.sorted) }
    return resolved
  }
}
