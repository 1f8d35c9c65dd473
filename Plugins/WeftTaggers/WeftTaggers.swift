import Foundation
import PackagePlugin

/// `swift package weft generate` writes the taggers that a package keeps in its repository again;
/// `swift package weft verify` checks in CI that they are what they should be.
///
/// Which taggers there are stands in `weft.json` at the root of the package: see ``TaggerList``.
@main
struct WeftTaggers: CommandPlugin {
  private static let usage = """
    Usage: swift package --allow-writing-to-package-directory weft COMMAND [FOLDER ...]

      generate   write the packaged taggers of weft.json from their specs and checkpoints
      verify     check that they are what would be written, and that they answer as their models do

    FOLDER: only these taggers, by their folder in weft.json.

    EXAMPLE of weft.json:
      {"taggers": [{"folder": "Taggers/ner", "spec": "ner.yaml", "checkpoint": "runs/ner", "weights": "bf16"}]}
    Besides there may be "only" (a list of bindings), "licenses" (a list of files) and "options" (a list of further
    arguments of `weft package`).
    """

  func performCommand(context: PluginContext, arguments: [String]) async throws {
    guard let command = arguments.first, command != "--help", command != "-h" else {
      print(Self.usage)
      return
    }
    guard command == "generate" || command == "verify" else {
      throw TaggerListError("there is no command '\(command)'; there are 'generate' and 'verify'")
    }
    let list = try TaggerList(package: context.package.directoryURL)
    let tool = Tool(
      url: try context.tool(named: "WeftCLI").url, package: context.package.directoryURL,
      cache: context.pluginWorkDirectoryURL.appending(path: "cache"))
    for tagger in try list.chosen(Array(arguments.dropFirst())) {
      if command == "generate" {
        try tool.run(tagger.packaging)
      } else {
        try tool.run(tagger.packaging + ["--check"])
        try tool.run(tagger.verification)
      }
    }
  }
}

/// Runs `weft` in the folder of the package.
struct Tool {
  let url: URL
  let package: URL
  /// Where it keeps compiled code: a plugin must not write elsewhere.
  let cache: URL

  func run(_ arguments: [String]) throws {
    let process = Process()
    process.executableURL = url
    process.arguments = arguments
    process.currentDirectoryURL = package
    process.environment = ProcessInfo.processInfo.environment.merging(["WEFT_CACHE": cache.path]) { $1 }
    try process.run()
    process.waitUntilExit()
    if process.terminationReason != .exit || process.terminationStatus != 0 {
      throw TaggerListError("weft \(arguments.joined(separator: " ")): failed, see above")
    }
  }
}
