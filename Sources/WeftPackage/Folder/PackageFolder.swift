import Foundation
import WeftRuntime

/// A package on the disk. It appears whole or not at all.
public struct PackageFolder: Sendable {
  public let url: URL

  public init(_ url: URL) { self.url = url }

  /// Checks that a package may be written here: nothing is here, an empty folder, or another package.
  ///
  /// - Throws: `.file`.
  public func checkReplaceable() throws(PackageError) {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder) else { return }
    if isFolder.boolValue {
      if (try? FileManager.default.contentsOfDirectory(atPath: url.path))?.isEmpty == true { return }
      if (try? PackageManifest(folder: url)) != nil { return }
    }
    throw PackageError(
      .file, "\(url.path) is there already and is not a package of Weft, so it is not replaced",
      suggestion: "choose another folder with -o, or remove it")
  }

  /// Paths of files that are missing here or hold other bytes. What else is here, such as build products, is nobody's
  /// business.
  public func differences(from files: [PackageFile]) -> [String] {
    files.filter { file in
      let stored = try? Data(contentsOf: url.appending(path: file.path))
      return stored.map { !$0.elementsEqual(file.bytes) } ?? true
    }.map(\.path)
  }

  /// Writes a package beside its place, then puts it there by renaming; an older package goes away.
  ///
  /// - Throws: `.file`, or `RuntimeError` if the disk is full or the folder cannot be written.
  public func write(_ files: [PackageFile]) throws {
    try checkReplaceable()
    let place = url.standardizedFileURL
    let parent = place.deletingLastPathComponent()
    try FileProblem.createFolder(parent)
    Temporary.sweep(parent.path, for: place.lastPathComponent)
    func temporary() -> URL {
      parent.appending(path: Temporary.name(for: place.lastPathComponent), directoryHint: .isDirectory)
    }
    let fresh = temporary()
    defer { try? FileManager.default.removeItem(at: fresh) }
    try FileProblem.createFolder(fresh)
    for file in files {
      let target = fresh.appending(path: file.path)
      try FileProblem.createFolder(target.deletingLastPathComponent())
      do {
        try Data(file.bytes).write(to: target)
      } catch {
        throw PackageError(.file, "cannot write \(target.path): \(error.localizedDescription)")
      }
    }
    let old = temporary()
    // A rename onto an empty folder takes its place; one onto a full folder fails, so that is moved away first.
    let isMoved = (try? PackageManifest(folder: place)) != nil && rename(place.path, old.path) == 0
    guard rename(fresh.path, place.path) == 0 else {
      let code = errno
      if isMoved { rename(old.path, place.path) }
      throw FileProblem.error(code, doing: "write", place.path)
    }
    if isMoved { try? FileManager.default.removeItem(at: old) }
    FileProblem.synchronizeFolder(parent.path)
  }
}
