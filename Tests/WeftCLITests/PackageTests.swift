import Foundation
import Testing

/// `weft package` and `weft verify`, and what is built from a package with nothing but a C compiler.
struct PackageTests {
  /// The package of the shared sample, made when the first test asks.
  private struct Made: Sendable {
    let folder: TemporaryFolder
    let result: Weft.Result
    var path: String { folder.path + "/sample" }
    static let shared = Swift.Result { try Made() }

    private init() throws {
      let sample = try TrainedSample.shared.get()
      folder = try TemporaryFolder()
      result = try Weft.run([
        "package", sample.spec, "--checkpoint", sample.run, "-o", folder.path + "/sample",
      ])
    }
  }

  /// A copy of the package that tests may build in and change. It goes away with its last user.
  private final class Copy: Sendable {
    let folder: TemporaryFolder
    var path: String { folder.path + "/sample" }

    init(of made: Made) throws {
      folder = try TemporaryFolder()
      try FileManager.default.copyItem(atPath: made.path, toPath: path)
    }

    func run(_ command: String) throws -> (status: Int32, text: String) {
      try PackageTests.run(command, in: path)
    }
  }

  /// A copy in which `make test install` ran: the C is compiled once for all tests.
  private struct Built: Sendable {
    let copy: Copy
    let status: Int32
    let text: String
    static let shared = Swift.Result { try Built() }

    private init() throws {
      copy = try Copy(of: Made.shared.get())
      (status, text) = try copy.run("make -s CFLAGS=-O1 test install PREFIX=/opt/it DESTDIR=$PWD/root")
    }
  }

  /// Runs a command of this machine.
  private static func run(_ command: String, in folder: String) throws -> (status: Int32, text: String) {
    let process = Process()
    let output = FileManager.default.temporaryDirectory.appendingPathComponent(
      "weft-out-\(UUID().uuidString)")
    try Data().write(to: output)
    defer { try? FileManager.default.removeItem(at: output) }
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", command]
    process.currentDirectoryURL = URL(fileURLWithPath: folder)
    let handle = try FileHandle(forUpdating: output)
    process.standardOutput = handle
    process.standardError = handle
    try process.run()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: try Data(contentsOf: output), as: UTF8.self))
  }

  @Test func itSaysHowLargeEverythingIs() throws {
    let made = try Made.shared.get()
    #expect(made.result.status == 0, "\(made.result.errors)")
    for part in [
      "weights: parameters", "weights: vocabularies", "code", "memory of the open model",
      "memory of a session",
    ] {
      #expect(made.result.output.contains(part))
    }
    let files = made.folder.contents
    for name in [
      "sample.c", "sample.h", "sample.weights", "sample-weights.S", "sample.json", "sample.pc.in", "Makefile",
      "CMakeLists.txt", "Package.swift", "README.md", "cli/sample-main.c", "python/pyproject.toml",
      "test/expected.tsv",
      "LICENSES/sample-NOTICE.md",
    ] {
      #expect(files.contains("sample/" + name), "\(name)")
    }
    #expect(files.allSatisfy { !$0.contains(".tmp") })
  }

  @Test func equalInputsGiveEqualBytesAndNoPathsOfTheMachine() throws {
    let made = try Made.shared.get()
    let sample = try TrainedSample.shared.get()
    let again = try TemporaryFolder()
    let result = try Weft.run(
      ["package", sample.spec, "--checkpoint", sample.run, "-o", again.path + "/sample"], in: again.url)
    #expect(result.status == 0, "\(result.errors)")
    #expect(try Self.run("diff -r \(made.path) sample", in: again.path).status == 0)
    let found = try Self.run(
      "grep -rlF -e \(sample.folder.path) -e \(Weft.root.path) -e \(made.folder.path) .", in: made.path)
    #expect(found.text.isEmpty)
  }

  @Test func theCLibraryAndTheCommandPassTheirTests() throws {
    let built = try Built.shared.get()
    #expect(built.status == 0, "\(built.text)")
    #expect(built.text.contains("sample (C): ok"))
    #expect(built.text.contains("sample (command): ok"))
    let installed = try built.copy.run(
      "cd root/opt/it && ls include lib lib/pkgconfig bin && cat lib/pkgconfig/sample.pc")
    for name in ["sample.h", "libsample.a", "sample.pc", "prefix=/opt/it"] {
      #expect(installed.text.contains(name))
    }
  }

  @Test func theCommandAnswersAsWeftTagDoes() throws {
    let copy = try Built.shared.get().copy
    let tagged = try Weft.run(
      ["tag", "--model", TrainedSample.shared.get().run, "--input", "text"],
      input: "Ann lives in Oslo .\nstraße 東京\n")
    let words = #"printf 'Ann\nlives\nin\nOslo\n.\n\nstraße\n東京\n\n' | "#
    #expect(try copy.run(words + "./sample --words").text == tagged.output)
    // A sentence may be as long as the limit, and no longer.
    #expect(try copy.run("yes word | head -n 30 | ./sample --words | wc -l").text.contains("31"))
    let long = try copy.run("yes word | head -n 31 | ./sample --words")
    #expect(long.status == 65 && long.text.contains("a sentence is longer than 30 tokens: line 31"))
    #expect(try copy.run("yes word | head -n 31 | ./sample | grep -c word").text == "31\n")
    #expect(try copy.run(words + "./sample --task chunk").status == 2)
    #expect(try copy.run(words + "./sample > /dev/full").status == 74)
  }

  @Test func aPackageAnswersAsItsModelDoes() throws {
    let made = try Made.shared.get()
    let sample = try TrainedSample.shared.get()
    let result = try Weft.run(["verify", made.path, "--checkpoint", sample.run])
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.output.hasPrefix("100 sentences, "))
    #expect(result.output.contains(" tags: 0 differ"))
    let file = try made.folder.write("more.conll", "Oslo\n\nOne\nword\n")
    let more = try Weft.run(["verify", made.path, "--checkpoint", sample.run, "--corpus", file])
    #expect(more.status == 0, "\(more.errors)")
    #expect(more.output.hasPrefix("2 sentences, 3 tokens, 6 tags: 0 differ"))
  }

  @Test func damageIsFound() throws {
    let copy = try Copy(of: Made.shared.get())
    let run = try TrainedSample.shared.get().run
    let url = URL(fileURLWithPath: copy.path + "/sample.weights")
    var blob = try Data(contentsOf: url)
    blob[blob.count / 2] ^= 1
    try blob.write(to: url)
    let weights = try Weft.run(["verify", copy.path, "--checkpoint", run])
    #expect(weights.status == 65)
    #expect(weights.errors.contains("are not those of this checkpoint"))
    let empty = try TemporaryFolder()
    let none = try Weft.run(["verify", empty.path, "--checkpoint", run])
    #expect(none.status == 74)
    #expect(none.errors.contains("is not a package"))
  }

  @Test(arguments: ["bf16", "int8"])
  func fewerBitsAreTriedOutFirst(weights: String) throws {
    let sample = try TrainedSample.shared.get()
    let folder = try TemporaryFolder()
    let result = try Weft.run([
      "package", sample.spec, "--checkpoint", sample.run, "--weights", weights, "--max-score-drop", "100",
      "--only", "c",
      "-o", folder.path + "/out",
    ])
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.output.contains("dev scores with the weights in \(weights)"))
    // Vocabularies and biases stay as they are.
    func size(_ path: String) throws -> Int {
      let data = try Data(contentsOf: URL(fileURLWithPath: path + "/sample.json"))
      let manifest = try JSONSerialization.jsonObject(with: data) as? [String: Any]
      return try #require((manifest?["bytes"] as? [String: Int])?["parameters"])
    }
    let limit = weights == "bf16" ? 60 : 45
    #expect(try size(folder.path + "/out") < size(Made.shared.get().path) * limit / 100)
    #expect(!folder.contents.contains("out/Package.swift") && !folder.contents.contains("out/python"))
    let verified = try Weft.run(["verify", folder.path + "/out", "--checkpoint", sample.run])
    #expect(verified.status == 0, "\(verified.output)\(verified.errors)")
  }

  @Test func foldersOfOthersAreNotReplaced() throws {
    let sample = try TrainedSample.shared.get()
    let folder = try TemporaryFolder()
    try folder.write("notes.txt", "mine")
    let result = try Weft.run(["package", sample.run, "-o", folder.path])
    #expect(result.status == 74)
    #expect(result.errors.contains("is not a package of Weft, so it is not replaced"))
    #expect(folder.contents == ["notes.txt"])
    let word = try Weft.run(["package", sample.run, "--only", "c,perl", "-o", folder.path + "/x"])
    #expect(word.status == 2)
  }

  @Test func sourcesAreToldToMake() throws {
    let sample = try TrainedSample.shared.get()
    let folder = try TemporaryFolder()
    let licence = try folder.write("my terms.txt", "free")
    let result = try Weft.run([
      "package", sample.spec, "--checkpoint", sample.run, "--only", "c", "--license", licence, "-o",
      folder.path + "/out", "--depfile", folder.path + "/out.d",
    ])
    #expect(result.status == 0, "\(result.errors)")
    let rule = try folder.text("out.d")
    #expect(
      rule.hasPrefix(
        "\(folder.path)/out/sample.c \(folder.path)/out/sample.h \(folder.path)/out/sample.weights: "))
    #expect(
      rule.contains(sample.spec) && rule.contains("model.safetensors") && rule.contains("my\\ terms.txt:\n"))
    #expect(folder.contents.contains("out/LICENSES/my terms.txt"))
  }
}
