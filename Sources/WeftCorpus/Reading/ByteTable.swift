/// Distinct byte strings, numbered in order of first appearance.
///
/// Swift compares `String`s by canonical equivalence, so that a precomposed é equals e + accent; words, labels and
/// vocabulary entries are different as soon as their scalars are. This table compares bytes. Its members are valid
/// UTF-8: what is not is repaired with U+FFFD before it gets in.
struct ByteTable: Sendable, Equatable {
  private(set) var count = 0
  private var bytes: [UInt8] = []
  private var ends: [Int] = []
  private var hashes: [UInt32] = []
  /// Open addressing with linear probing; −1 is free. A power of two, at most three quarters full.
  private var slots: [Int32] = Array(repeating: -1, count: 16)

  init() {}

  init(_ texts: some Sequence<String>) {
    for text in texts { intern(text) }
  }

  /// The number of `key`, which is added if it is new.
  @discardableResult
  mutating func intern(_ key: Span<UInt8>) -> Int {
    let hash = Self.hash(key)
    if let known = find(key, hash: hash) { return known }
    var isASCII = true
    for i in key.indices where key[i] >= 0x80 { isASCII = false }
    if !isASCII {
      var raw: [UInt8] = []
      raw.reserveCapacity(key.count)
      for i in key.indices { raw.append(key[i]) }
      let repaired = Array(String(decoding: raw, as: UTF8.self).utf8)
      if repaired != raw { return intern(repaired.span) }
    }
    return add(key, hash: hash)
  }

  @discardableResult
  mutating func intern(_ text: String) -> Int {
    let utf8 = Array(text.utf8)
    return intern(utf8.span)
  }

  /// The number of `key`, which must be valid UTF-8 to be found.
  func find(_ key: Span<UInt8>) -> Int? { find(key, hash: Self.hash(key)) }

  func find(_ text: String) -> Int? {
    let utf8 = Array(text.utf8)
    return find(utf8.span)
  }

  func text(_ index: Int) -> String {
    String(decoding: bytes[range(index)], as: UTF8.self)
  }

  func range(_ index: Int) -> Range<Int> {
    (index == 0 ? 0 : ends[index - 1])..<ends[index]
  }

  func utf8(_ index: Int) -> ArraySlice<UInt8> { bytes[range(index)] }

  var texts: [String] { (0..<count).map(text) }

  /// Continues a hash over the members in order; the length of each goes in, so none runs into the next.
  func hash(after hash: UInt64) -> UInt64 {
    var hash = hash
    for index in 0..<count {
      let length = UInt32(range(index).count)
      hash = fnv1a64((0..<4).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) }, after: hash)
      hash = fnv1a64(Array(utf8(index)), after: hash)
    }
    return hash
  }

  private func find(_ key: Span<UInt8>, hash: UInt32) -> Int? {
    let mask = slots.count - 1
    var slot = Int(hash) & mask
    while slots[slot] >= 0 {
      let index = Int(slots[slot])
      if hashes[index] == hash, equals(index, key) { return index }
      slot = (slot + 1) & mask
    }
    return nil
  }

  private mutating func add(_ key: Span<UInt8>, hash: UInt32) -> Int {
    if 4 * (count + 1) > 3 * slots.count { grow() }
    place(count, hash: hash)
    for i in key.indices { bytes.append(key[i]) }
    ends.append(bytes.count)
    hashes.append(hash)
    count += 1
    return count - 1
  }

  private mutating func grow() {
    slots = Array(repeating: -1, count: 2 * slots.count)
    for index in 0..<count { place(index, hash: hashes[index]) }
  }

  private mutating func place(_ index: Int, hash: UInt32) {
    let mask = slots.count - 1
    var slot = Int(hash) & mask
    while slots[slot] >= 0 { slot = (slot + 1) & mask }
    slots[slot] = Int32(index)
  }

  private func equals(_ index: Int, _ key: Span<UInt8>) -> Bool {
    let range = range(index)
    guard range.count == key.count else { return false }
    for i in key.indices where bytes[range.lowerBound + i] != key[i] { return false }
    return true
  }

  static func == (left: ByteTable, right: ByteTable) -> Bool {
    left.ends == right.ends && left.bytes == right.bytes
  }

  private static func hash(_ key: Span<UInt8>) -> UInt32 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for i in key.indices { hash = (hash ^ UInt64(key[i])) &* 0x100_0000_01B3 }
    return UInt32(truncatingIfNeeded: hash ^ (hash >> 32))
  }
}
