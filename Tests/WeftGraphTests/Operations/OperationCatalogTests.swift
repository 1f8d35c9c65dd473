import Foundation
import Testing
import WeftGraph

struct OperationCatalogTests {
  @Test func kindsAreUnique() {
    let kinds = OperationCatalog.all.map { $0.kind }
    #expect(Set(kinds).count == kinds.count)
  }

  /// Every type in Operations/ that adopts the protocol is listed, and its file carries its name or its forward
  /// operation's.
  @Test func theCatalogIsWhatTheFolderHolds() throws {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Sources/WeftGraph/Operations")
    var found: Set<String> = []
    for file in try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil) {
      let name = file.deletingPathExtension().lastPathComponent
      let text = try String(contentsOf: file, encoding: .utf8)
      let types = text.matches(of: #/public struct (\w+): (?:Random)?Operation \{/#).map { String($0.1) }
      #expect(types.contains(name))
      #expect(types.allSatisfy { $0 == name || $0 == name + "Gradient" })
      found.formUnion(types)
    }
    #expect(found == Set(OperationCatalog.all.map { "\($0)" }))
  }
}
