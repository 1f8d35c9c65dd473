/// A pattern of parameter names, in which `*` stands for any characters, none among them.
public struct NamePattern: Sendable, Hashable {
  public let text: String
  /// What stands between the stars.
  private let parts: [[UInt8]]

  public init(_ text: String) {
    self.text = text
    parts = text.utf8.split(separator: UInt8(ascii: "*"), omittingEmptySubsequences: false).map(Array.init)
  }

  /// Whether the whole of a name fits.
  public func matches(_ name: String) -> Bool {
    var rest = Array(name.utf8)[...]
    guard rest.starts(with: parts[0]) else { return false }
    rest = rest.dropFirst(parts[0].count)
    guard parts.count > 1 else { return rest.isEmpty }
    // The earliest place of each part leaves most for those after it.
    for part in parts[1..<(parts.count - 1)] where !part.isEmpty {
      guard
        let start = rest.indices.first(where: { rest[$0...].starts(with: part) })
      else { return false }
      rest = rest[(start + part.count)...]
    }
    let last = parts[parts.count - 1]
    return rest.count >= last.count && rest.suffix(last.count).elementsEqual(last)
  }
}

extension SharingSpec {
  /// Whether `prunable` names a parameter. Whether it is a weight that can be pruned is for the network to say.
  public func namesAsPrunable(_ parameter: String) -> Bool {
    prunable.contains { NamePattern($0).matches(parameter) }
  }
}
