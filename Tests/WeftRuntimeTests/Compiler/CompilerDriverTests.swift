import Foundation
import Testing
import WeftCodegen

@testable import WeftRuntime

@Suite struct CompilerDriverTests {
  let folder: TemporaryFolder
  let source = GeneratedFile(name: "m.c", contents: "int m(void);\nint m(void) { return 1; }\n")

  init() throws { folder = try TemporaryFolder() }

  private func driver(_ changes: [String: String] = [:]) async throws -> CompilerDriver {
    try await CompilerDriver(
      environment: TinyLibrary.environment(["WEFT_CACHE": folder.url.path].merging(changes) { $1 }))
  }

  @Test func secondTimeComesFromTheCache() async throws {
    let driver = try await driver()
    let first = try await driver.compile(files: [source], kind: .inference, name: "m")
    let date = try FileManager.default.attributesOfItem(atPath: first.path)[.modificationDate] as? Date
    let second = try await driver.compile(files: [source], kind: .inference, name: "m")
    #expect(first == second)
    #expect(first.deletingPathExtension().lastPathComponent == "libm")
    #expect(try FileManager.default.attributesOfItem(atPath: second.path)[.modificationDate] as? Date == date)
  }

  @Test func keyDependsOnSourcesHeadersAndCompilerOnly() async throws {
    let driver = try await driver()
    let header = GeneratedFile(name: "m.h", contents: "/* 1 */\n")
    let first = try await driver.compile(files: [source, header], kind: .inference, name: "m")
    let irrelevant = [
      GeneratedFile(name: "m.json", contents: "{}"), GeneratedFile(name: "m-train.c", contents: "?"), header,
      source,
    ]
    #expect(try await driver.compile(files: irrelevant, kind: .inference, name: "m") == first)
    let other = GeneratedFile(name: "m.h", contents: "/* 2 */\n")
    #expect(try await driver.compile(files: [source, other], kind: .inference, name: "m") != first)
    let wrapper = try folder.script("cc", "exec clang \"$@\"")
    let wrapped = try await self.driver(["WEFT_CC": wrapper.path])
    #expect(try await wrapped.compile(files: [source, header], kind: .inference, name: "m") != first)
  }

  @Test func compilerMayHaveArguments() async throws {
    let log = folder.file("log")
    let wrapper = try folder.script("launcher", "echo \"$@\" >> '\(log.path)'\nexec \"$@\"")
    let driver = try await driver(["WEFT_CC": "\(wrapper.path) clang"])
    _ = try await driver.compile(files: [source], kind: .inference, name: "m")
    let lines = try String(contentsOf: log, encoding: .utf8).split(separator: "\n")
    #expect(lines.first == "clang --version")
    #expect(
      lines.last
        == "clang -std=c11 -O2 -fPIC -shared -fvisibility=hidden -ffp-contract=off -o libm.so m.c -lm"
        || lines.last
          == "clang -std=c11 -O2 -fPIC -shared -fvisibility=hidden -ffp-contract=off -o libm.dylib m.c -lm"
    )
  }

  @Test func cacheFolderFollowsTheEnvironment() async throws {
    var environment = ProcessInfo.processInfo.environment
    environment["HOME"] = "/somewhere/someone"
    environment["WEFT_CACHE"] = nil
    environment["XDG_CACHE_HOME"] = nil
    #expect(try await CompilerDriver(environment: environment).cache.path == "/somewhere/someone/.cache/weft")
    environment["XDG_CACHE_HOME"] = "/var/caches"
    #expect(try await CompilerDriver(environment: environment).cache.path == "/var/caches/weft")
    environment["WEFT_CACHE"] = "/elsewhere"
    #expect(try await CompilerDriver(environment: environment).cache.path == "/elsewhere")
  }

  @Test func manyBuildersOfOneLibraryAgree() async throws {
    let driver = try await driver()
    let files = [source]
    let urls = try await withThrowingTaskGroup(of: URL.self) { group in
      for _ in 0..<8 { group.addTask { try await driver.compile(files: files, kind: .inference, name: "m") } }
      return try await group.reduce(into: Set<URL>()) { $0.insert($1) }
    }
    #expect(urls.count == 1)
    let names = folder.contents().map { URL(fileURLWithPath: $0).lastPathComponent }
    #expect(names.count { $0.hasPrefix("libm.") } == 1)
    #expect(!names.contains { $0.hasPrefix(".build.") })
  }

  @Test func withoutACompilerTheCacheStillServes() async throws {
    let built = try await driver().compile(files: [source], kind: .inference, name: "m")
    let bare = try await driver(["PATH": folder.url.path, "CC": "", "WEFT_CC": ""])
    #expect(bare.compiler == nil)
    #expect(try await bare.compile(files: [source], kind: .inference, name: "m") == built)
    let unbuilt = GeneratedFile(name: "m.c", contents: "int n;\n")
    let error = await runtimeErrorOfTask {
      _ = try await bare.compile(files: [unbuilt], kind: .inference, name: "m")
    }
    #expect(error?.kind == .compilerMissing)
    #expect(
      error?.message.hasPrefix("clang was not found, nor gcc. Install one (`apt-get install clang`") == true)
  }

  @Test(arguments: ["WEFT_CC", "CC"]) func namedCompilerMustExist(variable: String) async throws {
    let error = await runtimeErrorOfTask {
      _ = try await driver(
        variable == "CC" ? ["WEFT_CC": "", "CC": "no-such-cc"] : ["WEFT_CC": "no-such-cc"])
    }
    #expect(error?.kind == .compilerMissing)
    #expect(
      error?.message
        == "The environment variable \(variable) names the C compiler `no-such-cc`, which was not found. Install it "
        + "or unset \(variable).")
  }

  @Test(
    arguments: [
      ("Debian clang version 14.0.6", nil), ("Apple clang version 12.0.0 (clang-1200)", nil),
      ("Ubuntu clang version 11.0.1-2", "clang 14"), ("gcc (Debian 10.2.1-6) 10.2.1 20210110", "gcc 12"),
      ("gcc (Debian 12.2.0-14+deb12u1) 12.2.0", nil), ("gcc (GCC) 9.4.0", "gcc 12"), ("tcc of a kind", nil),
    ] as [(String, String?)])
  func oldCompilersAreRefused(version: String, wanted: String?) {
    let error = runtimeError { try CompilerSearch.checkAge("/bin/cc", version) }
    #expect(error?.message == wanted.map { "/bin/cc is \(version); generated code needs \($0) or newer." })
  }

  @Test func failureShowsDiagnosticsAndKeepsSources() async throws {
    let bad = GeneratedFile(name: "m.c", contents: "int m(void) { return nothing; }\n")
    let driver = try await driver()
    let error = await runtimeErrorOfTask {
      _ = try await driver.compile(files: [bad], kind: .inference, name: "m")
    }
    #expect(error?.kind == .compilerFailed)
    let message = try #require(error?.message)
    #expect(message.contains("could not compile `m`:"))
    #expect(message.contains("m.c:1:") && message.contains("nothing"))
    let kept = try #require(folder.contents().first { $0.hasSuffix("/m.c") })
    #expect(kept.hasPrefix("failed-"))
    #expect(message.contains("The sources are kept in \(folder.url.path)/\(kept.dropLast(4))."))
    #expect(!folder.contents().contains { $0.contains(".build.") })
  }

  @Test func compilerThatReportsAFullDiskLeavesNothing() async throws {
    let fake = try folder.script(
      "cc",
      "[ \"$1\" = --version ] && { echo fake 1; exit 0; }\necho 'error: m.o: No space left on device' >&2\nexit 1"
    )
    let driver = try await driver(["WEFT_CC": fake.path])
    let error = await runtimeErrorOfTask {
      _ = try await driver.compile(files: [source], kind: .inference, name: "m")
    }
    #expect(error?.kind == .diskFull)
    #expect(!folder.contents().contains { $0.hasSuffix("m.c") || $0.hasSuffix(".so") })
  }

  @Test func compilerThatWritesNothingIsNoSuccess() async throws {
    let fake = try folder.script("cc", "echo fake 1")
    let driver = try await driver(["WEFT_CC": fake.path])
    let error = await runtimeErrorOfTask {
      _ = try await driver.compile(files: [source], kind: .inference, name: "m")
    }
    #expect(error?.kind == .compilerFailed)
  }

  @Test func thereMustBeCodeOfTheKind() async throws {
    let driver = try await driver()
    let error = await runtimeErrorOfTask {
      _ = try await driver.compile(files: [source], kind: .training, name: "m")
    }
    #expect(error?.message == "There is no generated training code for `m`.")
  }
}
