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

  /// Kernels of all instruction sets are tested between guarded pages by themselves; a sanitizer takes minutes to
  /// compile them.
  private static func portable(isRich: Bool) throws -> PackageSample {
    try PackageSample(
      name: isRich ? "pack-rich" : "pack-hard", isRich: isRich, isMasked: isRich, instructionSets: [.portable]
    )
  }

  private static let warnings = ["-Wall", "-Wextra", "-Wconversion", "-Wpedantic", "-Werror"]

  private func noWarnings(_ compiler: String) throws {
    let build = try PackageBuild(Self.sample(isRich: true))
    defer { build.remove() }
    // What optimisation finds does not depend on the standard.
    let variants = [
      ["-std=c11", "-O2", "-c", "-o", "pack.o"], ["-std=c17", "-fsyntax-only"],
      ["-std=c11", "-fsyntax-only", "-DPACK_RICH_NO_HOST"],
    ]
    for options in variants {
      let result = try #require(try build.run(compiler, Self.warnings + options + ["pack-rich.c"]))
      #expect(result.status == 0, "\(result.errors.prefix(2000))")
    }
    try noData(build)
  }

  @Test(.enabled(if: Tool.path("clang") != nil, "needs clang")) func noWarningsOfClang() throws {
    try noWarnings("clang")
  }
  @Test(.enabled(if: Tool.path("gcc") != nil, "needs gcc")) func noWarningsOfGCC() throws {
    try noWarnings("gcc")
  }

  private static let headerUses = [
    ["clang", "-std=c11", "-xc"], ["clang", "-std=c17", "-xc"], ["clang++", "-std=c++17", "-xc++"],
    ["clang++", "-std=c++20", "-xc++"], ["gcc", "-std=c11", "-xc"], ["g++", "-std=c++17", "-xc++"],
    ["g++", "-std=c++20", "-xc++"],
  ].filter { Tool.path($0[0]) != nil }

  /// In a program of its own, twice, and beside the header of another package.
  @Test(arguments: headerUses) func headerStandsAlone(command: [String]) throws {
    let build = try PackageBuild(Self.sample(isRich: true))
    let other = try PackageBuild(Self.sample(isRich: false))
    defer {
      build.remove()
      other.remove()
    }
    try build.write(
      "use.c",
      """
      #include "pack-rich.h"
      #include "pack-rich.h"
      #include "pack-hard.h"
      #ifdef _Nullable
      #error "the header leaves a macro behind"
      #endif
      int main(void) {
          const pack_rich_text words[] = {{"a", 1}};
          return pack_rich_tag(NULL, words, 1, PACK_RICH_ALL_TASKS, PACK_RICH_SCORES) == PACK_RICH_OK;
      }

      """)
    let options = Self.warnings.filter { command[0].hasPrefix("clang") || $0 != "-Wconversion" }
    // Null for what may not be null is what the annotations are there to find.
    let quiet = command[0].hasPrefix("clang") ? ["-Wno-nonnull"] : []
    let result = try #require(
      try build.run(
        command[0],
        command.dropFirst() + options + quiet + ["-I\(other.folder.path)", "-fsyntax-only", "use.c"]))
    #expect(result.status == 0, "\(result.errors.prefix(2000))")
  }

  /// Filled in names, however long, leave the header laid out.
  @Test func headerIsLaidOut() throws {
    let name = "english-web-tagger"
    let sample = try PackageSample(name: name, isRich: true, instructionSets: [.portable])
    let header = try #require(sample.generator.packageFiles(sample.contents).first { $0.name == name + ".h" })
    let lines = header.contents.split(separator: "\n").map(String.init)
    // Examples, which are further in, and what stands behind an enumerator may be longer.
    let long = lines.filter { $0.count > 110 && !$0.hasPrefix("       ") && !$0.contains(" = ") }
    #expect(long.filter { $0.contains(" ") } == [])
    #expect(!lines.contains { $0.trimmingCharacters(in: .whitespaces) == "*/" })
    #expect(
      lines.contains(
        "/* A row of english_web_tagger_label_count(task) numbers a word: */"))
    // Parameters stand below each other.
    let first = try #require(lines.firstIndex { $0.contains("_tag(english") && !$0.contains("if (") })
    let column = try #require(lines[first].firstIndex(of: "(")).utf16Offset(in: lines[first]) + 1
    #expect(lines[first + 1].prefix { $0 == " " }.count == column)
  }

  /// What the code takes from the C library; docs/embedding.md has this list.
  private static let core: Set = ["memcpy", "memset", "logf"]
  private static let host: Set = [
    "malloc", "free", "getenv", "open", "open64", "fstat", "fstat64", "mmap", "mmap64", "munmap", "close",
  ]

  /// The object file holds code and constants, nothing that can be written to, and nothing that a linker would have to
  /// relocate into memory; from outside it needs what is listed only, and all it shows begins with its prefix.
  ///
  /// - Parameter build: with an object file `pack.o`.
  private func noData(_ build: PackageBuild, hasHost: Bool = true) throws {
    // Mach-O has other sections; the names of ELF's are the same for all of its systems.
    guard Tool.path("readelf") != nil else { return }
    let sections = try #require(try build.run("readelf", ["-SW", "pack.o"])).output.split(separator: "\n")
    var seen = 0
    for line in sections {
      // [Nr] Name Type Address Off Size ES Flg ...
      let fields = line.drop { $0 != "]" }.dropFirst().split(separator: " ")
      guard fields.count > 6, ["PROGBITS", "NOBITS"].contains(fields[1]) else { continue }
      seen += 1
      if fields[6].contains("W") { #expect(Int(fields[4], radix: 16) == 0, "\(line)") }
    }
    #expect(seen > 1)
    let lines = try #require(try build.run("nm", ["pack.o"])).output.split(separator: "\n")
      .map { $0.split(separator: " ") }
    #expect(lines.allSatisfy { !["B", "b", "D", "d", "C", "G", "g", "S", "s"].contains($0[$0.count - 2]) })
    let undefined = Set(lines.filter { $0.count == 2 && $0[0] == "U" }.map { String($0[1]) })
    let allowed = Self.core.union(hasHost ? Self.host : []).union(["_GLOBAL_OFFSET_TABLE_"])
    #expect(undefined.subtracting(allowed).isEmpty, "\(undefined.subtracting(allowed))")
    let global = lines.filter { $0.count == 3 && $0[1] == "T" }.map { String($0[2]) }
    #expect(!global.isEmpty && global.allSatisfy { $0.hasPrefix("pack_rich_") })
  }

  /// With and without code that can be placed anywhere; without an operating system.
  @Test(
    .enabled(if: Tool.path("readelf") != nil, "needs readelf"),
    arguments: [["-fPIC"], ["-fno-pic"], ["-fPIC", "-DPACK_RICH_NO_HOST"]])
  func noGlobalsAndFewSymbols(options: [String]) throws {
    let build = try PackageBuild(
      PackageSample(
        name: "pack-rich", isRich: true, isMasked: true, instructionSets: [.portable]))
    defer { build.remove() }
    for compiler in ["clang", "gcc"] where Tool.path(compiler) != nil {
      let compiled = try #require(
        try build.run(compiler, ["-std=c11", "-O1", "-c", "pack-rich.c", "-o", "pack.o"] + options))
      try #require(compiled.status == 0, "\(compiled.errors)")
      try noData(build, hasHost: !options.contains("-DPACK_RICH_NO_HOST"))
    }
  }

  /// docs/embedding.md says what is allowed here.
  @Test func symbolsAreDocumented() throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let text = try String(contentsOf: root.appending(path: "docs/embedding.md"), encoding: .utf8)
    for symbol in Self.core.union(Self.host.filter { !$0.hasSuffix("64") }) {
      #expect(text.contains("`\(symbol)`"), "\(symbol)")
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
    try check(Self.portable(isRich: isRich), sanitizer: "address,undefined", threads: false)
  }

  @Test(.enabled(if: hasSanitizers, "needs the runtime of clang's sanitizers"))
  func eightThreadsShareAModel() throws {
    try check(Self.portable(isRich: true), sanitizer: "thread", threads: true)
  }

  /// Two taggers side by side, each with its own weights.
  @Test func twoPackagesInOneProgram() throws {
    let first = try PackageBuild(
      PackageSample(name: "pack-hard", isRich: false, instructionSets: [.portable]))
    let second = try PackageBuild(
      PackageSample(name: "pack-rich", isRich: true, instructionSets: [.portable]))
    defer {
      first.remove()
      second.remove()
    }
    try first.write(
      "main.c",
      """
      #include "pack-hard.h"
      #include "pack-rich.h"
      int main(int argc, char **argv) {
          const pack_hard_model *hard;
          const pack_rich_model *rich;
          pack_hard_session *a;
          pack_rich_session *b;
          const pack_hard_text one[] = {{"Paris", 5}};
          const pack_rich_text two[] = {{"Paris", 5}};
          if (argc != 3 || pack_hard_open_file(argv[1], &hard) != PACK_HARD_OK ||
              pack_rich_open_file(argv[2], &rich) != PACK_RICH_OK ||
              pack_hard_open_file(argv[2], &hard) != PACK_HARD_BAD_MODEL ||
              pack_hard_session_new(hard, NULL, &a) != PACK_HARD_OK ||
              pack_rich_session_new(rich, NULL, &b) != PACK_RICH_OK)
              return 1;
          if (pack_hard_tag(a, one, 1, PACK_HARD_ALL_TASKS, 0) != PACK_HARD_OK ||
              pack_rich_tag(b, two, 1, PACK_RICH_ALL_TASKS, 0) != PACK_RICH_OK ||
              pack_hard_word_tag(a, PACK_HARD_TASK_NER, 0) == NULL || pack_rich_word_tag(b, PACK_RICH_TASK_NER, 0) == NULL)
              return 2;
          pack_hard_session_free(a);
          pack_rich_session_free(b);
          pack_hard_close(hard);
          pack_rich_close(rich);
          return pack_hard_label_count(PACK_HARD_TASK_NER) == 3 && pack_rich_label_count(PACK_RICH_TASK_NER) == 7 ? 0 : 3;
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
    let weights = ["pack-hard.weights", second.folder.appending(path: "pack-rich.weights").path]
    #expect(try first.run("./both", weights)?.status == 0)
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
