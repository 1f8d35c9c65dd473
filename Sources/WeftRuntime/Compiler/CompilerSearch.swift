import Foundation
import Subprocess

#if canImport(System)
  import System
#else
  import SystemPackage
#endif

/// Finds the C compiler that an environment asks for.
struct CompilerSearch {
  var environment: [String: String]

  /// The compiler, or what to tell someone who needs one.
  ///
  /// - Throws: `.compilerMissing` if a variable names what is not there, or the compiler is too old.
  func find() async throws(RuntimeError) -> (CompilerDriver.Compiler?, RuntimeError) {
    let missing = RuntimeError(
      .compilerMissing,
      "clang was not found, nor gcc. Install one (`apt-get install clang` on Debian or Ubuntu, `dnf "
        + "install clang` on Fedora, `xcode-select --install` on macOS) or name a C compiler in the "
        + "environment variable WEFT_CC."
    )
    for variable in ["WEFT_CC", "CC"] {
      let words = (environment[variable] ?? "").split(separator: " ").map(String.init)
      guard let first = words.first else { continue }
      guard let path = locate(first) else {
        throw RuntimeError(
          .compilerMissing,
          "The environment variable \(variable) names the C compiler `\(first)`, which was not found. "
            + "Install it or unset \(variable).")
      }
      return (try await describe(path, Array(words.dropFirst())), missing)
    }
    for name in ["clang", "gcc"] {
      if let path = locate(name) { return (try await describe(path, []), missing) }
    }
    return (nil, missing)
  }

  private func locate(_ name: String) -> String? {
    let manager = FileManager.default
    if name.contains("/") { return manager.isExecutableFile(atPath: name) ? name : nil }
    return (environment["PATH"] ?? "").split(separator: ":").lazy
      .filter { $0.hasPrefix("/") }.map { "\($0)/\(name)" }
      .first { manager.isExecutableFile(atPath: $0) }
  }

  private func describe(_ path: String, _ leading: [String]) async throws(RuntimeError)
    -> CompilerDriver.Compiler
  {
    let (isSuccess, text) = try await Self.run(
      path, leading + ["--version"], in: nil, environment: environment)
    let version = text.split(separator: "\n").first.map(String.init) ?? ""
    guard isSuccess, !version.isEmpty else {
      throw RuntimeError(.compilerMissing, "\(path) does not tell its version, so it is not used: \(text)")
    }
    try Self.checkAge(path, version)
    return CompilerDriver.Compiler(path: path, leadingArguments: leading, version: version)
  }

  /// clang before 14 and gcc before 12 lack what generated code uses. Apple's clang counts differently and is
  /// newer.
  static func checkAge(_ path: String, _ version: String) throws(RuntimeError) {
    let isClang = version.contains("clang")
    let isGCC =
      !isClang && (version.lowercased().hasPrefix("gcc") || version.contains("Free Software Foundation"))
    guard isClang || isGCC, !version.contains("Apple") else { return }
    let number =
      isClang
      ? version.components(separatedBy: "version ").dropFirst().first
      : version.split(separator: " ").last { $0.contains(".") }.map(String.init)
    guard let major = number.flatMap({ Int($0.prefix { $0.isNumber }) }) else { return }
    let oldest = isClang ? 14 : 12
    guard major >= oldest else {
      throw RuntimeError(
        .compilerMissing,
        "\(path) is \(version); generated code needs \(isClang ? "clang" : "gcc") \(oldest) or newer.")
    }
  }

  /// Runs a command to its end.
  ///
  /// - Returns: whether it succeeded, and what it wrote to standard output and standard error.
  static func run(
    _ path: String, _ arguments: [String], in folder: String?, environment: [String: String]
  ) async throws(RuntimeError) -> (isSuccess: Bool, text: String) {
    var variables: [Environment.Key: String] = [:]
    for (name, value) in environment { variables[Environment.Key(stringLiteral: name)] = value }
    // Diagnostics are searched for English words.
    variables["LC_ALL"] = "C"
    do {
      let result = try await Subprocess.run(
        .path(FilePath(path)), arguments: Arguments(arguments), environment: .custom(variables),
        workingDirectory: folder.map { FilePath($0) }, output: .string(limit: 1 << 24),
        error: .string(limit: 1 << 24))
      return (result.terminationStatus.isSuccess, result.standardOutput + result.standardError)
    } catch {
      throw RuntimeError(.compilerFailed, "\(path) could not be run: \(error).")
    }
  }
}
