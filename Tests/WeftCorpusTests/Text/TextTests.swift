import Testing
import WeftCorpus

@Suite("Casing and classes of words")
struct TextTests {
  @Test func everyScalarOfThePinnedVersionMapsAsUnicodeSays() {
    for value in UInt32(0)...0x10FFFF {
      guard let scalar = Unicode.Scalar(value) else { continue }
      // Scalars of later versions than the table's map to themselves.
      if let age = scalar.properties.age, age.major > 14 { continue }
      let full = scalar.properties.lowercaseMapping.unicodeScalars
      let expected = value == 0x130 ? "i" : full.count == 1 ? full[full.startIndex] : scalar
      if SimpleLowercase.map(scalar) != expected {
        Issue.record("U+\(String(value, radix: 16)) maps to \(SimpleLowercase.map(scalar)), not \(expected)")
      }
    }
  }

  @Test func theTableAscends() {
    for (left, right) in zip(SimpleLowercase.table, SimpleLowercase.table.dropFirst()) {
      #expect(left.first <= left.last && left.last < right.first)
    }
  }

  @Test(arguments: [
    ("ABCxyz", "abcxyz"), ("ÀÉÎ", "àéî"), ("İI", "ii"), ("ΟΔΟΣ", "οδοσ"), ("ẞ", "ß"), ("日本", "日本"), ("", ""),
    ("𐐀", "𐐨"),
    ("e\u{301}E\u{301}", "e\u{301}e\u{301}"),
  ])
  func wordsInLowerCase(_ word: String, _ expected: String) {
    #expect(SimpleLowercase.map(word).unicodeScalars.elementsEqual(expected.unicodeScalars))
  }

  @Test(arguments: [
    ("hello", Capitalization.lower), ("Hello", .initial), ("I", .initial), ("U.S.", .upper), ("NATO", .upper),
    ("3M", .upper), ("iPhone", .mixed), ("McDonald", .mixed), ("42", .other), ("...", .other), ("日本", .other),
    ("Élan", .initial), ("ÉLAN", .upper), ("straße", .lower), ("", .other), ("x1", .lower),
  ])
  func capitalization(_ word: String, _ expected: Capitalization) {
    #expect(Capitalization(of: word) == expected)
  }

  @Test(arguments: [
    ("abc", DigitShare.none), ("2019", .all), ("1,000", .most), ("a1", .some), ("3rd", .some), ("", .none),
    ("٣", .none), ("12b", .most),
  ])
  func digits(_ word: String, _ expected: DigitShare) {
    #expect(DigitShare(of: word) == expected)
  }
}
