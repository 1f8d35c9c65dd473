import Foundation

/// Memory whose end lies against a page that may not be touched, so that reading or writing behind it stops the test;
/// what lies before it is filled with a pattern that must stay.
final class GuardedBuffer<Element: BitwiseCopyable>: @unchecked Sendable {
  let count: Int
  private let region: UnsafeMutableRawPointer
  private let regionSize: Int
  private let start: UnsafeMutableRawPointer
  private let slack: Int

  init(_ elements: [Element]) {
    let page = Int(sysconf(Int32(_SC_PAGESIZE)))
    let size = elements.count * MemoryLayout<Element>.stride
    let dataPages = (size + page - 1) / page + 1
    count = elements.count
    regionSize = (dataPages + 1) * page
    guard let mapped = mmap(nil, regionSize, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
      mapped != MAP_FAILED, mprotect(mapped + dataPages * page, page, PROT_NONE) == 0
    else { preconditionFailure("no memory for a test") }
    region = mapped
    slack = dataPages * page - size
    start = mapped + slack
    memset(mapped, 0xA5, slack)
    elements.withUnsafeBytes { bytes in
      if let base = bytes.baseAddress, bytes.count > 0 {
        start.copyMemory(from: base, byteCount: bytes.count)
      }
    }
  }

  convenience init(repeating element: Element, count: Int) {
    self.init(Array(repeating: element, count: count))
  }

  deinit { munmap(region, regionSize) }

  var pointer: UnsafeMutableRawPointer { start }
  var byteCount: Int { count * MemoryLayout<Element>.stride }

  var elements: [Element] {
    Array(UnsafeBufferPointer(start: start.assumingMemoryBound(to: Element.self), count: count))
  }

  subscript(index: Int) -> Element {
    start.load(fromByteOffset: index * MemoryLayout<Element>.stride, as: Element.self)
  }

  /// Whether nothing was written before the buffer.
  var isIntact: Bool {
    UnsafeRawBufferPointer(start: region, count: slack).allSatisfy { $0 == 0xA5 }
  }
}

/// A matrix of floats with room between its rows that nobody may write to.
final class GuardedMatrix: @unchecked Sendable {
  static let gap: Float = -12345.678

  let rows: Int
  let columns: Int
  let stride: Int
  let buffer: GuardedBuffer<Float>

  init(rows: Int, columns: Int, extra: Int = 3, _ value: (_ row: Int, _ column: Int) -> Float) {
    self.rows = rows
    self.columns = columns
    stride = columns + extra
    var elements = Array(repeating: Self.gap, count: rows == 0 ? 0 : (rows - 1) * stride + columns)
    for row in 0..<rows {
      for column in 0..<columns { elements[row * stride + column] = value(row, column) }
    }
    buffer = GuardedBuffer(elements)
  }

  convenience init(_ matrix: [[Float]], columns: Int, extra: Int = 3) {
    self.init(rows: matrix.count, columns: columns, extra: extra) { matrix[$0][$1] }
  }

  subscript(row: Int, column: Int) -> Float { buffer[row * stride + column] }

  func row(_ row: Int) -> [Float] { (0..<columns).map { self[row, $0] } }

  /// Whether neither the gaps between rows nor the memory before them were written.
  var isIntact: Bool {
    buffer.isIntact
      && (0..<max(rows - 1, 0)).allSatisfy { row in
        (columns..<stride).allSatisfy { buffer[row * stride + $0] == Self.gap }
      }
  }
}
