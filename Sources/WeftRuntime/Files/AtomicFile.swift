import Foundation

/// A file that appears whole or not at all: written beside its place, forced to the disk, then renamed.
struct AtomicFile: ~Copyable {
  /// Writes some bytes of a buffer to a descriptor, as write(2).
  typealias WriteCall = (Int32, UnsafeRawPointer, Int) -> Int

  let url: URL
  private let temporary: String
  private var descriptor: Int32
  private var buffer: [UInt8] = []
  private let write: WriteCall
  private static let bufferSize = 1 << 16

  /// Writes a file through a closure and puts it in its place if the closure succeeds.
  ///
  /// - Parameter write: replaced by tests that need a full disk.
  /// - Throws: `.diskFull` or `.fileAccess`; the file is then as it was before and no temporary is left.
  static func write(
    to url: URL, through write: @escaping WriteCall = { Foundation.write($0, $1, $2) },
    _ body: (inout AtomicFile) throws(RuntimeError) -> Void
  ) throws(RuntimeError) {
    var file = try AtomicFile(url, write)
    try body(&file)
    try file.finish()
  }

  private init(_ url: URL, _ write: @escaping WriteCall) throws(RuntimeError) {
    self.url = url
    self.write = write
    let folder = url.deletingLastPathComponent().path
    Temporary.sweep(folder, for: url.lastPathComponent)
    temporary = "\(folder)/\(Temporary.name(for: url.lastPathComponent))"
    descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
    if descriptor < 0 { throw FileProblem.error(errno, doing: "write", url.path) }
    buffer.reserveCapacity(Self.bufferSize)
  }

  deinit {
    if descriptor >= 0 {
      close(descriptor)
      unlink(temporary)
    }
  }

  mutating func append(_ bytes: UnsafeRawBufferPointer) throws(RuntimeError) {
    if buffer.count + bytes.count < Self.bufferSize {
      buffer.append(contentsOf: bytes)
    } else {
      try flush()
      try writeAll(bytes)
    }
  }

  mutating func append(_ bytes: [UInt8]) throws(RuntimeError) {
    try bytes.withUnsafeBufferPointer { bytes throws(RuntimeError) in
      try append(UnsafeRawBufferPointer(bytes))
    }
  }

  private mutating func flush() throws(RuntimeError) {
    let pending = buffer
    buffer.removeAll(keepingCapacity: true)
    try pending.withUnsafeBufferPointer { bytes throws(RuntimeError) in
      try writeAll(UnsafeRawBufferPointer(bytes))
    }
  }

  private func writeAll(_ bytes: UnsafeRawBufferPointer) throws(RuntimeError) {
    var offset = 0
    while offset < bytes.count, let base = bytes.baseAddress {
      let written = write(descriptor, base + offset, bytes.count - offset)
      if written > 0 {
        offset += written
      } else if written == 0 || errno != EINTR {
        throw FileProblem.error(written == 0 ? ENOSPC : errno, doing: "write", url.path)
      }
    }
  }

  private mutating func finish() throws(RuntimeError) {
    try flush()
    guard fsync(descriptor) == 0 else { throw FileProblem.error(errno, doing: "write", url.path) }
    guard rename(temporary, url.path) == 0 else { throw FileProblem.error(errno, doing: "write", url.path) }
    close(descriptor)
    descriptor = -1
    FileProblem.synchronizeFolder(url.deletingLastPathComponent().path)
  }
}

/// Words for what the system says about a file.
package enum FileProblem {
  package static func error(_ code: Int32, doing verb: String, _ path: String) -> RuntimeError {
    switch code {
    case ENOSPC:
      RuntimeError(.diskFull, "There is no space left on the disk to \(verb) \(path). Nothing was changed.")
    case EDQUOT, EFBIG:
      RuntimeError(
        .diskFull, "A limit on disk use or file size does not allow to \(verb) \(path). Nothing was changed.")
    default:
      RuntimeError(.fileAccess, "Cannot \(verb) \(path): \(String(cString: strerror(code))).")
    }
  }

  /// Makes a rename last through a power failure. Some file systems cannot; that is no error.
  package static func synchronizeFolder(_ path: String) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    fsync(descriptor)
    close(descriptor)
  }

  /// - Throws: `.fileAccess` or `.diskFull`.
  package static func createFolder(_ url: URL) throws(RuntimeError) {
    do {
      try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    } catch {
      let code = ((error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError)?.code
      throw FileProblem.error(code.map { Int32($0) } ?? EACCES, doing: "create the folder", url.path)
    }
  }
}
