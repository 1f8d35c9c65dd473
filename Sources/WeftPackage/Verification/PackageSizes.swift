import Foundation
import WeftRuntime

/// How large a package is, in bytes.
public struct PackageSizes: Sendable, Equatable {
  /// The compiled library without weights, all instruction sets in it.
  public var code: Int
  /// The blob by what it holds.
  public var weights: [String: Int]
  /// The whole blob.
  public var blob: Int
  /// Memory of an open model, besides the blob, which is mapped.
  public var model: Int
  /// Memory of a session with default limits, and of one for single sentences of 100 tokens.
  public var session: Int
  public var smallSession: Int

  /// Compiles a package and asks it.
  public init(of folder: PackageFolder, compiler: CompilerDriver) async throws {
    let manifest = try PackageManifest(folder: folder.url)
    let library = try await PackageLibrary(folder: folder.url, manifest: manifest, compiler: compiler)
    func size(_ url: URL) -> Int {
      ((try? FileManager.default.attributesOfItem(atPath: url.path))?[.size] as? NSNumber)?.intValue ?? 0
    }
    code = size(library.url)
    weights = manifest.bytes
    blob = size(folder.url.appending(path: "\(manifest.name).weights"))
    model = try library.modelSize()
    session = try library.sessionSize()
    smallSession = try library.sessionSize(
      PackageLibrary.Limits(tokens: 100, scalars: 64, sentences: 1, paths: 1, batchTokens: 100))
  }
}
