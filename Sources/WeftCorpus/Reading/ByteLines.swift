#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The lines of a file, a pipe or a buffer as bytes, read in blocks.
///
/// `\n` and `\r\n` end a line; the last one may lack either. A UTF-8 byte order mark at the beginning is dropped.
struct ByteLines: ~Copyable {
  let path: String
  /// Number of the line that ``next(into:)`` gave last, from 1.
  private(set) var number = 0
  private let descriptor: Int32
  private let closes: Bool
  private var buffer: [UInt8]
  private var position = 0
  private var filled: Int
  private var atEnd: Bool
  private var atStart = true

  private static let block = 1 << 18

  /// Opens a file.
  init(path: String) throws(CorpusError) {
    let descriptor = open(path, O_RDONLY)
    guard descriptor >= 0 else {
      throw CorpusError(
        .unreadable, path: path, "cannot open the file: \(String(cString: strerror(errno)))",
        suggestion: errno == ENOENT ? "paths are relative to the folder of the spec" : nil)
    }
    self.init(descriptor: descriptor, path: path, closes: true)
  }

  /// Reads an open descriptor (0 is the standard input).
  init(descriptor: Int32, path: String, closes: Bool = false) {
    self.path = path
    self.descriptor = descriptor
    self.closes = closes
    buffer = Array(repeating: 0, count: Self.block)
    filled = 0
    atEnd = false
  }

  /// Reads a buffer.
  init(bytes: [UInt8], path: String) {
    self.path = path
    descriptor = -1
    closes = false
    buffer = bytes
    filled = bytes.count
    atEnd = true
  }

  /// Everything has been read from the file, if not yet given out.
  var isAtEnd: Bool { atEnd }

  deinit { if closes { close(descriptor) } }

  /// Copies the next line, without its end, into `line`.
  ///
  /// - Returns: false at the end of the file.
  mutating func next(into line: inout [UInt8]) throws(CorpusError) -> Bool {
    line.removeAll(keepingCapacity: true)
    if atStart { try skipMark() }
    var searched = position
    while true {
      if let end = newline(from: searched) {
        take(position..<end, into: &line)
        position = end + 1
        return true
      }
      searched = filled
      if atEnd {
        guard position < filled else { return false }
        take(position..<filled, into: &line)
        position = filled
        return true
      }
      let kept = filled - position
      try fill()
      searched = position + kept
    }
  }

  /// One line of a file, for error messages; nil if it cannot be read again.
  static func line(_ number: Int, of path: String) -> [UInt8]? {
    guard isRegularFile(path), var lines = try? ByteLines(path: path) else { return nil }
    var bytes: [UInt8] = []
    while lines.number < number {
      guard let found = try? lines.next(into: &bytes), found else { return nil }
    }
    return bytes
  }

  /// A pipe that is opened again would block.
  private static func isRegularFile(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
  }

  private mutating func take(_ range: Range<Int>, into line: inout [UInt8]) {
    number += 1
    var end = range.upperBound
    if end > range.lowerBound, buffer[end - 1] == UInt8(ascii: "\r") { end -= 1 }
    line.append(contentsOf: buffer[range.lowerBound..<end])
  }

  private func newline(from start: Int) -> Int? {
    guard start < filled else { return nil }
    // Sound: the search stays within start ..< filled, which lies inside the buffer.
    return buffer.withUnsafeBytes { bytes in
      guard let base = bytes.baseAddress, let hit = memchr(base + start, 0x0A, filled - start) else {
        return nil
      }
      return UnsafeRawPointer(hit) - base
    }
  }

  /// Moves what is left to the front and reads at least one more byte, or finds the end.
  private mutating func fill() throws(CorpusError) {
    if position > 0 {
      for i in position..<filled { buffer[i - position] = buffer[i] }
      filled -= position
      position = 0
    }
    if buffer.count - filled < Self.block / 2 {
      buffer.append(contentsOf: repeatElement(0, count: buffer.count))
    }
    while true {
      let start = filled
      // Sound: `read` writes at most buffer.count − start bytes from buffer[start].
      let got = buffer.withUnsafeMutableBytes { bytes in
        read(descriptor, bytes.baseAddress.map { $0 + start }, bytes.count - start)
      }
      if got > 0 {
        filled += got
      } else if got == 0 {
        atEnd = true
      } else if errno == EINTR {
        continue
      } else {
        throw CorpusError(.unreadable, path: path, "cannot read: \(String(cString: strerror(errno)))")
      }
      return
    }
  }

  private mutating func skipMark() throws(CorpusError) {
    atStart = false
    while !atEnd && filled < 3 { try fill() }
    let head = Array(buffer[0..<min(3, filled)])
    if head == [0xEF, 0xBB, 0xBF] { position = 3 }
    if head.starts(with: [0xFF, 0xFE]) || head.starts(with: [0xFE, 0xFF]) {
      throw CorpusError(
        .malformedLine, path: path, line: 1, column: 1, "the file is UTF-16, not UTF-8",
        suggestion: "convert it: iconv -f UTF-16 -t UTF-8")
    }
    if head.starts(with: [0x1F, 0x8B]) {
      throw CorpusError(
        .malformedLine, path: path, line: 1, column: 1, "the file is compressed with gzip",
        suggestion: "unpack it first: gzip -dk")
    }
  }
}
