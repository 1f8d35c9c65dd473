import Testing
import WeftCorpus
import WeftSpec

@testable import WeftGraph
@testable import WeftPackage

/// Words of packages come in the order of their frequency.
@Suite struct WordOrderTests {
  private static func vocabularies(_ counts: [Int]?) -> Vocabularies {
    var all = Vocabularies(words: Vocabulary(entries: ["a", "b", "c", "d"], lowercase: true))
    all.wordCounts = counts
    return all
  }

  private func table(_ name: String, rows: Int = 6) -> Parameter {
    Parameter(
      id: ParameterID(index: 0), name: name, shape: [rows, 2], initializer: .constant(0), group: .embedding,
      isPrunable: false, isRowSparse: true, isTrainable: true)
  }

  @Test func mostFrequentFirst() {
    let all = Self.vocabularies([2, 7, 2, 9])
    let order = WordOrder(all)
    #expect(!order.isIdentity)
    let other = order.reordered(all)
    #expect(other.words?.entries == ["d", "b", "a", "c"])
    #expect(other.words?.lowercase == true)
    #expect(other.wordCounts == [9, 7, 2, 2])
    // Rows of padding and unknown words stay.
    let values = (0..<6).flatMap { [$0, 10 + $0] }
    for name in ["words.weight", "ner.words.weight"] {
      let reordered = order.reordered(values, of: table(name))
      #expect(reordered == [0, 1, 5, 3, 2, 4].flatMap { [$0, 10 + $0] })
      #expect(order.inverse.reordered(reordered, of: table(name)) == values)
    }
    for other in [table("chars.embedding.weight"), table("heads.pos.weight"), table("words.weight", rows: 5)]
    {
      #expect(!order.isOfWords(other))
      #expect(order.reordered(values, of: other) == values)
    }
  }

  @Test func unknownCounts() {
    for counts in [nil, [1, 2], [3, 2, 2, 0]] as [[Int]?] {
      let all = Self.vocabularies(counts)
      #expect(WordOrder(all).isIdentity)
      #expect(WordOrder(all).reordered(all) == all)
    }
    #expect(WordOrder(Vocabularies()).isIdentity)
  }
}
