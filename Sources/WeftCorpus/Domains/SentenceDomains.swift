/// Which domain (genre, source) each sentence of a corpus is of.
public struct SentenceDomains: Sendable, Equatable {
  /// The domains in order of first appearance, whether or not sentences of all of them are left.
  public let names: [String]
  /// For each sentence the index of its domain in ``names``.
  public let indices: [Int32]

  /// - Precondition: `indices` refer to `names`.
  public init(names: [String], indices: [Int32]) {
    precondition(indices.allSatisfy { names.indices.contains(Int($0)) }, "a domain without a name")
    self.names = names
    self.indices = indices
  }

  /// The domain of a sentence.
  public subscript(sentence: Int) -> String { names[Int(indices[sentence])] }

  /// The sentences of some domains, ascending.
  public func sentences(of domains: Set<String>) -> [Int] {
    let wanted = names.map { domains.contains($0) }
    return indices.indices.filter { wanted[Int(indices[$0])] }
  }

  func selecting(_ sentences: [Int]) -> SentenceDomains {
    SentenceDomains(names: names, indices: sentences.map { indices[$0] })
  }
}

/// How much of a corpus is of a domain (Ruder et al. 2019, Table 1).
public struct DomainSize: Sendable, Equatable, Codable {
  public var domain: String
  public var sentences: Int
  public var tokens: Int
  public init(domain: String, sentences: Int, tokens: Int) {
    self.domain = domain
    self.sentences = sentences
    self.tokens = tokens
  }
}

extension Corpus {
  /// Sentences and tokens of each domain, in the order of ``SentenceDomains/names``; empty without domains.
  public var domainSizes: [DomainSize] {
    guard let domains else { return [] }
    var sizes = domains.names.map { DomainSize(domain: $0, sentences: 0, tokens: 0) }
    for sentence in 0..<sentenceCount {
      let index = Int(domains.indices[sentence])
      sizes[index].sentences += 1
      sizes[index].tokens += length(of: sentence)
    }
    return sizes
  }
}
