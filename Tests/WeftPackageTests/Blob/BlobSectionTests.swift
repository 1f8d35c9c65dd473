import Testing
import WeftCorpus

@testable import WeftPackage

struct BlobSectionTests {
  private func words(_ bytes: [UInt8]) -> [UInt32] {
    (0..<bytes.count / 4).map { word in
      (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[4 * word + $1]) << (8 * $1) }
    }
  }

  /// Looks a text up as the C does.
  private func find(_ text: String, in section: [UInt8]) -> Int? {
    let head = words(Array(section.prefix(16)))
    let (entries, slots) = (Int(head[0]), Int(head[1]))
    let ends = words(Array(section[16..<16 + 4 * entries])).map(Int.init)
    let table = words(Array(section[16 + 4 * entries..<16 + 4 * (entries + slots)]))
    let texts = Array(section[(16 + 4 * (entries + slots))...])
    let hash = fnv1a64(Array(text.utf8))
    var slot = Int(UInt32(truncatingIfNeeded: hash ^ (hash >> 32))) & (slots - 1)
    while table[slot] != 0 {
      let entry = Int(table[slot]) - 1
      if texts[(entry == 0 ? 0 : ends[entry - 1])..<ends[entry]].elementsEqual(text.utf8) { return entry }
      slot = (slot + 1) & (slots - 1)
    }
    return nil
  }

  @Test(arguments: [0, 1, 12, 13, 24, 25, 1000])
  func everyEntryIsFoundAndNothingElse(count: Int) {
    let entries = (0..<count).map { "word\($0)" }
    let section = BlobSection.texts(entries)
    let head = words(Array(section.prefix(16)))
    let slots = Int(head[1])
    #expect(Int(head[0]) == count && slots >= 16 && slots & (slots - 1) == 0)
    #expect(4 * count <= 3 * slots && (slots == 16 || 4 * count > 3 * slots / 2))
    for (number, entry) in entries.enumerated() { #expect(find(entry, in: section) == number) }
    #expect(find("other", in: section) == nil)
    #expect(find("", in: section) == nil)
  }

  @Test func textsThatOnlyLookEqualAreDifferent() {
    let section = BlobSection.texts(["\u{E9}", "e\u{301}", "東京"])
    #expect(find("\u{E9}", in: section) == 0)
    #expect(find("e\u{301}", in: section) == 1)
    #expect(find("東京", in: section) == 2)
  }

  @Test func charactersAscendAndCompositesStayOut() {
    let section = words(BlobSection.characters(["b", "é", "e\u{301}", "a", "👍"]))
    #expect(section == [4, 0, 0x61, 5, 0x62, 2, 0xE9, 3, 0x1F44D, 6])
    #expect(words(BlobSection.characters([])) == [0, 0])
  }
}
