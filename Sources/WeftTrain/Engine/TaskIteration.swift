import WeftRuntime

extension TaskSet: Codable {
  /// The tasks' numbers, in the order of the spec, without an array.
  public var numbers: Numbers { Numbers(rest: rawValue) }

  public struct Numbers: Sequence, IteratorProtocol, Sendable {
    fileprivate var rest: UInt64
    public mutating func next() -> Int? {
      guard rest != 0 else { return nil }
      defer { rest &= rest - 1 }
      return rest.trailingZeroBitCount
    }
  }
}
