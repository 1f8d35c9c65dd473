import Testing

@testable import WeftPackage

struct XXHash64Tests {
  /// Values of the reference implementation.
  @Test(
    arguments: [
      ("", 0xEF46_DB37_51D8_E999), ("a", 0xD24E_C4F1_A98C_6E5B), ("abc", 0x44BC_2CF5_AD77_0999),
      ("Nobody inspects the spammish repetition", 0xFBCE_A83C_8A37_8BF1),
    ] as [(String, UInt64)])
  func hashesAreThoseOfTheReference(text: String, hash: UInt64) {
    #expect(XXHash64.hash(Array(text.utf8)[...]) == hash)
  }

  @Test func aSliceIsHashedFromItsStart() {
    let bytes = Array("xxNobody inspects the spammish repetition".utf8)
    #expect(XXHash64.hash(bytes[2...]) == 0xFBCE_A83C_8A37_8BF1)
  }
}
