import Foundation
import WeftCodegen
import WeftCorpus
import WeftRuntime

/// The C of a package, compiled and loaded, called by the names of its public header.
///
/// Sound as long as the header says what it said when this was written: the ABI number is compared first.
final class PackageLibrary {
  /// As `<p>_text`.
  struct Text {
    var bytes: UnsafeRawPointer?
    var count: Int
  }
  /// As `<p>_limits`.
  struct Limits: Equatable {
    var tokens: Int32 = 0
    var scalars: Int32 = 0
    var sentences: Int32 = 0
    var paths: Int32 = 0
    var batchTokens: Int32 = 0
    var characters: Int32 = 0
  }
  typealias Status = UInt32
  typealias Handle = UnsafeRawPointer

  /// Of the public functions that are called here.
  static let abi: UInt32 = 1
  static let probabilities: UInt32 = 2

  let url: URL
  private let library: DynamicLibrary
  private let prefix: String

  /// Compiles `<name>.c`, or takes it from the cache.
  ///
  /// - Parameter folder: of the package.
  init(folder: URL, manifest: PackageManifest, compiler: CompilerDriver) async throws {
    func text(_ name: String) throws(PackageError) -> String {
      do {
        return try String(contentsOf: folder.appending(path: name), encoding: .utf8)
      } catch {
        throw PackageError(.file, "cannot read \(folder.appending(path: name).path)")
      }
    }
    // The driver hides symbols.
    let head = "#pragma GCC visibility push(default)\n"
    let code = try text("\(manifest.name).c")
    url = try await compiler.compile(
      files: [
        GeneratedFile(name: "\(manifest.name).h", contents: try text("\(manifest.name).h")),
        GeneratedFile(
          name: "\(manifest.name).c", contents: head + code + "\n#pragma GCC visibility pop\n"),
      ], kind: .inference, name: "\(manifest.name)-package")
    library = try DynamicLibrary(contentsOf: url)
    prefix = manifest.prefix
    let version = try function("abi", as: (@convention(c) () -> UInt32).self)()
    guard version == Self.abi else {
      throw PackageError(
        .file, "\(folder.path) has version \(version) of the packages' C interface; this is \(Self.abi)",
        suggestion:
          "make the package again, or use the version of Weft that made it (\(manifest.toolVersion))")
    }
  }

  private func function<Function>(_ name: String, as type: Function.Type) throws(PackageError) -> Function {
    guard let symbol = library.symbol("\(prefix)_\(name)") else {
      throw PackageError(.file, "\(url.path) has no function \(prefix)_\(name)")
    }
    return unsafeBitCast(symbol, to: type)
  }

  /// Memory of an open model in bytes.
  func modelSize() throws -> Int { try function("model_size", as: (@convention(c) () -> Int).self)() }

  /// Memory of a session in bytes; with nil of one with all defaults.
  func sessionSize(_ limits: Limits? = nil) throws -> Int {
    let size = try function("session_size", as: (@convention(c) (UnsafeRawPointer?) -> Int).self)
    guard let limits else { return size(nil) }
    return withUnsafeBytes(of: limits) { size($0.baseAddress) }
  }

  func check(_ status: Status, _ what: String) throws {
    guard status != 0 else { return }
    let text = try function(
      "status_text", as: (@convention(c) (Status) -> UnsafePointer<CChar>).self)
    throw PackageError(.difference, "the package cannot \(what): \(String(cString: text(status)))")
  }

  /// Opens the package's weights for the length of a call.
  ///
  /// - Parameter instructionSet: the one to use; what the environment says, or the best, if there is none.
  func withModel<Result>(
    weights: URL, instructionSet: String? = nil, _ body: (Handle) throws -> Result
  ) throws -> Result {
    // The environment is where the package's own function for opening files looks.
    let variable = prefix.uppercased() + "_ISA"
    let before = ProcessInfo.processInfo.environment[variable]
    if let instructionSet { setenv(variable, instructionSet, 1) }
    defer {
      if instructionSet != nil {
        if let before { setenv(variable, before, 1) } else { unsetenv(variable) }
      }
    }
    let open = try function(
      "open_file", as: (@convention(c) (UnsafePointer<CChar>, UnsafeMutableRawPointer) -> Status).self)
    let close = try function("close", as: (@convention(c) (UnsafeRawPointer?) -> Void).self)
    var model: UnsafeRawPointer?
    try check(withUnsafeMutableBytes(of: &model) { open(weights.path, $0.baseAddress!) }, "open its weights")
    defer { close(model) }
    guard let model else { throw PackageError(.difference, "the package opened no model") }
    return try body(model)
  }

  func instructionSet(_ model: Handle) throws -> String {
    let isa = try function(
      "model_isa", as: (@convention(c) (UnsafeRawPointer) -> UnsafePointer<CChar>).self)
    return String(cString: isa(model))
  }

  /// Sets up a session for the length of a call.
  func withSession<Result>(
    _ model: Handle, _ limits: Limits, _ body: (Handle) throws -> Result
  ) throws -> Result {
    let new = try function(
      "session_new",
      as: (@convention(c) (UnsafeRawPointer, UnsafeRawPointer?, UnsafeMutableRawPointer) -> Status).self)
    let free = try function("session_free", as: (@convention(c) (UnsafeRawPointer?) -> Void).self)
    var session: UnsafeRawPointer?
    let status = withUnsafeBytes(of: limits) { limits in
      withUnsafeMutableBytes(of: &session) { new(model, limits.baseAddress, $0.baseAddress!) }
    }
    try check(status, "set up a session")
    defer { free(session) }
    guard let session else { throw PackageError(.difference, "the package made no session") }
    return try body(session)
  }

  /// Texts of one kind, one after the other, where C can read them.
  private struct Texts {
    private var bytes: [UInt8] = []
    private var ranges: [Range<Int>?] = []

    init(_ texts: some Sequence<String?>) {
      for text in texts {
        guard let text else {
          ranges.append(nil)
          continue
        }
        let start = bytes.count
        bytes += Array(text.utf8)
        ranges.append(start..<bytes.count)
      }
    }

    /// The texts, which live as long as the call; a missing one is null.
    func withPointers<Result>(_ body: (UnsafeRawPointer?) throws -> Result) rethrows -> Result {
      try bytes.withUnsafeBytes { buffer in
        let texts = ranges.map { range in
          guard let range else { return Text(bytes: nil, count: 0) }
          return Text(bytes: buffer.baseAddress.map { $0 + range.lowerBound }, count: range.count)
        }
        return try texts.withUnsafeBytes { try body($0.baseAddress) }
      }
    }
  }

  /// Tags a batch of sentences with all tasks.
  ///
  /// - Parameter columns: names of the further columns that the network reads, in its order.
  func tag(_ session: Handle, _ sentences: [Sentence], columns: [String], tasks: Int) throws {
    let counts = sentences.map { Int32($0.words.count) }
    let all = tasks >= 64 ? UInt64.max : (1 << UInt64(tasks)) - 1
    let words = Texts(sentences.lazy.flatMap(\.words).map(Optional.some))
    let status: Status
    if columns.isEmpty {
      let tag = try function(
        "tag_batch",
        as: (@convention(c) (UnsafeRawPointer, UnsafeRawPointer?, UnsafeRawPointer?, Int32, UInt64, UInt32)
          -> Status).self)
      status = words.withPointers { words in
        counts.withUnsafeBytes {
          tag(session, words, $0.baseAddress, Int32(counts.count), all, Self.probabilities)
        }
      }
    } else {
      let tag = try function(
        "tag_columns",
        as: (@convention(c) (
          UnsafeRawPointer, UnsafeRawPointer?, UnsafeRawPointer?, UnsafeRawPointer?, Int32, UInt64, UInt32
        ) -> Status).self)
      let texts = columns.map { name in
        Texts(
          sentences.lazy.flatMap { sentence in
            sentence.words.indices.map { word in
              sentence.columns[name].flatMap { word < $0.count ? $0[word] : nil }
            }
          })
      }
      status = words.withPointers { words in
        Self.withPointers(texts[...]) { tables in
          tables.withUnsafeBytes { tables in
            counts.withUnsafeBytes {
              tag(
                session, words, tables.baseAddress, $0.baseAddress, Int32(counts.count), all,
                Self.probabilities)
            }
          }
        }
      }
    }
    try check(status, "tag a sentence")
  }

  private static func withPointers<Result>(
    _ texts: ArraySlice<Texts>, _ found: [UnsafeRawPointer?] = [],
    _ body: ([UnsafeRawPointer?]) throws -> Result
  ) rethrows -> Result {
    guard let first = texts.first else { return try body(found) }
    return try first.withPointers { try withPointers(texts.dropFirst(), found + [$0], body) }
  }

  /// Tags of the last call, of all its words.
  func tags(_ session: Handle, task: Int, words: Int) throws -> [String] {
    let text = try function(
      "word_tag",
      as: (@convention(c) (UnsafeRawPointer, UInt32, Int32) -> UnsafePointer<CChar>?).self)
    return (0..<words).map { text(session, UInt32(task), Int32($0)).map { String(cString: $0) } ?? "" }
  }

  /// Labels of the last call, of all its words, as numbers in the task's list of labels.
  func labels(_ session: Handle, task: Int, words: Int) throws -> [Int32] {
    let labels = try function(
      "labels", as: (@convention(c) (UnsafeRawPointer, UInt32) -> UnsafePointer<Int32>?).self)
    guard let start = labels(session, UInt32(task)) else {
      guard words == 0 else { throw PackageError(.difference, "the package gives no labels") }
      return []
    }
    return Array(UnsafeBufferPointer(start: start, count: words))
  }

  /// Probabilities of the last call, [words × labels].
  func probabilities(_ session: Handle, task: Int, count: Int) throws -> [Float] {
    let values = try function(
      "probabilities", as: (@convention(c) (UnsafeRawPointer, UInt32) -> UnsafePointer<Float>?).self)
    guard let start = values(session, UInt32(task)) else { return [] }
    return Array(UnsafeBufferPointer(start: start, count: count))
  }
}
