import Foundation
import WeftSpec

/// A licence or notice that travels with a package, since weights are made from data.
public struct LicenceFile: Sendable, Equatable {
  /// In the package's folder `LICENSES`.
  public var name: String
  public var bytes: [UInt8]

  public init(name: String, bytes: [UInt8]) {
    self.name = name
    self.bytes = bytes
  }

  /// The licences and notices that lie beside the corpora of a spec, then those that a user names. Equal texts come
  /// once.
  ///
  /// - Throws: `.file` if one cannot be read, or two that a user names have one name.
  public static func collect(_ loaded: LoadedSpec, named paths: [String]) throws(PackageError)
    -> [LicenceFile]
  {
    var files: [LicenceFile] = []
    for (corpus, path) in found(loaded) {
      let name = URL(fileURLWithPath: path).lastPathComponent
      add(LicenceFile(name: "\(corpus)-\(name)", bytes: try read(path)), to: &files)
    }
    for path in paths {
      let name = URL(fileURLWithPath: path).lastPathComponent
      guard !files.contains(where: { $0.name == name }) else {
        throw PackageError(.file, "two licence files are called \(name)", suggestion: "rename one of them")
      }
      add(LicenceFile(name: name, bytes: try read(path)), to: &files)
    }
    return files
  }

  /// Paths of the licences and notices that lie beside the corpora of a spec.
  public static func beside(_ loaded: LoadedSpec) -> [String] { found(loaded).map(\.path) }

  private static func found(_ loaded: LoadedSpec) -> [(corpus: String, path: String)] {
    loaded.spec.data.flatMap { corpus in
      let folders = (corpus.train + corpus.dev + corpus.test).map { file in
        let path = loaded.resolve(file)
        return path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
      }
      return Set(folders).sorted().flatMap { folder in
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.sorted().filter(isLicence).map { (corpus.name, folder + "/" + $0) }
      }
    }
  }

  private static func add(_ file: LicenceFile, to files: inout [LicenceFile]) {
    if files.contains(where: { $0.bytes == file.bytes }) { return }
    var file = file
    var number = 2
    let name = file.name
    while files.contains(where: { $0.name == file.name }) {
      file.name = "\(number)-\(name)"
      number += 1
    }
    files.append(file)
  }

  /// `LICENSE`, `LICENCE.txt`, `NOTICE.md`, `COPYING`…
  private static func isLicence(_ name: String) -> Bool {
    let stem = name.split(separator: ".").first.map { $0.uppercased() } ?? ""
    return ["LICENSE", "LICENCE", "NOTICE", "COPYING", "COPYRIGHT"].contains { stem.hasPrefix($0) }
  }

  private static func read(_ path: String) throws(PackageError) -> [UInt8] {
    do {
      return Array(try Data(contentsOf: URL(fileURLWithPath: path)))
    } catch {
      throw PackageError(.file, "cannot read the licence \(path)")
    }
  }
}
