import WeftCodegen
import WeftCorpus
import WeftRuntime
import WeftSpec

/// The weights of a package (`<name>.weights`): parameters, masks and vocabularies in one file that is mapped or linked
/// as it is. All integers are little-endian; everything starts at a multiple of 64 bytes, with zeros in the gaps.
///
/// | offset | type | what |
/// |---|---|---|
/// | 0 | u8[8] | `WEFTBLOB` |
/// | 8 | u32 | version of the format |
/// | 12 | u32 | number of sections |
/// | 16 | u64 | bytes of the blob |
/// | 24 | u64 | XXH64 of the bytes from 32 on |
/// | 32, 48 | u8[16] | first digits of the architecture and data hashes |
/// | 64 | | for each section: u32 kind, u32 index, u64 offset, u64 bytes, u64 0 |
public struct PackageBlob: Sendable, Equatable {
  public static let formatVersion: UInt32 = 1
  public let bytes: [UInt8]
  /// Bytes by what they are for: `parameters`, `masks`, `vocabularies`.
  public let sizes: [String: Int]

  /// - Parameters:
  ///   - weights: θ, not thinned out by any mask.
  ///   - masks: by the number of their group of tasks.
  /// - Throws: `.model` if a mask does not cover the parameters that masks are over.
  public init(
    weights: EncodedWeights, layout: PackageLayout, masks: [Int: Mask], vocabularies: Vocabularies,
    features: [FeatureSpec], architectureHash: String
  ) throws(PackageError) {
    var sections = [BlobSection(.parameters, 0, weights.bytes)]
    for (group, mask) in masks.sorted(by: { $0.key < $1.key }) {
      sections.append(BlobSection(.mask, group, try Self.bits(of: mask, layout)))
    }
    if let words = vocabularies.words {
      sections.append(BlobSection(.words, 0, BlobSection.texts(words.entries)))
    }
    if let characters = vocabularies.characters {
      sections.append(BlobSection(.characters, 0, BlobSection.characters(characters.entries)))
    }
    var column = 0
    for feature in features {
      guard case .column = feature.source else { continue }
      let entries = vocabularies.features[feature.name]?.entries ?? []
      sections.append(BlobSection(.column, column, BlobSection.texts(entries)))
      column += 1
    }
    bytes = Self.assemble(
      sections, hashes: [architectureHash, vocabularies.hash].flatMap { Array($0.utf8.prefix(16)) })
    var sizes: [String: Int] = [:]
    for section in sections {
      let part =
        switch section.kind {
        case .parameters: "parameters"
        case .mask: "masks"
        case .words, .characters, .column: "vocabularies"
        }
      sizes[part, default: 0] += section.bytes.count
    }
    self.sizes = sizes
  }

  /// A bit a weight, the first in the lowest bit; each parameter starts at a whole byte.
  private static func bits(of mask: Mask, _ layout: PackageLayout) throws(PackageError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: layout.maskBytes)
    for entry in layout.entries {
      guard let offset = entry.maskOffset else { continue }
      guard let parameter = mask.layout.parameter(named: entry.name), parameter.count == entry.count else {
        throw PackageError(.model, "a mask says nothing of \(entry.name), or is for another size of it")
      }
      for (position, weight) in parameter.range.enumerated() where mask[weight] {
        bytes[offset + position >> 3] |= 1 << (position & 7)
      }
    }
    return bytes
  }

  private static func assemble(_ sections: [BlobSection], hashes: [UInt8]) -> [UInt8] {
    func rounded(_ count: Int) -> Int { (count + 63) / 64 * 64 }
    var offset = rounded(64 + 32 * sections.count)
    var table: [UInt8] = []
    for section in sections {
      table += section.kind.rawValue.littleEndianBytes + section.index.littleEndianBytes
      table += UInt64(offset).littleEndianBytes + UInt64(section.bytes.count).littleEndianBytes
      table += UInt64(0).littleEndianBytes
      offset += rounded(section.bytes.count)
    }
    var bytes = Array("WEFTBLOB".utf8) + formatVersion.littleEndianBytes
    bytes += UInt32(sections.count).littleEndianBytes + UInt64(offset).littleEndianBytes
    bytes += UInt64(0).littleEndianBytes + hashes + table
    bytes.reserveCapacity(offset)
    func pad() { bytes += [UInt8](repeating: 0, count: rounded(bytes.count) - bytes.count) }
    pad()
    for section in sections {
      bytes += section.bytes
      pad()
    }
    bytes.replaceSubrange(24..<32, with: XXHash64.hash(bytes[32...]).littleEndianBytes)
    return bytes
  }
}
