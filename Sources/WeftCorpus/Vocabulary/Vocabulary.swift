/// Numbers for words, characters or values of a feature.
///
/// Id 0 is padding and id 1 stands for everything unknown; entries follow from 2 in their given order. Entries are
/// different as soon as their Unicode scalars are (unlike Swift's `String`, which compares canonically).
public struct Vocabulary: Sendable, Equatable, Codable {
  public static let padding = 0
  public static let unknown = 1

  private let table: ByteTable
  /// Look-up is by ``SimpleLowercase``, and all entries are in lower case.
  public let lowercase: Bool

  /// - Parameters:
  ///   - entries: without padding and unknown; repeated ones count once.
  ///   - lowercase: put entries and what is looked up into lower case.
  public init(entries: some Sequence<String>, lowercase: Bool = false) {
    self.lowercase = lowercase
    table = lowercase ? ByteTable(entries.lazy.map { SimpleLowercase.map($0) }) : ByteTable(entries)
  }

  /// Number of ids, padding and unknown included.
  public var count: Int { table.count + 2 }

  /// The entries from id 2 on.
  public var entries: [String] { table.texts }

  /// The id of a text; ``unknown`` if it is no entry.
  public func id(of text: String) -> Int {
    let key = lowercase ? SimpleLowercase.map(text) : text
    return table.find(key).map { $0 + 2 } ?? Self.unknown
  }

  public func contains(_ text: String) -> Bool { id(of: text) != Self.unknown }

  /// The entry with this id; `<pad>` for 0 and `<unk>` for 1.
  public func entry(_ id: Int) -> String {
    switch id {
    case Self.padding: "<pad>"
    case Self.unknown: "<unk>"
    default: table.text(id - 2)
    }
  }

  public static func == (left: Vocabulary, right: Vocabulary) -> Bool {
    left.lowercase == right.lowercase && left.table == right.table
  }

  /// Continues a hash over everything that the vocabulary is.
  func hash(after hash: UInt64) -> UInt64 {
    table.hash(after: fnv1a64([lowercase ? 1 : 0], after: hash))
  }

  private enum CodingKeys: String, CodingKey { case entries, lowercase }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let entries = try container.decode([String].self, forKey: .entries)
    let lowercase = try container.decode(Bool.self, forKey: .lowercase)
    self.init(entries: entries, lowercase: lowercase)
    if count != entries.count + 2 {
      throw DecodingError.dataCorruptedError(
        forKey: .entries, in: container, debugDescription: "an entry of the vocabulary is repeated")
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(entries, forKey: .entries)
    try container.encode(lowercase, forKey: .lowercase)
  }
}
