import ArgumentParser
import Foundation
import WeftSpec

/// The spec that a command works on.
struct SpecArguments: ParsableArguments {
  @Argument(help: "The spec: a YAML file.", completion: .file(extensions: ["yaml", "yml"]))
  var spec: String

  @Option(
    name: .customLong("set"),
    help: ArgumentHelp(
      "Change a value of the spec, e.g. --set train.rate=0.05. May be given several times.",
      valueName: "key=value"))
  var overrides: [String] = []

  /// The spec and its changes as they are written on a command line.
  var words: [String] { [spec] + overrides.flatMap { ["--set", "'\($0)'"] } }

  /// Reads the file as what it is, an experiment or a comparison; warnings go to standard error.
  func document() throws -> SpecDocument {
    let document = try SpecLoader().document(path: spec, overrides: overrides)
    switch document {
    case .experiment(let loaded): StandardError.write(loaded.diagnostics.rendered())
    case .comparison(let comparison): StandardError.write(comparison.diagnostics.rendered())
    }
    return document
  }

  /// Reads the spec; warnings go to standard error.
  ///
  /// - Parameter masks: a folder in place of what the spec says of masks.
  func load(masks: String? = nil) throws -> LoadedSpec {
    var overrides = overrides
    if let masks {
      let path = URL(fileURLWithPath: masks).path.replacingOccurrences(of: "'", with: "''")
      overrides.append("sharing.masks='\(path)'")
    }
    let loaded = try SpecLoader().load(path: spec, overrides: overrides)
    StandardError.write(loaded.diagnostics.rendered())
    return loaded
  }
}
