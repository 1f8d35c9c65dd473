import Foundation
import Testing

/// The plugin `swift package weft`, by the script of `Examples/checked-in`.
struct PluginTests {
  /// In place of the package Weft, which takes minutes to build once more: its plugin, and an executable that becomes the
  /// one beside the tests.
  private static let package = """
    // swift-tools-version: 6.2
    import PackageDescription

    let package = Package(
      name: "weft",
      platforms: [.macOS(.v15)],
      products: [.plugin(name: "WeftTaggers", targets: ["WeftTaggers"])],
      targets: [
        .executableTarget(name: "WeftCLI"),
        .plugin(
          name: "WeftTaggers",
          capability: .command(
            intent: .custom(verb: "weft", description: "Packaged taggers."),
            permissions: [.writeToPackageDirectory(reason: "It writes packaged taggers.")]),
          dependencies: ["WeftCLI"]),
      ])
    """
  private static let executable = """
    import Foundation

    let process = Process()
    process.executableURL = URL(fileURLWithPath: "\(Weft.executable.path)")
    process.arguments = Array(CommandLine.arguments.dropFirst())
    try process.run()
    process.waitUntilExit()
    exit(process.terminationStatus)
    """

  @Test(.enabled(if: Shell.has("swift --version"), "swift is not here"))
  func checkedInTaggersAreFoundStaleAndWrittenAgain() throws {
    let folder = try TemporaryFolder()
    for part in [
      "Plugins", "Examples/data/sample", "Examples/packaged/tiny.yaml", "Examples/checked-in/Package.swift",
      "Examples/checked-in/Sources", "Examples/checked-in/weft.json", "Examples/checked-in/test.sh",
    ] {
      let target = folder.url.appendingPathComponent(part)
      try FileManager.default.createDirectory(
        at: target.deletingLastPathComponent(), withIntermediateDirectories: true)
      try FileManager.default.copyItem(at: Weft.root.appendingPathComponent(part), to: target)
    }
    try folder.write("Package.swift", Self.package)
    try folder.write("Sources/WeftCLI/main.swift", Self.executable)
    let example = folder.path + "/Examples/checked-in"
    let result = try Shell.run("./test.sh \(Weft.executable.path) .build", in: example)
    #expect(result.status == 0, "\(result.text)")
    #expect(result.text.contains("checked-in: ok"))
    // Once before it was stale, once after.
    #expect(result.text.components(separatedBy: " tags: 0 differ").count == 3)

    func plugin(_ arguments: String) throws -> Shell.Result {
      try Shell.run(
        "swift package --scratch-path .build --allow-writing-to-package-directory weft \(arguments)",
        in: example)
    }
    let unknown = try plugin("generate Taggers/other")
    #expect(unknown.status != 0)
    #expect(unknown.text.contains("no tagger in the folder 'Taggers/other'; it has Taggers/tiny"))
    try folder.write("Examples/checked-in/weft.json", #"{"taggers": [{"folder": "Taggers/tiny"}]}"#)
    let incomplete = try plugin("verify")
    #expect(incomplete.status != 0)
    #expect(incomplete.text.contains("weft.json: the key 'spec' is missing at taggers.0"))
  }
}
