import Foundation
import Testing

/// The programs of `Examples/packaged`, each built and run as its Makefile says.
@Suite(.serialized) struct PackagedExampleTests {
  /// A copy of the example in which `make test-c` ran: the tagger is trained and packaged once for all tests.
  private struct Project: Sendable {
    let folder: TemporaryFolder
    let first: Shell.Result
    static let shared = Result { try Project() }

    private init() throws {
      folder = try TemporaryFolder()
      let parts = [
        "Integrations", "Examples/data/sample", "Examples/packaged/Makefile",
        "Examples/packaged/CMakeLists.txt",
        "Examples/packaged/tiny.yaml", "Examples/packaged/tag-file.c", "Examples/packaged/tag_file.py",
        "Examples/packaged/text", "Examples/packaged/swift/Package.swift", "Examples/packaged/swift/Sources",
      ]
      for part in parts {
        let target = folder.url.appendingPathComponent(part)
        try FileManager.default.createDirectory(
          at: target.deletingLastPathComponent(), withIntermediateDirectories: true)
        try FileManager.default.copyItem(at: Weft.root.appendingPathComponent(part), to: target)
      }
      first = try Self.make("test-c", in: folder)
    }

    /// Fast to compile; what is computed is the same.
    private static func make(_ goal: String, in folder: TemporaryFolder) throws -> Shell.Result {
      try Shell.run(
        "make -s WEFT=\(Weft.executable.path) CFLAGS=-O0 \(goal)", in: folder.path + "/Examples/packaged")
    }

    func make(_ goal: String) throws -> Shell.Result { try Self.make(goal, in: folder) }

    func run(_ command: String) throws -> Shell.Result {
      try Shell.run(command, in: folder.path + "/Examples/packaged")
    }
  }

  @Test func aCProgramTagsAFile() throws {
    let project = try Project.shared.get()
    #expect(project.first.status == 0, "\(project.first.text)")
    #expect(project.first.text.contains("tiny (C): ok") && project.first.text.contains("tiny (command): ok"))
    let lines = try project.run("cat runs/c.tsv").text.split(separator: "\n")
    #expect(lines.count > 20 && lines.allSatisfy { $0.split(separator: "\t").count == 3 })
  }

  /// The Makefile project: nothing is made twice, and everything again after the spec or data it came from change.
  @Test func makeKnowsWhatThePackageIsMadeFrom() throws {
    let project = try Project.shared.get()
    #expect(try project.run("make -q WEFT=\(Weft.executable.path) tag-file").status == 0)
    for source in ["../data/sample/dev.conll", "../data/sample/NOTICE.md", "tiny.yaml"] {
      // As if it had changed.
      let plan = try project.run("make -n -W \(source) WEFT=\(Weft.executable.path) tag-file")
      #expect(
        plan.text.contains("package tiny.yaml --checkpoint runs/tiny/model.safetensors"), "\(plan.text)")
      #expect(plan.text.contains("-o tag-file tag-file.c tiny/tiny.c tiny/tiny-weights.c"))
      #expect(plan.text.contains("train tiny.yaml") == (source == "tiny.yaml"))
    }
  }

  @Test(.enabled(if: Shell.has("python3 -m pip --version"), "python3 with pip is not here"))
  func aPythonScriptTagsAFile() throws {
    let result = try Project.shared.get().make("test-python")
    #expect(result.status == 0, "\(result.text)")
    #expect(result.text.contains("OK"))
  }

  @Test(.enabled(if: Shell.has("swift --version"), "swift is not here"))
  func aSwiftProgramTagsAFile() throws {
    let project = try Project.shared.get()
    let result = try project.make("test-swift")
    #expect(result.status == 0, "\(result.text)")
  }

  @Test(.enabled(if: Shell.has("cmake --version"), "cmake is not here"))
  func aProjectOfCMakeTagsAFile() throws {
    let project = try Project.shared.get()
    let result = try project.make("test-cmake")
    #expect(result.status == 0, "\(result.text)")
    #expect(result.text.contains("Packaging the tagger tiny"))
    let again = try project.run("cmake --build runs/cmake")
    #expect(!again.text.contains("Packaging"), "\(again.text)")
    // A source that only the dependency file names.
    let touched = try project.run("touch ../data/sample/NOTICE.md && cmake --build runs/cmake")
    #expect(touched.status == 0 && touched.text.contains("Packaging the tagger tiny"), "\(touched.text)")
    // The package itself as a project of CMake, with its own tests, and installed.
    let own = try project.run(
      """
      cmake -S tiny -B runs/own -DCMAKE_C_FLAGS=-O0 -DCMAKE_INSTALL_PREFIX=$PWD/runs/root && cmake --build runs/own \
        && (cd runs/own && ctest) && cmake --install runs/own
      """)
    #expect(own.status == 0 && own.text.contains("100% tests passed, 0 tests failed out of 2"), "\(own.text)")
    let installed = try project.run("cd runs/root && find . -type f")
    for name in [
      "tiny-config.cmake", "tiny-config-version.cmake", "include/tiny.h", "share/tiny/tiny.weights",
      "share/tiny/LICENSES/sample-NOTICE.md", "bin/tiny",
    ] {
      #expect(installed.text.contains(name))
    }
    let wrong = try project.run(
      """
      mkdir -p runs/wrong && printf '%s\\n' 'cmake_minimum_required(VERSION 3.21)' 'project(wrong LANGUAGES C)' \
        'include("${CMAKE_SOURCE_DIR}/../../../../Integrations/WeftTagger.cmake")' 'weft_tagger(NAME tiny)' \
        > runs/wrong/CMakeLists.txt && cmake -S runs/wrong -B runs/wrong/build -DWEFT=\(Weft.executable.path)
      """)
    #expect(wrong.status != 0 && wrong.text.contains("weft_tagger: SPEC is missing"))
  }
}
