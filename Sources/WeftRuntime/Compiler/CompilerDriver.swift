import Foundation
import Subprocess
import WeftCodegen

#if canImport(System)
  import System
#else
  import SystemPackage
#endif

/// Compiles generated C into shared libraries and keeps them in a cache by content.
///
/// A library's place in the cache is `<sources and processor>/<compiler, version and flags>/`; it gets there
/// by one rename, so that readers see all of it or nothing and two processes that build the same need no
/// lock: the second one finds the place taken and uses what is there.
public struct CompilerDriver: Sendable {
  /// Which of a spec's two libraries.
  public enum Kind: String, Sendable, Hashable, CaseIterable { case inference, training }

  /// A C compiler of this machine.
  public struct Compiler: Sendable, Hashable {
    public var path: String
    /// Arguments before all others, for `CC="ccache clang"`.
    public var leadingArguments: [String] = []
    /// First line that it prints for `--version`.
    public var version: String
  }

  /// Nil if there is none: libraries that are in the cache can still be had.
  public let compiler: Compiler?
  /// Folder of the cache: `$WEFT_CACHE`, or `weft` in `$XDG_CACHE_HOME` or `~/.cache`.
  public let cache: URL
  public let features: CPUFeatures
  private let environment: [String: String]
  private let missing: RuntimeError

  /// Looks for a compiler: `$WEFT_CC`, `$CC`, `clang`, `gcc`.
  ///
  /// - Throws: `.compilerMissing` if a variable names a compiler that is not there or a compiler is too old
  ///   (clang 14 and gcc 12 are the oldest supported). That there is none at all is an error only of
  ///   `compile`.
  public init(
    environment: [String: String] = ProcessInfo.processInfo.environment, features: CPUFeatures = .host
  ) async throws(RuntimeError) {
    self.environment = environment
    self.features = features
    cache = Self.cacheFolder(environment)
    (compiler, missing) = try await CompilerSearch(environment: environment).find()
  }

  private static func cacheFolder(_ environment: [String: String]) -> URL {
    func folder(_ variable: String) -> URL? {
      environment[variable].flatMap { $0.isEmpty ? nil : URL(fileURLWithPath: $0, isDirectory: true) }
    }
    if let own = folder("WEFT_CACHE") { return own }
    let home = folder("HOME") ?? FileManager.default.homeDirectoryForCurrentUser
    let base = folder("XDG_CACHE_HOME") ?? home.appendingPathComponent(".cache", isDirectory: true)
    return base.appendingPathComponent("weft", isDirectory: true)
  }

  /// Flags of the compiler, in the order of the command line.
  ///
  /// Contraction is off because generated code says where it means a fused multiply-add. -O2 because kernels are
  /// written in vectors and blocks of registers: what -O3 would add is unrolling, which costs compile time.
  public var flags: [String] {
    ["-std=c11", "-O2", "-fPIC", "-shared", "-fvisibility=hidden", "-ffp-contract=off"]
  }

  /// Libraries to link, which follow the sources.
  public var libraries: [String] { ["-lm"] }

  /// The shared library of generated files, from the cache if it is there.
  ///
  /// - Parameters:
  ///   - files: all files of the spec; those of the kind are compiled, headers are laid beside them.
  ///   - name: the spec's name; the library is `lib<name>.so` or `lib<name>-train.so`, with `_` for `-`.
  /// - Throws: `.compilerMissing`, `.compilerFailed` with the first diagnostics and where the sources are
  ///   kept,
  ///   `.diskFull` (and nothing partial stays), `.fileAccess`.
  public func compile(files: [GeneratedFile], kind: Kind, name: String) async throws(RuntimeError) -> URL {
    let job = try CompileJob(files: files, kind: kind, name: name)
    let sourceFolder = cache.appendingPathComponent(job.sourceKey(features: features), isDirectory: true)
    guard let compiler else {
      // Without a compiler its version is unknown, so any build of these sources will do.
      if let found = Self.anyBuild(in: sourceFolder, named: job.libraryName) { return found }
      throw missing
    }
    let flags = flags
    let libraries = libraries
    var key = CacheKey()
    for field in [compiler.path, compiler.version] + compiler.leadingArguments + flags + libraries {
      key.add(field)
    }
    let place = sourceFolder.appendingPathComponent(key.hexadecimal(16), isDirectory: true)
    let library = place.appendingPathComponent(job.libraryName)
    if FileManager.default.fileExists(atPath: library.path) { return library }

    try FileProblem.createFolder(sourceFolder)
    Temporary.sweep(sourceFolder.path, for: "build")
    let workspace = sourceFolder.appendingPathComponent(Temporary.name(for: "build"), isDirectory: true)
    defer { try? FileManager.default.removeItem(at: workspace) }
    try FileProblem.createFolder(workspace)
    for file in job.files {
      try AtomicFile.write(to: workspace.appendingPathComponent(file.name)) { output throws(RuntimeError) in
        try output.append(Array(file.contents.utf8))
      }
    }
    let arguments =
      compiler.leadingArguments + flags + ["-o", job.libraryName] + job.sourceNames + libraries
    let (isSuccess, diagnostics) = try await CompilerSearch.run(
      compiler.path, arguments, in: workspace.path, environment: environment)
    let built = workspace.appendingPathComponent(job.libraryName)
    guard isSuccess, FileManager.default.fileExists(atPath: built.path) else {
      throw failure(of: job, compiler: compiler, diagnostics: diagnostics, workspace: workspace)
    }
    try Self.publish(workspace, as: place, library: job.libraryName)
    return library
  }

  private func failure(
    of job: CompileJob, compiler: Compiler, diagnostics: String, workspace: URL
  ) -> RuntimeError {
    if diagnostics.contains("No space left on device") || Self.isFull(workspace) {
      return RuntimeError(
        .diskFull,
        "There is no space left on the disk to compile `\(job.name)` in \(cache.path) or the folder for "
          + "temporary files. Make space, or set WEFT_CACHE and TMPDIR to other disks. Nothing was left "
          + "behind.")
    }
    // Kept for whoever looks into it; a later failure of the same sources replaces it.
    let kept = cache.appendingPathComponent(
      "failed-\(workspace.deletingLastPathComponent().lastPathComponent)")
    try? FileManager.default.removeItem(at: kept)
    let isKept = (try? FileManager.default.moveItem(at: workspace, to: kept)) != nil
    let lines = diagnostics.split(separator: "\n", omittingEmptySubsequences: false)
    let first = lines.firstIndex { $0.contains("error") } ?? 0
    let excerpt = lines[first...].prefix(12).joined(separator: "\n")
    return RuntimeError(
      .compilerFailed,
      "\(compiler.path) (\(compiler.version)) could not compile `\(job.name)`:\n\(excerpt)\n"
        + (isKept ? "The sources are kept in \(kept.path). " : "")
        + "Generated code should compile as it is: please report this.")
  }

  /// Puts a finished folder in its place by one rename.
  private static func publish(_ workspace: URL, as place: URL, library: String) throws(RuntimeError) {
    let built = workspace.appendingPathComponent(library).path
    // The library's bytes must be on the disk before its name is, or a power failure could leave an empty
    // file.
    let descriptor = open(built, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileProblem.error(errno, doing: "read", built) }
    let status = fsync(descriptor)
    let code = errno
    close(descriptor)
    guard status == 0 else { throw FileProblem.error(code, doing: "write", built) }
    if rename(workspace.path, place.path) != 0 {
      let code = errno
      // Another process was first; its library is as good.
      guard FileManager.default.fileExists(atPath: place.appendingPathComponent(library).path) else {
        throw FileProblem.error(code, doing: "write", place.path)
      }
    }
    FileProblem.synchronizeFolder(place.deletingLastPathComponent().path)
  }

  private static func anyBuild(in folder: URL, named library: String) -> URL? {
    let builds = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return builds.sorted().filter { !$0.hasPrefix(".") }
      .map { folder.appendingPathComponent($0).appendingPathComponent(library) }
      .first { FileManager.default.fileExists(atPath: $0.path) }
  }

  /// Less than a page is left: compilers report a full disk in many ways, or die of it.
  private static func isFull(_ folder: URL) -> Bool {
    let attributes = try? FileManager.default.attributesOfFileSystem(forPath: folder.path)
    return (attributes?[.systemFreeSize] as? NSNumber).map { $0.int64Value < 4096 } ?? false
  }
}

/// What is compiled, and what it is called.
private struct CompileJob {
  let kind: CompilerDriver.Kind
  let name: String
  /// Sources and headers of the kind, sorted by name.
  let files: [GeneratedFile]
  var sourceNames: [String] { files.map(\.name).filter { $0.hasSuffix(".c") } }

  init(files: [GeneratedFile], kind: CompilerDriver.Kind, name: String) throws(RuntimeError) {
    self.kind = kind
    self.name = name
    self.files = files.filter { file in
      switch kind {
      case .inference:
        file.name.hasSuffix(".h") || file.name.hasSuffix(".c") && !file.name.hasSuffix("-train.c")
      case .training: file.name.hasSuffix(".h") || file.name.hasSuffix("-train.c")
      }
    }.sorted { $0.name < $1.name }
    for file in self.files where file.name.contains("/") || file.name.hasPrefix("-") {
      throw RuntimeError(.invalidInput, "A generated file may not be called `\(file.name)`.")
    }
    guard !sourceNames.isEmpty else {
      throw RuntimeError(.invalidInput, "There is no generated \(kind.rawValue) code for `\(name)`.")
    }
  }

  var libraryName: String {
    #if os(macOS)
      let suffix = "dylib"
    #else
      let suffix = "so"
    #endif
    return "lib\(DynamicLibrary.symbolName(name))\(kind == .training ? "-train" : "").\(suffix)"
  }

  func sourceKey(features: CPUFeatures) -> String {
    var key = CacheKey()
    for field in ["weft library", kind.rawValue, libraryName, features.description] {
      key.add(field)
    }
    for file in files {
      key.add(file.name)
      key.add(file.contents)
    }
    return key.hexadecimal(32)
  }
}
