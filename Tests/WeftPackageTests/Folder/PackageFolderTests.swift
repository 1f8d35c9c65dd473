import Foundation
import Testing

@testable import WeftPackage

struct PackageFolderTests {
  /// A folder that goes away with the test.
  private final class Scratch {
    let url = FileManager.default.temporaryDirectory.appending(path: "weft-package-test-\(UUID().uuidString)")
    init() throws { try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true) }
    deinit { try? FileManager.default.removeItem(at: url) }

    var contents: [String] {
      ((try? FileManager.default.subpathsOfDirectory(atPath: url.path)) ?? []).sorted()
    }
  }

  /// The least that makes a folder a package.
  private static func manifest(_ name: String) -> PackageFile {
    PackageFile(
      "\(name).json",
      text: """
        {"format": "weft-package-1", "name": "\(name)", "prefix": "\(name)", "version": "1", "abi": 1,
         "toolVersion": "1", "seed": 1, "hashes": {"architecture": "", "data": "", "recipe": ""}, "weights": "fp32",
         "bytes": {}, "checksum": "", "bindings": [], "limits": {"tokens": 1, "scalars": 1}, "tasks": [],
         "scores": {}, "licences": []}
        """)
  }

  @Test func aPackageTakesThePlaceOfAnOlderOne() throws {
    let scratch = try Scratch()
    let folder = PackageFolder(scratch.url.appending(path: "out/tagger"))
    try folder.write([Self.manifest("old"), PackageFile("cli/old.c", text: "old")])
    #expect(
      scratch.contents == [
        "out", "out/tagger", "out/tagger/cli", "out/tagger/cli/old.c", "out/tagger/old.json",
      ])
    try folder.write([Self.manifest("new")])
    #expect(scratch.contents == ["out", "out/tagger", "out/tagger/new.json"])
    #expect(try PackageManifest(folder: folder.url).name == "new")
  }

  @Test func anEmptyFolderIsTaken() throws {
    let scratch = try Scratch()
    try PackageFolder(scratch.url).write([Self.manifest("tagger")])
    #expect(scratch.contents == ["tagger.json"])
  }

  @Test func otherFoldersAndFilesAreLeftAlone() throws {
    let scratch = try Scratch()
    let file = scratch.url.appending(path: "notes.json")
    try Data("{}".utf8).write(to: file)
    for place in [scratch.url, file] {
      #expect(throws: PackageError.self) { try PackageFolder(place).write([Self.manifest("tagger")]) }
    }
    #expect(scratch.contents == ["notes.json"])
  }

  @Test func aManifestOfAnotherNameIsNone() throws {
    let scratch = try Scratch()
    try Data(Self.manifest("tagger").bytes).write(to: scratch.url.appending(path: "other.json"))
    #expect(throws: PackageError.self) { try PackageManifest(folder: scratch.url) }
  }
}
