import Foundation
import WeftCodegen
import WeftSpec

/// `<name>.json`: what a package is and where it comes from. The resolved spec stands in it under `spec`.
public struct PackageManifest: Sendable, Equatable, Codable {
  public struct Task: Sendable, Equatable, Codable {
    public var name: String
    public var labels: [String]
    public var tags: [String]
  }
  public struct Hashes: Sendable, Equatable, Codable {
    public var architecture: String
    public var data: String
    public var recipe: String
  }
  public struct Limits: Sendable, Equatable, Codable {
    public var tokens: Int
    public var scalars: Int
  }

  public static let format = "weft-package-1"

  /// Tells a package from other folders.
  public var format: String
  public var name: String
  /// Of C symbols.
  public var prefix: String
  public var version: String
  public var abi: Int
  /// Of Weft.
  public var toolVersion: String
  public var seed: UInt64
  public var hashes: Hashes
  public var weights: String
  /// Bytes of the blob by what they are for.
  public var bytes: [String: Int]
  /// XXH64 of the blob, as in its header.
  public var checksum: String
  public var bindings: [String]
  public var limits: Limits
  public var tasks: [Task]
  public var scores: [String: [String: Double]]
  public var licences: [String]

  init(
    _ tagger: TaggerInterface, seed: UInt64, blob: PackageBlob, bindings: Set<PackageBinding>,
    licences: [LicenceFile]
  ) {
    format = Self.format
    name = tagger.names.name
    prefix = tagger.names.prefix
    version = tagger.version
    abi = tagger.abi
    toolVersion = tagger.toolVersion
    self.seed = seed
    hashes = Hashes(
      architecture: tagger.architectureHash, data: tagger.dataHash, recipe: tagger.recipeHash)
    weights = tagger.weights.rawValue
    bytes = blob.sizes
    checksum = blob.bytes[24..<32].reversed().map { byte in
      (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }.joined()
    self.bindings = bindings.map(\.rawValue).sorted()
    limits = Limits(tokens: tagger.tokens, scalars: tagger.scalars)
    tasks = tagger.tasks.map { Task(name: $0.name, labels: $0.labels, tags: $0.tags) }
    scores = tagger.scores
    self.licences = licences.map(\.name)
  }

  /// The file: the manifest, with the spec as its last value.
  func file(spec: Spec) throws -> PackageFile {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    // All of it but the closing brace, before which the spec goes.
    var body = String(decoding: try encoder.encode(self), as: UTF8.self)
    while let last = body.last, last == "}" || last.isWhitespace {
      body.removeLast()
      if last == "}" { break }
    }
    while body.last?.isWhitespace == true { body.removeLast() }
    let resolved = spec.withoutFolders.resolvedJSON()
    return PackageFile("\(name).json", text: "\(body),\n  \"spec\" : \(resolved)\n}\n")
  }

  /// The manifest of a package.
  ///
  /// - Throws: `.file` if the folder is no package.
  public init(folder: URL) throws(PackageError) {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    for name in names.sorted() where name.hasSuffix(".json") {
      guard let data = try? Data(contentsOf: folder.appending(path: name)),
        let manifest = try? JSONDecoder().decode(Self.self, from: data), manifest.format == Self.format,
        manifest.name + ".json" == name
      else { continue }
      self = manifest
      return
    }
    throw PackageError(
      .file, "\(folder.path) is not a package: no JSON file in it says so",
      suggestion: "make one with 'weft package SPEC --checkpoint RUN -o \(folder.lastPathComponent)'")
  }
}

extension Spec {
  /// The spec without the folders that its files were in, which are nobody's business but the trainer's.
  var withoutFolders: Spec {
    func name(_ path: String) -> String { path.split(separator: "/").last.map(String.init) ?? path }
    var spec = self
    for index in spec.data.indices {
      spec.data[index].train = spec.data[index].train.map(name)
      spec.data[index].dev = spec.data[index].dev.map(name)
      spec.data[index].test = spec.data[index].test.map(name)
      if case .file(let path)? = spec.data[index].domains { spec.data[index].domains = .file(name(path)) }
    }
    if let vectors = spec.network.words?.vectors { spec.network.words?.vectors = name(vectors) }
    if case .file(let path)? = spec.network.words?.vocabulary {
      spec.network.words?.vocabulary = .file(name(path))
    }
    switch spec.sharing.masks {
    case .folder(let path): spec.sharing.masks = .folder(name(path))
    case .files(let files): spec.sharing.masks = .files(files.mapValues(name))
    case .randomLike(let path): spec.sharing.masks = .randomLike(name(path))
    case .found, .random: break
    }
    if let start = spec.train.initialize { spec.train.initialize = name(start) }
    return spec
  }
}
