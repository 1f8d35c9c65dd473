/// `README.md` of a package.
enum PackageReadme {
  static func file(
    _ tagger: TaggerInterface, bindings: Set<PackageBinding>, licences: [LicenceFile]
  ) throws(PackageError) -> PackageFile {
    var values = tagger.values
    values["TOOL_VERSION"] = tagger.toolVersion
    values["WEIGHTS"] = tagger.weights.rawValue
    values["TASK_TABLE"] = table(
      ["task", "tags"], tagger.tasks.map { [$0.name, "\($0.tags.count): " + tags($0.tags)] })
    let columns = tagger.tasks.map(\.name) + ["mean"]
    let scores = tagger.scores.sorted { $0.key < $1.key }.filter { !$0.value.isEmpty }
    values["SCORE_TABLE"] =
      scores.isEmpty
      ? "It was packaged without scores."
      : table(
        ["score"] + columns,
        scores.map { part, values in [part] + columns.map { values[$0].map(TaggerInterface.points) ?? "" } })
    let module = tagger.names.module
    let name = tagger.names.name
    values["CMAKE_SENTENCE"] = bindings.contains(.cmake) ? ", or CMake" : ""
    values["CMAKE_SECTION"] =
      bindings.contains(.cmake)
      ? """

      ## CMake

      ```cmake
      add_subdirectory(\(name))
      target_link_libraries(app PRIVATE \(name)::\(name))
      ```

      """ : ""
    values["SWIFT_SECTION"] =
      bindings.contains(.swift)
      ? """

      ## Swift

      ```swift
      // Package.swift: .package(path: "\(name)"), and .product(name: "\(module)", package: "\(name)")
      import \(module)

      var session = try Session(Tagger())
      try session.tag(["Ann", "lives", "in", "Oslo", "."])
      print(session.tags(\(SwiftBinding.firstTagType(tagger)).self))
      ```

      """ : ""
    values["PYTHON_SECTION"] =
      bindings.contains(.python)
      ? """

      ## Python

      `pip wheel ./python` makes a wheel, `pip install ./python` installs it; both compile the C.

      ```python
      from \(tagger.names.prefix) import Tagger

      Tagger().tag(["Ann", "lives", "in", "Oslo", "."], task="\(tagger.tasks.first?.name ?? "")")
      ```

      """ : ""
    values["TEST_SENTENCES"] =
      (bindings.contains(.swift) ? " `swift test` tests the Swift library." : "")
      + (bindings.contains(.python) ? " `python test/test_python.py` tests the installed wheel." : "")
    values["LICENCES"] =
      licences.isEmpty
      ? "Nothing was found beside the training data. Ask whoever made this package under which terms its weights may be used."
      : "The weights were trained on data under the terms in `LICENSES/`:\n\n"
        + licences.map { "- `LICENSES/\($0.name)`\n" }.joined()
    return try PackageFile("README.md", template: "readme/README.md", values)
  }

  private static func tags(_ tags: [String]) -> String {
    let shown = tags.prefix(8).map { "`\($0.replacing("|", with: "\\|"))`" }.joined(separator: " ")
    return shown + (tags.count > 8 ? " …" : "")
  }

  private static func table(_ head: [String], _ rows: [[String]]) -> String {
    let lines = [head, head.map { _ in "---" }] + rows
    return lines.map { "| " + $0.joined(separator: " | ") + " |" }.joined(separator: "\n")
  }
}
