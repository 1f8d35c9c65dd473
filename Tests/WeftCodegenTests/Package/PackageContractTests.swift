import Foundation
import Testing
import WeftCorpus
import WeftSpec

@testable import WeftCodegen

/// What the header of a package promises besides its results.
@Suite struct PackageContractTests {
  /// - Parameter isWhole: with the code for all instruction sets, not only those that are tested here.
  static func sample(isRich: Bool, isWhole: Bool = true) throws -> PackageSample {
    try PackageSample(
      name: isRich ? "pack-rich" : "pack-hard", isRich: isRich, isMasked: isRich,
      instructionSets: isWhole ? [.avx512, .avx2, .neon, .portable] : Compiled.instructionSets)
  }

  private static let warnings = ["-Wall", "-Wextra", "-Wconversion", "-Wpedantic", "-Werror"]

  @Test(arguments: ["clang", "gcc"]) func noWarnings(compiler: String) throws {
    let build = try PackageBuild(Self.sample(isRich: true))
    defer { build.remove() }
    // What optimisation finds does not depend on the standard.
    let variants = [
      ["-std=c11", "-O2", "-c", "-o", "pack.o"], ["-std=c17", "-fsyntax-only"],
      ["-std=c11", "-fsyntax-only", "-DPACK_RICH_NO_HOST"],
    ]
    for options in variants {
      guard let result = try build.run(compiler, Self.warnings + options + ["pack-rich.c"]) else { return }
      #expect(result.status == 0, "\(result.errors.prefix(2000))")
    }
  }

  @Test(arguments: [["clang++", "-std=c++17"], ["g++", "-std=c++17"], ["clang", "-std=c11", "-x", "c"]])
  func headerStandsAlone(command: [String]) throws {
    let build = try PackageBuild(Self.sample(isRich: true))
    defer { build.remove() }
    let language = command[0].hasSuffix("++") ? ["-x", "c++"] : []
    try build.write(
      "use.cpp", "#include \"pack-rich.h\"\n#include \"pack-rich.h\"\nint main(void) { return 0; }\n")
    guard
      let result = try build.run(
        command[0],
        Array(command.dropFirst()) + language + [
          "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-c", "use.cpp",
        ])
    else { return }
    #expect(result.status == 0, "\(result.errors.prefix(2000))")
  }

  /// Nothing that can be written to, and nothing from outside but what is listed.
  @Test func noGlobalsAndFewSymbols() throws {
    let build = try PackageBuild(Self.sample(isRich: true))
    defer { build.remove() }
    let isDarwin = ProcessInfo.processInfo.operatingSystemVersionString.contains("macOS")
    for options in [[], ["-DPACK_RICH_NO_HOST"]] {
      let compiled = try #require(
        try build.run("clang", ["-std=c11", "-O2", "-c", "pack-rich.c", "-o", "pack.o"] + options))
      try #require(compiled.status == 0, "\(compiled.errors)")
      guard !isDarwin, let symbols = try build.run("nm", ["pack.o"]), symbols.status == 0 else { return }
      let lines = symbols.output.split(separator: "\n").map { $0.split(separator: " ") }
      let writable = lines.filter {
        ["B", "b", "D", "d", "C", "G", "g", "S", "s"].contains($0[$0.count - 2])
      }
      // Tables of pointers are constant, but a linker relocates them: `.data.rel.ro` counts as data.
      let sections = try #require(try build.run("size", ["-A", "pack.o"])).output
      for line in sections.split(separator: "\n") where line.hasPrefix(".data ") || line.hasPrefix(".bss ") {
        let fields = line.split(separator: " ")
        #expect(fields.count > 1 && fields[1] == "0", "\(line)")
      }
      #expect(writable.allSatisfy { sections.contains(".data.rel.ro") || $0.isEmpty })
      let undefined = Set(lines.filter { $0.count == 2 && $0[0] == "U" }.map { String($0[1]) })
      var allowed: Set = ["memcpy", "memset", "logf", "log", "expf", "exp", "_GLOBAL_OFFSET_TABLE_"]
      if options.isEmpty {
        allowed.formUnion([
          "malloc", "free", "getenv", "open", "open64", "fstat", "fstat64", "mmap", "mmap64", "munmap",
          "close",
        ])
      }
      #expect(undefined.subtracting(allowed).isEmpty, "\(undefined.subtracting(allowed))")
      let global = lines.filter { $0.count == 3 && $0[1] == "T" }.map { String($0[2]) }
      #expect(!global.isEmpty && global.allSatisfy { $0.hasPrefix("pack_rich_") })
    }
  }

  /// The runtime of clang's sanitizers is a package of its own on some systems.
  private static let hasSanitizers: Bool = {
    guard let build = try? PackageBuild(sample(isRich: false, isWhole: false)) else { return false }
    defer { build.remove() }
    try? build.write("empty.c", "int main(void) { return 0; }\n")
    return ["address,undefined", "thread"].allSatisfy { sanitizer in
      (try? build.run("clang", ["-fsanitize=" + sanitizer, "empty.c", "-o", "empty"]))??.status == 0
    }
  }()

  /// - Parameter sanitizer: of clang.
  private func check(_ sample: PackageSample, sanitizer: String, threads: Bool) throws {
    let build = try PackageBuild(sample)
    defer { build.remove() }
    try build.write(
      "checks.c", PackageChecks.source(name: build.name, prefix: sample.generator.symbol))
    let options = [
      "-std=gnu11", "-O1", "-fsanitize=\(sanitizer)", "-fno-sanitize-recover=all", "-pthread",
    ]
    let compiled = try #require(try build.run("clang", options + ["checks.c", "-lm", "-o", "checks"]))
    try #require(compiled.status == 0, "\(compiled.errors.prefix(2000))")
    let result = try #require(
      try build.run("./checks", [build.name + ".weights"] + (threads ? ["threads"] : [])))
    #expect(result.status == 0, "\(result.output.suffix(500)) \(result.errors.prefix(3000))")
    #expect(result.output.hasSuffix("all checks passed\n"))
  }

  @Test(.enabled(if: hasSanitizers, "needs the runtime of clang's sanitizers"), arguments: [false, true])
  func nothingUndefined(isRich: Bool) throws {
    try check(Self.sample(isRich: isRich, isWhole: false), sanitizer: "address,undefined", threads: false)
  }

  @Test(.enabled(if: hasSanitizers, "needs the runtime of clang's sanitizers"))
  func eightThreadsShareAModel() throws {
    try check(Self.sample(isRich: true, isWhole: false), sanitizer: "thread", threads: true)
  }

  @Test func twoPackagesInOneProgram() throws {
    let first = try PackageBuild(Self.sample(isRich: false))
    let second = try PackageBuild(Self.sample(isRich: true))
    defer {
      first.remove()
      second.remove()
    }
    try first.write(
      "main.c",
      """
      #include "pack-hard.h"
      #include "pack-rich.h"
      int main(void) {
          return pack_hard_label_count(PACK_HARD_TASK_NER) == 3 && pack_rich_label_count(PACK_RICH_TASK_NER) == 7 ? 0 : 1;
      }
      """)
    let compiled = try #require(
      try first.run(
        "clang",
        [
          "-std=c11", "-O1", "-I.", "-I\(second.folder.path)", "main.c", "pack-hard.c",
          second.folder.appending(path: "pack-rich.c").path, "-lm", "-o", "both",
        ]))
    try #require(compiled.status == 0, "\(compiled.errors)")
    #expect(try first.run("./both", [])?.status == 0)
  }

  @Test func sameInputsSameBytes() throws {
    let (a, b) = (try Self.sample(isRich: true), try Self.sample(isRich: true))
    #expect(try a.generator.packageFiles(a.contents) == b.generator.packageFiles(b.contents))
    #expect(try a.blob() == b.blob())
  }

  /// The checksum of test vectors of XXH64.
  @Test func checksumIsXXH64() {
    #expect(PackageSample.xxHash64([]) == 0xEF46_DB37_51D8_E999)
    #expect(PackageSample.xxHash64(Array("abc".utf8)) == 0x44BC_2CF5_AD77_0999)
  }

  /// Words that are not UTF-8 are read as Swift reads them.
  @Test func invalidTextIsReadAsSwiftReadsIt() throws {
    let sample = try Self.sample(isRich: false)
    let build = try PackageBuild(sample)
    defer { build.remove() }
    var texts: [[UInt8]] = []
    let bytes: [UInt8] = [
      0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC2, 0xDF, 0xE0, 0xE1, 0xED, 0xEF, 0xF0, 0xF1,
      0xF4,
      0xF5, 0xFF,
    ]
    for first in bytes {
      for second in bytes {
        texts.append([first, second])
        for third in bytes { texts += [[first, second, third], [first, second, third, 0x80, third]] }
      }
    }
    let input = texts.flatMap { [UInt8($0.count)] + $0 }
    try Data(input).write(to: build.folder.appending(path: "input"))
    try build.write(
      "decode.c",
      """
      #include "pack-hard.c"
      #include <stdio.h>
      int main(void) {
          unsigned char text[8];
          for (int count = getchar(); count != EOF; count = getchar()) {
              fread(text, 1, (size_t)count, stdin);
              size_t bytes;
              for (size_t at = 0; at < (size_t)count; at += bytes) {
                  const uint32_t scalar = next_scalar(text + at, (size_t)count - at, &bytes);
                  unsigned char encoded[4];
                  const size_t length = encode_scalar(scalar, encoded);
                  size_t again;
                  if (next_scalar(encoded, length, &again) != scalar || again != length)
                      return 1;
                  printf("%x %x %d ", (unsigned)scalar, (unsigned)lower_scalar(scalar), is_lower(scalar));
              }
              printf("\\n");
          }
          for (uint32_t scalar = 1; scalar < 0x20000; scalar++)
              if (lower_scalar(scalar) != scalar)
                  printf("%x %x\\n", (unsigned)scalar, (unsigned)lower_scalar(scalar));
          return 0;
      }
      """)
    let compiled = try #require(
      try build.run("clang", ["-std=gnu11", "-O1", "decode.c", "-lm", "-o", "decode"]))
    try #require(compiled.status == 0, "\(compiled.errors)")
    let result = try #require(try build.run("sh", ["-c", "./decode < input"]))
    let lines = result.output.split(separator: "\n")
    func hex(_ scalar: Unicode.Scalar) -> String { String(scalar.value, radix: 16) }
    var expected = texts.map { text in
      String(decoding: text, as: UTF8.self).unicodeScalars.map {
        "\(hex($0)) \(hex(SimpleLowercase.map($0))) \(SimpleLowercase.isLower($0) ? 1 : 0) "
      }.joined()
    }
    for value in UInt32(1)..<0x20000 {
      if let scalar = Unicode.Scalar(value), SimpleLowercase.map(scalar) != scalar {
        expected.append("\(hex(scalar)) \(hex(SimpleLowercase.map(scalar)))")
      }
    }
    #expect(lines.count == expected.count)
    for (found, wanted) in zip(lines, expected) where found != wanted {
      Issue.record("C reads \(found), Swift \(wanted)")
      break
    }
  }

  /// A path of BIOES labels as BIO, whatever the path is: as the training side converts it.
  @Test func tagsAreConvertedAsWhenTraining() throws {
    let sample = try Self.sample(isRich: true)
    let build = try PackageBuild(sample)
    defer { build.remove() }
    try build.write(
      "tags.c",
      """
      #include "pack-rich.h"
      #include <stdio.h>
      int main(void) {
          int32_t labels[4], tags[4];
          for (int i = 0; i < 7 * 7 * 7 * 7; i++) {
              for (int j = 0, rest = i; j < 4; j++, rest /= 7)
                  labels[j] = rest % 7;
              if (pack_rich_write_tags(PACK_RICH_TASK_NER, labels, 4, tags) != PACK_RICH_OK)
                  return 1;
              for (int j = 0; j < 4; j++)
                  printf("%s ", pack_rich_tag_text(PACK_RICH_TASK_NER, tags[j]));
              printf("\\n");
          }
          return 0;
      }
      """)
    let compiled = try #require(
      try build.run("clang", ["-std=c11", "-O1", "tags.c", "pack-rich.c", "-lm", "-o", "tags"]))
    try #require(compiled.status == 0, "\(compiled.errors)")
    let lines = try #require(try build.run("./tags", [])).output.split(separator: "\n")
    let names = PackageSample.labels["ner"] ?? []
    for path in 0..<7 * 7 * 7 * 7 {
      let labels = [path % 7, path / 7 % 7, path / 49 % 7, path / 343].map { Optional(names[$0]) }
      let expected = TagScheme.bioes.convert(labels, to: .bio).map { ($0 ?? "?") + " " }.joined()
      try #require(path < lines.count && String(lines[path]) == expected, "\(labels)")
    }
    #expect(sample.contents.tags(ofTask: 1).contains("I-PER"))
  }
}
