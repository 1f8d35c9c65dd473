import Testing
import WeftSpec

@testable import WeftCorpus

@Suite struct SelectionTests {
  private static let spec = CorpusSpec(
    name: "c",
    columns: [ColumnSpec(name: "word", source: .index(0)), ColumnSpec(name: "pos", source: .index(1))],
    unlabelled: ["?"])
  private static let sentences = [
    "Éa\tX\nb\tY\n\n", "# sent_id = two\nb\tZ\n\n", "c\t?\nÉa\tX\nd\tY\n\n", "b\tY\n\n",
  ]

  private func read(_ numbers: [Int]) throws -> Corpus {
    let text = numbers.map { Self.sentences[$0] }.joined()
    return try Corpus.read(Self.spec, text: Array(text.utf8), path: "x")
  }

  /// What is chosen is what a file of the chosen sentences holds.
  @Test(arguments: [[0], [1, 3], [2], [0, 1, 2, 3], [1, 2]])
  func equalsAFileOfTheSentences(chosen: [Int]) throws {
    let selected = try read([0, 1, 2, 3]).selecting(chosen)
    let alone = try read(chosen)
    #expect(selected.starts == alone.starts)
    for (ours, theirs) in zip(selected.columns, alone.columns) {
      #expect(ours.name == theirs.name)
      // A file also keeps texts that stand for no label.
      #expect(ours.values.filter { $0 != "?" } == theirs.values.filter { $0 != "?" })
      #expect((0..<selected.tokenCount).map { ours[$0] } == (0..<alone.tokenCount).map { theirs[$0] })
    }
    #expect((0..<chosen.count).map { selected[$0].id } == (0..<chosen.count).map { alone[$0].id })
  }

  @Test func locationsAreThoseOfTheFile() throws {
    let selected = try read([0, 1, 2, 3]).selecting([1, 3])
    #expect(selected.location(ofToken: 0).line == 5)
    #expect(selected.location(ofToken: 1).line == 11)
    #expect(selected.location(ofToken: 1).path == "x")
  }

  @Test func nothingIsChosen() throws {
    let none = try read([0, 1]).selecting([])
    #expect(none.sentenceCount == 0)
    #expect(none.tokenCount == 0)
    #expect(none.words.values == [])
  }

  @Test func domainsAreChosenAndCounted() throws {
    var corpus = try read([0, 1, 2, 3])
    corpus.domains = SentenceDomains(names: ["a", "b", "empty"], indices: [0, 1, 0, 1])
    #expect(
      corpus.domainSizes == [
        DomainSize(domain: "a", sentences: 2, tokens: 5), DomainSize(domain: "b", sentences: 2, tokens: 2),
        DomainSize(domain: "empty", sentences: 0, tokens: 0),
      ])
    let chosen = corpus.selecting(domains: ["b"])
    #expect(chosen.words.values == ["b"])
    #expect(chosen.domains?[1] == "b")
    #expect(try read([0]).domainSizes == [])
  }
}
