import Foundation
import Subprocess
import Testing

@testable import WeftRuntime

@Suite struct AtomicFileTests {
  let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  private func write(_ count: Int, to name: String, through call: @escaping AtomicFile.WriteCall) throws {
    try AtomicFile.write(to: folder.file(name), through: call) { file throws(RuntimeError) in
      for _ in 0..<count { try file.append([UInt8](repeating: 7, count: 1000)) }
    }
  }

  @Test func shortAndInterruptedWritesGoOn() throws {
    var calls = 0
    try write(300, to: "f") { descriptor, bytes, count in
      calls += 1
      if calls % 3 == 0 {
        errno = EINTR
        return -1
      }
      return Foundation.write(descriptor, bytes, min(count, 777))
    }
    #expect(try Data(contentsOf: folder.file("f")) == Data(repeating: 7, count: 300_000))
    #expect(folder.contents() == ["f"])
  }

  /// The disk fills after some bytes: the old file stays and nothing else.
  @Test(arguments: [0, 1, 3]) func fullDiskLeavesTheOldFile(after writes: Int) throws {
    try Data("old".utf8).write(to: folder.file("f"))
    var left = writes
    let error = runtimeError {
      try write(300, to: "f") { descriptor, bytes, count in
        guard left > 0 else {
          errno = ENOSPC
          return -1
        }
        left -= 1
        return Foundation.write(descriptor, bytes, count)
      }
    }
    #expect(error?.kind == .diskFull)
    #expect(
      error?.message
        == "There is no space left on the disk to write \(folder.url.path)/f. Nothing was changed.")
    #expect(folder.contents() == ["f"])
    #expect(try String(contentsOf: folder.file("f"), encoding: .utf8) == "old")
  }

  @Test func errorsOfTheWriterLeaveNothing() {
    let error = runtimeError {
      try AtomicFile.write(to: folder.file("f")) { file throws(RuntimeError) in
        try file.append([1])
        throw RuntimeError(.invalidInput, "stop")
      }
    }
    #expect(error?.message == "stop")
    #expect(folder.contents().isEmpty)
  }

  /// A killed process leaves its temporary; the next writer of the file clears it, but not those of the living.
  @Test func leftoversOfDeadProcessesGo() async throws {
    let dead = try await Subprocess.run(.name("true"), output: .discarded).processIdentifier.value
    let own = Temporary.name(for: "f")
    let orphan = own.replacingOccurrences(of: "-\(getpid())-", with: "-\(dead)-")
    let other = Temporary.name(for: "g").replacingOccurrences(of: "-\(getpid())-", with: "-\(dead)-")
    for name in [own, orphan, other] { try Data("half".utf8).write(to: folder.file(name)) }
    try write(1, to: "f", through: { Foundation.write($0, $1, $2) })
    #expect(folder.contents() == [own, other, "f"].sorted())
  }

  @Test func foldersThatAreNotThere() {
    let error = runtimeError { try AtomicFile.write(to: folder.file("no/f")) { _ in } }
    #expect(error?.message == "Cannot write \(folder.url.path)/no/f: No such file or directory.")
  }
}

/// A real file system of 64 KB, where the system lets us have one.
@Suite(.enabled(if: TinyDisk.isPossible, "needs the right to mount a small tmpfs"))
struct FullDiskTests {
  @Test func checkpointsAndLibrariesOnAFullDisk() async throws {
    let folder = try TemporaryFolder()
    try await TinyDisk.with(folder.url) { disk in
      let url = disk.appendingPathComponent("model.safetensors")
      let small = Safetensors.Tensor("a", shape: [100], .float32(Array(repeating: 1, count: 100)))
      try Safetensors.write([small], to: url)
      let before = try Data(contentsOf: url)
      let large = Safetensors.Tensor("a", shape: [50_000], .float32(Array(repeating: 1, count: 50_000)))
      #expect(runtimeError { try Safetensors.write([large], to: url) }?.kind == .diskFull)
      #expect(try Data(contentsOf: url) == before)
      #expect(try FileManager.default.contentsOfDirectory(atPath: disk.path) == ["model.safetensors"])

      // Room for the sources and not for what becomes of them.
      try TinyDisk.fill(disk, leaving: 20_480)
      let driver = try await CompilerDriver(environment: TinyLibrary.environment(["WEFT_CACHE": disk.path]))
      let error = await runtimeErrorOfTask {
        _ = try await driver.compile(files: TinyLibrary.files(), kind: .inference, name: "tiny")
      }
      #expect(error?.kind == .diskFull, "\(error?.message ?? "no error")")
      let left = FileManager.default.enumerator(atPath: disk.path)?.compactMap { $0 as? String } ?? []
      #expect(!left.contains { $0.hasSuffix(".c") || $0.hasSuffix(".so") || $0.contains(".build.") })
    }
  }
}

private enum TinyDisk {
  static let isPossible: Bool = {
    #if os(Linux)
      guard geteuid() == 0, let folder = try? TemporaryFolder() else { return false }
      guard mount("tmpfs", folder.url.path, "tmpfs", 0, "size=64k") == 0 else { return false }
      return umount2(folder.url.path, Int32(MNT_DETACH)) == 0
    #else
      return false
    #endif
  }()

  /// Writes until no more than so many bytes are free.
  static func fill(_ folder: URL, leaving bytes: Int) throws {
    let path = folder.appendingPathComponent("filler").path
    let file = try #require(fopen(path, "w"))
    defer { fclose(file) }
    let block = [UInt8](repeating: 0, count: 4096)
    for _ in 0..<16 {
      var state = statvfs()
      try #require(statvfs(path, &state) == 0)
      if Int(state.f_bfree) * Int(state.f_frsize) <= bytes { return }
      try #require(fwrite(block, 1, block.count, file) == block.count && fflush(file) == 0)
    }
    Issue.record("the file system is not as small as it should be")
  }

  static func with(_ folder: URL, _ body: (URL) async throws -> Void) async throws {
    #if os(Linux)
      guard mount("tmpfs", folder.path, "tmpfs", 0, "size=64k") == 0 else { return }
      defer { umount2(folder.path, Int32(MNT_DETACH)) }
      try await body(folder)
    #endif
  }
}
