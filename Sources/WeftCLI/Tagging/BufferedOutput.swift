/// Standard output in pieces large enough to be fast.
struct BufferedOutput: ~Copyable {
  private var buffer: [UInt8] = []
  private static let size = 1 << 16

  init() { buffer.reserveCapacity(Self.size) }

  mutating func write(_ text: String) throws(Failure) {
    buffer.append(contentsOf: text.utf8)
    if buffer.count >= Self.size { try flush() }
  }

  mutating func flush() throws(Failure) {
    guard !buffer.isEmpty else { return }
    try StandardOutput.write(buffer)
    buffer.removeAll(keepingCapacity: true)
  }
}
