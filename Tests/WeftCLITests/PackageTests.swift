import Foundation
import Testing

/// `weft package` and `weft verify`, and what is built from a package with nothing but a C compiler.
struct PackageTests {
  /// The package of the shared sample, made when the first test asks.
  private struct Made: Sendable {
    let folder: TemporaryFolder
    let result: Weft.Result
    var path: String { folder.path + "/sample" }
    static let shared = Result { try Made() }

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

    func run(_ command: String) throws -> Shell.Result {
      try Shell.run(command, in: path)
    }
  }

  /// A copy in which `make test install` ran: the C is compiled once for all tests.
  private struct Built: Sendable {
    let copy: Copy
    let result: Shell.Result
    static let shared = Result { try Built() }

    private init() throws {
      copy = try Copy(of: Made.shared.get())
      result = try copy.run("make -s CFLAGS=-O1 test install PREFIX=/opt/it DESTDIR=$PWD/root")
    }
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
      "sample.c", "sample.h", "sample.weights", "sample-weights.c", "sample.json", "sample.pc.in", "Makefile",
      "CMakeLists.txt", "Package.swift", "README.md", "cli/sample-main.c", "python/pyproject.toml",
      "test/expected.tsv",
      "LICENSES/sample-NOTICE.md",
    ] {
      #expect(files.contains("sample/" + name), "\(name)")
    }
    #expect(files.allSatisfy { !$0.contains(".tmp") })
  }

  @Test func stalePackagesAreFound() throws {
    let copy = try Copy(of: Made.shared.get())
    let sample = try TrainedSample.shared.get()
    let check = ["package", sample.spec, "--checkpoint", sample.run, "-o", copy.path, "--check"]
    let fresh = try Weft.run(check)
    #expect(fresh.status == 0, "\(fresh.errors)")
    #expect(fresh.output.hasSuffix("files as they would be written\n"))
    // Build products do not matter; changed and missing files do.
    #expect(try copy.run("touch sample.o && echo >> sample.h && rm python/pyproject.toml").status == 0)
    let stale = try Weft.run(check)
    #expect(stale.status == 1)
    #expect(stale.errors.contains("would be written: python/pyproject.toml, sample.h\n"))
    #expect(try copy.run("test ! -e python/pyproject.toml").status == 0)
  }

  @Test func equalInputsGiveEqualBytesAndNoPathsOfTheMachine() throws {
    let made = try Made.shared.get()
    let sample = try TrainedSample.shared.get()
    let again = try TemporaryFolder()
    let result = try Weft.run(
      ["package", sample.spec, "--checkpoint", sample.run, "-o", again.path + "/sample"], in: again.url)
    #expect(result.status == 0, "\(result.errors)")
    #expect(try Shell.run("diff -r \(made.path) sample", in: again.path).status == 0)
    let found = try Shell.run(
      "grep -rlF -e \(sample.folder.path) -e \(Weft.root.path) -e \(made.folder.path) .", in: made.path)
    #expect(found.text.isEmpty)
  }

  @Test func theCLibraryAndTheCommandPassTheirTests() throws {
    let built = try Built.shared.get()
    #expect(built.result.status == 0, "\(built.result.text)")
    #expect(built.result.text.contains("sample (C): ok"))
    #expect(built.result.text.contains("sample (command): ok"))
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
        ["c", "h"].map { "\(folder.path)/out/sample.\($0) " }.joined()
          + "\(folder.path)/out/sample.weights \(folder.path)/out/sample-weights.c: \(sample.spec) "))
    for source in [
      "run/model.safetensors:\n", "my\\ terms.txt:\n", "sample/train.conll:\n", "sample/dev.conll:\n",
      "NOTICE.md:\n", "/weft:\n",
    ] {
      #expect(rule.contains(source))
    }
    #expect(folder.contents.contains("out/LICENSES/my terms.txt"))
  }
}
