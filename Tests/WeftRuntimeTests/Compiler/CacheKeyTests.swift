import Testing

@testable import WeftRuntime

@Test func fieldsOfAKeyDoNotRunTogether() {
  var (left, right) = (CacheKey(), CacheKey())
  for field in ["ab", "c"] { left.add(field) }
  for field in ["a", "bc"] { right.add(field) }
  #expect(left.hexadecimal(64) != right.hexadecimal(64))
  #expect(left.hexadecimal(16).count == 16)
}
