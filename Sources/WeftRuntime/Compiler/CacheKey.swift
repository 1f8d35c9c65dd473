import WeftSpec

/// The key of an entry of the library cache: a digest of texts.
struct CacheKey {
  private var hash = SHA256()

  /// Adds a text preceded by its length, so that no two lists of texts give the same bytes.
  mutating func add(_ text: String) {
    let bytes = Array(text.utf8)
    hash.update("\(bytes.count):")
    hash.update(bytes)
  }

  /// The digest in hexadecimal, cut to `count` digits.
  func hexadecimal(_ count: Int) -> String { String(hash.hexDigest().prefix(count)) }
}
