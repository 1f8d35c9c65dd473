import Foundation

/// A block of zeroed memory with the alignment that generated code asks for (`WEFT_ALIGNMENT`, 64 bytes).
///
/// Unsafe on purpose: the few types that own one are responsible for who reads and writes it.
final class AlignedMemory {
  let bytes: UnsafeMutableRawBufferPointer

  /// Bytes of a large page, and of the least block that is put on such pages.
  private static let largePage = 2 << 20
  private static let largeBlock = 2 * largePage

  /// - Throws: `.outOfMemory`, naming what the memory was for.
  init(byteCount: Int, for purpose: String) throws(RuntimeError) {
    guard byteCount >= 0 else {
      throw RuntimeError(.outOfMemory, "The size of \(purpose) does not fit in memory.")
    }
    var pointer: UnsafeMutableRawPointer?
    let isLarge = byteCount >= Self.largeBlock
    // A zero-sized block still gets an address, because generated code takes null for an error.
    let status = posix_memalign(&pointer, isLarge ? Self.largePage : 64, max(byteCount, 64))
    guard status == 0, let pointer else {
      throw RuntimeError(
        .outOfMemory, "There is no memory for \(purpose): \(byteCount) bytes were asked for.")
    }
    #if os(Linux)
      // A step of training reads all of its memory: on large pages, where the system has some, it misses fewer addresses.
      if isLarge { madvise(pointer, byteCount, MADV_HUGEPAGE) }
    #endif
    memset(pointer, 0, byteCount)
    bytes = UnsafeMutableRawBufferPointer(start: pointer, count: byteCount)
  }

  deinit { free(bytes.baseAddress) }

  var address: UnsafeMutableRawPointer { bytes.baseAddress! }
  func floats(count: Int) -> UnsafeMutableBufferPointer<Float> {
    UnsafeMutableBufferPointer(start: address.assumingMemoryBound(to: Float.self), count: count)
  }
}

/// Memory that grows as larger batches come and is never given back.
struct GrowingMemory {
  private(set) var memory: AlignedMemory?
  var byteCount: Int { memory?.bytes.count ?? 0 }

  /// Makes room for `byteCount` bytes; what the memory held is lost when it has to grow.
  mutating func reserve(_ byteCount: Int, for purpose: String) throws(RuntimeError) -> UnsafeMutableRawPointer
  {
    if let memory, memory.bytes.count >= byteCount { return memory.address }
    memory = nil
    // A fifth on top, so that a slow rise of batch sizes does not reallocate each time.
    let roomy = byteCount.addingReportingOverflow(byteCount / 5)
    let grown = try AlignedMemory(byteCount: roomy.overflow ? byteCount : roomy.partialValue, for: purpose)
    memory = grown
    return grown.address
  }
}
