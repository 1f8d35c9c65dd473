import Testing
import WeftSpec

/// Known answers of FIPS 180-4 and its example documents.
@Suite struct SHA256Tests {
  @Test(arguments: [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
    (
      "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
      "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"
    ),
  ])
  func knownAnswers(text: String, digest: String) {
    #expect(SHA256.hex(text) == digest)
  }

  @Test func aMillionLetters() {
    #expect(
      SHA256.hex(repeatElement(UInt8(ascii: "a"), count: 1_000_000))
        == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
  }

  @Test func piecesAndPaddingBoundaries() {
    for count in [54, 55, 56, 57, 63, 64, 65, 119, 120, 128] {
      let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 * 7) }
      var pieces = SHA256()
      for byte in bytes { pieces.update([byte]) }
      #expect(pieces.hexDigest() == SHA256.hex(bytes))
      // Asking for a digest changes nothing.
      #expect(pieces.hexDigest() == SHA256.hex(bytes))
    }
    #expect(Set((54...66).map { SHA256.hex([UInt8](repeating: 0, count: $0)) }).count == 13)
  }
}
