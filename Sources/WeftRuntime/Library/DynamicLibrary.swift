import CWeftABI
import Foundation

/// A shared library that stays open as long as the process runs: models, trainers and their threads point
/// into it, and closing one would save nothing.
package struct DynamicLibrary: @unchecked Sendable {
  package let url: URL
  // Sound to share: dlsym may be called from any thread, and the handle is never closed.
  private let handle: UnsafeMutableRawPointer

  package init(contentsOf url: URL) throws(RuntimeError) {
    let path = url.standardizedFileURL.path
    guard FileManager.default.fileExists(atPath: path) else {
      throw RuntimeError(.fileAccess, "There is no library at \(path).")
    }
    try Self.checkWhole(path)
    guard let handle = dlopen(path, RTLD_NOW | RTLD_LOCAL) else {
      let reason = dlerror().map { String(cString: $0) } ?? "no reason given"
      throw RuntimeError(
        .libraryUnusable,
        "\(path) cannot be loaded: \(reason). If it was built on another machine, or its file is damaged, "
          + "delete it and build it again."
      )
    }
    self.url = url
    self.handle = handle
  }

  /// Refuses an ELF file that is cut short, which would not fail in dlopen but kill the process (SIGBUS).
  ///
  /// Linkers put the table of sections at the end, so that the file must reach there.
  private static func checkWhole(_ path: String) throws(RuntimeError) {
    guard let file = FileHandle(forReadingAtPath: path) else {
      throw FileProblem.error(errno, doing: "read", path)
    }
    defer { try? file.close() }
    let header = Array((try? file.read(upToCount: 64)) ?? Data())
    guard header.starts(with: [0x7f, 0x45, 0x4c, 0x46]) else { return }
    func number(at offset: Int, bytes: Int) -> UInt64 {
      (0..<bytes).reduce(0) { $0 | UInt64(header[offset + $1]) << UInt64(8 * $1) }
    }
    let size = (try? file.seekToEnd()) ?? 0
    // e_shoff, e_shentsize and e_shnum of a 64-bit little-endian file.
    let isWhole =
      header.count == 64
      && number(at: 40, bytes: 8) <= size
      && number(at: 58, bytes: 2) * number(at: 60, bytes: 2) <= size - number(at: 40, bytes: 8)
    guard isWhole else {
      throw RuntimeError(.libraryUnusable, "\(path) is cut short. Delete it and build it again.")
    }
  }

  package func symbol(_ name: String) -> UnsafeMutableRawPointer? { dlsym(handle, name) }

  /// The query function of a library, called with the newest ABI that this program speaks.
  ///
  /// - Parameter name: the spec's name; `-` becomes `_`.
  func query<Table>(_ symbolName: String, as type: Table.Type) throws(RuntimeError) -> UnsafePointer<Table> {
    guard let symbol = symbol(symbolName) else {
      throw RuntimeError(
        .libraryUnusable,
        "\(url.path) has no function \(symbolName): it is not a library that Weft generated for a spec of "
          + "this name."
      )
    }
    typealias Query = @convention(c) (UInt32) -> UnsafeRawPointer?
    // Sound: the ABI gives every query function this type, up to what the returned pointer points to.
    let query = unsafeBitCast(symbol, to: Query.self)
    let hostVersion = DynamicLibrary.hostABI
    guard let table = query(hostVersion) else {
      throw RuntimeError(
        .abiMismatch,
        "\(url.path) needs a newer version of the step ABI than \(hostVersion), which this program speaks. "
          + "Use the version of Weft that generated it, or generate it again.")
    }
    // Every table starts with its version, which is read before anything else.
    let version = table.load(as: UInt32.self)
    guard version == hostVersion else {
      throw RuntimeError(
        .abiMismatch,
        "\(url.path) was generated for version \(version) of the step ABI; this program speaks version "
          + "\(hostVersion). Generate the library again.")
    }
    return table.assumingMemoryBound(to: Table.self)
  }

  static var hostABI: UInt32 { WEFT_ABI_VERSION }

  /// `ewt_hard` for `libewt_hard.so` and `libewt-hard-train.so`.
  static func modelName(of url: URL) -> String {
    var name = url.deletingPathExtension().lastPathComponent
    if name.hasPrefix("lib") { name.removeFirst(3) }
    if name.hasSuffix("-train") { name.removeLast(6) }
    return symbolName(name)
  }

  /// A spec's name as it appears in C.
  static func symbolName(_ name: String) -> String { String(name.map { $0 == "-" ? "_" : $0 }) }
}
