import Foundation
import Testing

@testable import WeftRuntime

@Suite struct LibraryLoadingTests {
  @Test func tablesBecomeValues() async throws {
    let library = try await TinyLibrary.inference()
    let tables = library.tables
    #expect(tables.name == "tiny")
    #expect(tables.architectureHash == "0123456789abcdef")
    #expect(tables.instructionSets == ["fast", "portable"])
    #expect(tables.parameterFloats == 32)
    #expect(
      tables.parameters == [
        ParameterInfo(
          name: "words.weight", offset: 0, shape: [5, 3], isRowSparse: true, tasks: TaskSet(task: 0)),
        ParameterInfo(name: "heads.tag.bias", offset: 16, shape: [3], tasks: TaskSet(task: 0)),
      ])
    #expect(tables.inputs.map(\.name) == ["word", "form"])
    #expect(tables.inputs[0] == InputInfo(name: "word", rows: .token, limit: 5))
    #expect(tables.tasks == [TaskInfo(name: "tag", labelCount: 3, isCRF: false)])
    #expect(tables.sites == [SiteInfo(name: "noise.input", rows: .token, columns: 3)])
    #expect(tables.task(named: "tag") == 0 && tables.task(named: "ner") == nil)
  }

  @Test func bothLibrariesAtOnce() async throws {
    let cache = try await LibraryCache(environment: TinyLibrary.environment())
    let (inference, training) = try await cache.both(files: TinyLibrary.files(), name: "tiny")
    #expect(inference.tables.parameters == training.tables.parameters)
    #expect(training.lagCapacity == 8)
  }

  @Test func aBuiltLibraryNeedsNoCompiler() async throws {
    let folder = try TemporaryFolder()
    let moved = folder.file("libtiny.so")
    try FileManager.default.copyItem(at: try await TinyLibrary.inference().url, to: moved)
    #expect(try InferenceLibrary(contentsOf: moved).tables.name == "tiny")
    let renamed = folder.file("tagger.so")
    try FileManager.default.moveItem(at: moved, to: renamed)
    #expect(try InferenceLibrary(contentsOf: renamed, name: "tiny").tables.name == "tiny")
    let error = runtimeError { _ = try InferenceLibrary(contentsOf: renamed) }
    #expect(
      error?.message.contains("has no function weft_tagger: it is not a library that Weft generated") == true)
  }

  @Test(arguments: [
    ("libewt-hard.so", "ewt_hard"), ("libewt_hard-train.so", "ewt_hard"), ("ewt.dylib", "ewt"),
  ])
  func modelNameFromFileName(file: String, name: String) {
    #expect(DynamicLibrary.modelName(of: URL(fileURLWithPath: "/a/\(file)")) == name)
  }

  @Test func abiMismatchNamesBothVersions() async throws {
    let old = await runtimeErrorOfTask {
      _ = try await TinyLibrary.inference(
        replacing: "#define TINY_ABI WEFT_ABI_VERSION", with: "#define TINY_ABI 99")
    }
    #expect(old?.kind == .abiMismatch)
    #expect(
      old?.message.hasSuffix(
        "was generated for version 99 of the step ABI; this program speaks version 2. Generate the library again."
      )
        == true)
    let refusing = await runtimeErrorOfTask {
      _ = try await TinyLibrary.inference(replacing: "#ifdef TINY_NEEDS", with: "#define TINY_NEEDS 3\n#if 1")
    }
    #expect(refusing?.kind == .abiMismatch)
    #expect(refusing?.message.contains("needs a newer version of the step ABI than 2") == true)
  }

  @Test(arguments: [
    ("{\"heads.tag.bias\", TINY_BIAS,", "{\"heads.tag.bias\", 4096,", "heads.tag.bias reaches beyond"),
    ("{\"heads.tag.bias\", TINY_BIAS,", "{\"heads.tag.bias\", 0,", "heads.tag.bias is misplaced"),
    ("{\"heads.tag.bias\", TINY_BIAS,", "{\"heads.tag.bias\", 17,", "heads.tag.bias is misplaced"),
    (
      "TINY_BIAS, TINY_LABELS, 1, WEFT_TRAINABLE, 1", "TINY_BIAS, TINY_LABELS, 1, WEFT_TRAINABLE, 2",
      "belongs to a task that does not exist"
    ),
    (
      "\"heads.tag.bias\", TINY_BIAS, TINY_LABELS", "\"heads.tag.bias\", TINY_BIAS, 0xffffffff",
      "reaches beyond"
    ),
    ("{\"heads.tag.bias\"", "{\"words.weight\"", "two parameters have one name"),
    ("{\"heads.tag.bias\"", "{0", "the name of a parameter is missing"),
    ("{{\"tag\", TINY_LABELS, 0}}", "{{\"tag\", 0, 0}}", "task tag has 0 labels"),
    ("{{\"noise.input\", WEFT_TOKEN", "{{\"noise.input\", 7", "random site noise.input has no shape"),
    ("{\"form\", WEFT_TOKEN", "{\"form\", 9", "input form has rows of an unknown kind"),
    ("\"0123456789abcdef\", isas", "0, isas", "the architecture hash is missing"),
  ])
  func damagedTablesAreRefused(old: String, new: String, reason: String) async throws {
    let error = await runtimeErrorOfTask { _ = try await TinyLibrary.inference(replacing: old, with: new) }
    #expect(error?.kind == .libraryUnusable)
    #expect(error?.message.contains(reason) == true, "\(error?.message ?? "no error")")
  }

  @Test func gapsInFunctionTablesAreRefused() async throws {
    for (old, new) in [
      ("run, nbest_size, nbest}", "run, nbest_size, 0}"), ("&tables, model_size", "0, model_size"),
    ] {
      let error = await runtimeErrorOfTask { _ = try await TinyLibrary.inference(replacing: old, with: new) }
      #expect(error?.message.contains("function table") == true)
    }
    let error = await runtimeErrorOfTask {
      _ = try await TinyLibrary.training(
        replacing: "catch_up, snapshot, average", with: "catch_up, 0, average")
    }
    #expect(error?.message.contains("function table") == true)
  }

  @Test func filesThatAreNoLibraries() async throws {
    let folder = try TemporaryFolder()
    let absent = runtimeError { _ = try InferenceLibrary(contentsOf: folder.file("libtiny.so")) }
    #expect(absent?.message == "There is no library at \(folder.url.path)/libtiny.so.")
    try Data("not a library".utf8).write(to: folder.file("libtiny.so"))
    let text = runtimeError { _ = try InferenceLibrary(contentsOf: folder.file("libtiny.so")) }
    #expect(text?.kind == .libraryUnusable)
    #expect(text?.message.contains("cannot be loaded") == true)
    let whole = try Data(contentsOf: try await TinyLibrary.inference().url)
    for length in [4, 63, 64, 1000, whole.count / 2, whole.count - 1] {
      try whole.prefix(length).write(to: folder.file("libhalf.so"))
      let half = runtimeError { _ = try InferenceLibrary(contentsOf: folder.file("libhalf.so")) }
      #expect(half?.kind == .libraryUnusable)
    }
  }
}
