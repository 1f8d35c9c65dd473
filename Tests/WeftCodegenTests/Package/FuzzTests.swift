import Foundation
import Testing

@testable import WeftCodegen

/// The fuzz targets of `Tests/Fuzz/`: known cases, then a short run. WEFT_FUZZ_SECONDS makes it a long one (`make fuzz`), whose
/// findings become cases.
@Suite struct FuzzTests {
  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Fuzz")
  private static let seconds = ProcessInfo.processInfo.environment["WEFT_FUZZ_SECONDS"].flatMap { Int($0) }
  private static let targets = ["blob", "words", "text"]

  /// Can clang link programs with these sanitizers?
  private static func has(_ sanitizers: String) -> Bool {
    guard
      let build = try? PackageBuild(
        PackageSample(name: "pack-none", isRich: false, instructionSets: [.portable]))
    else { return false }
    defer { build.remove() }
    try? build.write(
      "empty.c",
      sanitizers.contains("fuzzer")
        ? "int LLVMFuzzerTestOneInput(const unsigned char *data, unsigned long size);\n"
          + "int LLVMFuzzerTestOneInput(const unsigned char *data, unsigned long size) { return data && size ? 0 : 0; }\n"
        : "int main(void) { return 0; }\n")
    return (try? build.run("clang", ["-fsanitize=" + sanitizers, "empty.c", "-o", "empty"]))??.status == 0
  }
  private static let hasFuzzer = has("fuzzer,address,undefined")
  private static let hasSanitizers = has("address,undefined")

  /// - Parameters:
  ///   - driver: a C file that runs the targets; nil: clang's fuzzer.
  ///   - runs: of each target.
  private func fuzz(isRich: Bool, driver: String?, runs: [String: Int]) throws {
    let sample = try PackageSample(
      name: "pack-fuzz", isRich: isRich, isMasked: isRich, instructionSets: [.portable])
    let build = try PackageBuild(sample)
    defer { build.remove() }
    let sources = ["fuzz.c"] + (driver.map { [$0] } ?? [])
    let compiled = try #require(
      try build.run(
        "clang",
        [
          "-std=gnu11", "-O1",
          "-fsanitize=\(driver == nil ? "fuzzer,address,undefined" : "address,undefined")",
          "-fno-sanitize-recover=all", "-Wall", "-Wextra", "-Werror", "-I.", "-DSOURCE=\"pack-fuzz.c\"",
          "-DPREFIX=pack_fuzz", "-DUPPER=PACK_FUZZ",
        ] + sources.map { Self.folder.appending(path: $0).path } + ["-lm", "-o", "fuzz"]))
    try #require(compiled.status == 0, "\(compiled.errors.prefix(2000))")
    for target in Self.targets {
      // The fuzzer writes into the first folder, and only reads the second.
      let cases = Self.folder.appending(path: "cases/\(target)")
      let found = build.folder.appending(path: "found-" + target)
      try FileManager.default.createDirectory(at: found, withIntermediateDirectories: true)
      let artifacts = Self.seconds == nil ? build.folder : cases
      let length = Self.seconds.map { "-max_total_time=\($0)" } ?? "-runs=\(runs[target] ?? 0)"
      let result = try #require(
        try build.run(
          "./fuzz",
          [
            length, "-seed=1", "-max_len=512", "-timeout=20", "-print_final_stats=1",
            "-artifact_prefix=\(artifacts.path)/found-", found.path, cases.path,
          ], environment: ["FUZZ_TARGET": target, "FUZZ_WEIGHTS": build.name + ".weights"]))
      #expect(result.status == 0, "\(target): \(result.errors.suffix(3000))")
      if Self.seconds != nil {
        let name = sample.generator.name + (isRich ? " (rich)" : "")
        let statistics = result.errors.split(separator: "\n").filter {
          $0.hasPrefix("Done ") || $0.contains("cov: ")
        }
        print("fuzz \(name) \(target): \(statistics.suffix(2).joined(separator: "; "))")
      }
    }
  }

  @Test(.enabled(if: hasFuzzer, "needs clang's fuzzer and sanitizers (libclang-rt-dev)"))
  func nothingBreaksUnderTheFuzzer() throws {
    try fuzz(isRich: true, driver: nil, runs: ["blob": 4000, "words": 3000, "text": 6000])
    if Self.seconds != nil { try fuzz(isRich: false, driver: nil, runs: [:]) }
  }

  /// The driver for compilers without a fuzzer.
  @Test(.enabled(if: hasSanitizers && seconds == nil, "needs clang's sanitizers (libclang-rt-dev)"))
  func nothingBreaksUnderMutation() throws {
    try fuzz(isRich: false, driver: "mutate.c", runs: ["blob": 2000, "words": 2000, "text": 2000])
  }
}
