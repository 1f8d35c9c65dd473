import WeftSpec

/// The labels of a task in the scheme of its model, numbered from 0 in order of first appearance in train.
///
/// A model of scheme bioes has the labels that train shows after conversion, not every prefix of every type. A
/// label that appears in dev or test only has no id: the model cannot predict it, and it is scored as wrong.
public struct LabelSet: Sendable, Equatable, Codable {
  private let table: ByteTable
  public let scheme: TagScheme

  /// - Parameter labels: in order of their ids; repeated ones count once.
  public init(labels: some Sequence<String>, scheme: TagScheme = .none) {
    table = ByteTable(labels)
    self.scheme = scheme
  }

  init(_ table: ByteTable, scheme: TagScheme) {
    self.table = table
    self.scheme = scheme
  }

  public var count: Int { table.count }

  /// The labels in order of their ids.
  public var labels: [String] { table.texts }

  /// The id of a label; nil if train does not have it.
  public func id(of label: String) -> Int? { table.find(label) }

  /// The label with this id, 0 ..< ``count``.
  public func label(_ id: Int) -> String { table.text(id) }

  /// Whether a label may follow another (constraints of a CRF); in `none` anything may.
  public func allows(_ from: Int, to: Int) -> Bool {
    scheme.violation(in: [nil, label(from), label(to), nil]) == nil
  }

  /// Whether a sentence may begin with a label.
  public func allowsStart(_ label: Int) -> Bool {
    scheme.violation(in: [self.label(label), nil]) == nil
  }

  /// Whether a sentence may end with a label.
  public func allowsEnd(_ label: Int) -> Bool {
    scheme.violation(in: [nil, self.label(label)]) == nil
  }

  public static func == (left: LabelSet, right: LabelSet) -> Bool {
    left.scheme == right.scheme && left.table == right.table
  }

  func hash(after hash: UInt64) -> UInt64 {
    table.hash(after: fnv1a64(Array(scheme.rawValue.utf8), after: hash))
  }

  private enum CodingKeys: String, CodingKey { case labels, scheme }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let labels = try container.decode([String].self, forKey: .labels)
    self.init(labels: labels, scheme: try container.decode(TagScheme.self, forKey: .scheme))
    if count != labels.count {
      throw DecodingError.dataCorruptedError(
        forKey: .labels, in: container, debugDescription: "a label is repeated")
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(labels, forKey: .labels)
    try container.encode(scheme, forKey: .scheme)
  }
}
