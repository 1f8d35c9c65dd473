import Foundation
import WeftCodegen
import WeftCorpus

@testable import WeftRuntime

/// The hand-written library of `Tests/Fixtures/runtime`, compiled as generated ones are.
enum TinyLibrary {
  static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// Its files; replacements change a text of one of them, to make a library wrong.
  static func files(replacing old: String = "", with new: String = "") throws -> [GeneratedFile] {
    let places = [
      "Sources/CWeftABI/include/weft_abi.h", "Tests/Fixtures/runtime/tiny.h", "Tests/Fixtures/runtime/tiny.c",
      "Tests/Fixtures/runtime/tiny-train.c",
    ]
    var isReplaced = old.isEmpty
    let files = try places.map { place in
      let url = root.appendingPathComponent(place)
      let contents = try String(contentsOf: url, encoding: .utf8)
      let changed = old.isEmpty ? contents : contents.replacingOccurrences(of: old, with: new)
      isReplaced = isReplaced || changed != contents
      return GeneratedFile(name: url.lastPathComponent, contents: changed)
    }
    guard isReplaced else { throw RuntimeError(.invalidInput, "The fixture does not contain `\(old)`.") }
    return files
  }

  /// One cache for all tests of a run, removed when the process ends.
  static let cache: URL = {
    atexit { try? FileManager.default.removeItem(at: TinyLibrary.cache) }
    return FileManager.default.temporaryDirectory.appendingPathComponent(
      "weft-tests-\(ProcessInfo.processInfo.processIdentifier)", isDirectory: true)
  }()

  static func environment(_ changes: [String: String] = [:]) -> [String: String] {
    ProcessInfo.processInfo.environment
      .merging(["WEFT_CACHE": cache.path]) { $1 }
      .merging(changes) { $1 }
  }

  static func inference(replacing old: String = "", with new: String = "") async throws -> InferenceLibrary {
    try await LibraryCache(environment: environment()).inference(
      files: files(replacing: old, with: new), name: "tiny")
  }

  static func training(replacing old: String = "", with new: String = "") async throws -> TrainingLibrary {
    try await LibraryCache(environment: environment()).training(
      files: files(replacing: old, with: new), name: "tiny")
  }

  /// Weights of words (5 × 3) and bias (3) that tell rows and columns apart.
  static func parameters(_ tables: LibraryTables) throws -> ParameterBlock {
    var block = try ParameterBlock(tables)
    try block.set("words.weight", to: (0..<15).map { Float(($0 * 7) % 11) / 4 - 1 })
    try block.set("heads.tag.bias", to: [0.5, -0.25, 0.125])
    return block
  }

  /// A batch of sentences given as word ids, longest first, every token a form of one scalar.
  static func batch(_ sentences: [[Int32]], labels: [[Int32]]? = nil) -> PackedBatch {
    let longest = sentences.first?.count ?? 0
    var batch = PackedBatch(sentenceCount: sentences.count, order: Array(sentences.indices))
    batch.sentences = sentences.indices.map { Int32($0) }
    var words: [Int32] = []
    var ids: [Int32] = []
    for position in 0..<longest {
      for (index, sentence) in sentences.enumerated() where sentence.count > position {
        words.append(sentence[position])
        ids.append(labels?[index][position] ?? -1)
      }
      batch.tokenOffsets.append(Int32(words.count))
    }
    batch.tokenCount = words.count
    batch.formCount = words.isEmpty ? 0 : 1
    batch.scalarCount = batch.formCount
    if !words.isEmpty { batch.scalarOffsets = [0, 1] }
    batch.inputs = ["word": words, "form": Array(repeating: 0, count: words.count)]
    if labels != nil { batch.inputs["label.tag"] = ids }
    return batch
  }
}

/// An empty folder that goes away with the test.
final class TemporaryFolder {
  let url: URL
  init() throws {
    url = FileManager.default.temporaryDirectory.appendingPathComponent(
      "weft-test-\(UUID().uuidString)", isDirectory: true)
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }
  deinit { try? FileManager.default.removeItem(at: url) }

  func file(_ name: String) -> URL { url.appendingPathComponent(name) }

  /// Writes a script that can be run.
  func script(_ name: String, _ text: String) throws -> URL {
    let url = file(name)
    try Data("#!/bin/sh\n\(text)\n".utf8).write(to: url)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: url.path)
    return url
  }

  /// Names of all files in it, at any depth, sorted.
  func contents() -> [String] {
    (FileManager.default.enumerator(atPath: url.path)?.compactMap { $0 as? String } ?? []).sorted()
  }
}

/// The error that an asynchronous closure throws, for messages to be compared whole or in part.
func runtimeErrorOfTask(_ body: () async throws -> Void) async -> RuntimeError? {
  do {
    try await body()
    return nil
  } catch {
    return error as? RuntimeError
  }
}

/// Likewise of one that does not wait.
func runtimeError(_ body: () throws -> Void) -> RuntimeError? {
  do {
    try body()
    return nil
  } catch {
    return error as? RuntimeError
  }
}
