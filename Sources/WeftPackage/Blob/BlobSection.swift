import WeftCorpus

/// A part of a blob.
struct BlobSection {
  enum Kind: UInt32 {
    case parameters = 1
    case mask = 2
    case words = 3
    case characters = 4
    case column = 5
  }
  let kind: Kind
  /// Tells sections of one kind apart.
  let index: UInt32
  let bytes: [UInt8]

  init(_ kind: Kind, _ index: Int = 0, _ bytes: [UInt8]) {
    self.kind = kind
    self.index = UInt32(index)
    self.bytes = bytes
  }
}

extension BlobSection {
  /// The entries of a vocabulary with a table to look them up: open addressing, probed one slot after the other.
  static func texts(_ entries: [String]) -> [UInt8] {
    let texts = entries.map { Array($0.utf8) }
    var slots = 16
    while 4 * texts.count > 3 * slots { slots *= 2 }
    var table = [UInt32](repeating: 0, count: slots)
    for (number, text) in texts.enumerated() {
      let hash = fnv1a64(text)
      var slot = Int(UInt32(truncatingIfNeeded: hash ^ (hash >> 32))) & (slots - 1)
      while table[slot] != 0 { slot = (slot + 1) & (slots - 1) }
      table[slot] = UInt32(number + 1)
    }
    var ends: [UInt32] = []
    for text in texts { ends.append((ends.last ?? 0) + UInt32(text.count)) }
    let head = [UInt32(texts.count), UInt32(slots), ends.last ?? 0, 0]
    return (head + ends + table).flatMap(\.littleEndianBytes) + texts.flatMap { $0 }
  }

  /// Ids of single characters, ascending by their scalars; entries of more than one scalar are never looked up.
  static func characters(_ entries: [String]) -> [UInt8] {
    var ids: [(scalar: UInt32, id: UInt32)] = []
    for (number, entry) in entries.enumerated() where entry.unicodeScalars.count == 1 {
      for scalar in entry.unicodeScalars { ids.append((scalar.value, UInt32(number + 2))) }
    }
    ids.sort { $0.scalar < $1.scalar }
    return ([UInt32(ids.count), 0] + ids.flatMap { [$0.scalar, $0.id] }).flatMap(\.littleEndianBytes)
  }
}
