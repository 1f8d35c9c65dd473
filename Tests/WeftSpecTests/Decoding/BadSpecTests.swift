import Foundation
import Testing
import WeftSpec

/// Each file of `Bad` gives exactly the text of the `.expected` file beside it.
@Suite struct BadSpecTests {
  /// The files of `Bad` by their bare names, so that no path of a machine gets into a message.
  static let files = SpecFiles { path throws(FileReadError) in
    try SpecFiles.disk.read(Goldens.folder.appendingPathComponent("Bad/\(path)").path)
  }

  @Test(arguments: try Goldens.files(in: "Bad", extension: "yaml").map(\.lastPathComponent))
  func message(name: String) throws {
    let text: String
    do {
      let loaded = try SpecLoader(files: Self.files).load(path: name)
      #expect(!loaded.diagnostics.isEmpty, "\(name) is a good spec")
      text = loaded.diagnostics.rendered()
    } catch {
      text = error.description
    }
    let expected = Goldens.folder.appendingPathComponent("Bad/\(name)").deletingPathExtension()
      .appendingPathExtension("expected")
    let difference = try Goldens.difference(text + "\n", with: expected)
    #expect(difference == nil, Comment(rawValue: difference ?? ""))
  }
}
