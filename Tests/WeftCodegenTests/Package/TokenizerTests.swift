import Foundation
import Testing

@testable import WeftCodegen

/// The tokenizer that is in every package.
@Suite struct TokenizerTests {
  private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  struct Token: Hashable { var begin, end: Int, startsSentence: Bool }

  private static func tokens(_ text: String) -> [Token] {
    text.split(separator: "\n").compactMap { line in
      let fields = line.split(separator: " ").compactMap { Int($0) }
      return fields.count == 3 ? Token(begin: fields[0], end: fields[1], startsSentence: fields[2] == 1) : nil
    }
  }

  /// Compiled once: a program that prints the tokens of its input.
  private func withTokenizer(_ body: (PackageBuild) throws -> Void) throws {
    let build = try PackageBuild(
      PackageSample(name: "pack-tokens", isRich: false, instructionSets: [.portable]))
    defer { build.remove() }
    let program = Self.root.appending(path: "Benchmarks/tokenizer/tokens.c").path
    let compiled = try #require(
      try build.run(
        "clang",
        [
          "-std=c11", "-O1", "-I.", "-DPREFIX=pack_tokens", "-DPACKAGE_SOURCE=\"pack-tokens.c\"", program,
          "-lm",
          "-o", "tokens",
        ]))
    try #require(compiled.status == 0, "\(compiled.errors.prefix(2000))")
    try body(build)
  }

  private func run(_ build: PackageBuild, _ text: Data) throws -> [Token] {
    try text.write(to: build.folder.appending(path: "text"))
    let result = try #require(try build.run("sh", ["-c", "./tokens < text"]))
    try #require(result.status == 0, "\(result.errors)")
    return Self.tokens(result.output)
  }

  private static func score<Element: Hashable>(_ found: [Element], _ gold: [Element]) -> Double {
    200 * Double(Set(found).intersection(gold).count) / Double(found.count + gold.count)
  }

  /// On the whole test part of the treebank token F1 is 99.06 (Benchmarks/tokenizer).
  @Test func agreesWithTheTreebank() throws {
    let folder = Self.root.appending(path: "Tests/Fixtures/tokenizer")
    let gold = Self.tokens(try String(contentsOf: folder.appending(path: "sample.tokens"), encoding: .utf8))
    try withTokenizer { build in
      let found = try run(build, try Data(contentsOf: folder.appending(path: "sample.txt")))
      let words = Self.score(found.map { [$0.begin, $0.end] }, gold.map { [$0.begin, $0.end] })
      let sentences = Self.score(
        found.filter(\.startsSentence).map(\.begin), gold.filter(\.startsSentence).map(\.begin))
      #expect(gold.count > 5000)
      #expect(words >= 98.5, "token F1 \(words)")
      #expect(sentences >= 85, "sentence F1 \(sentences)")
    }
  }

  /// The documented rules; `|` stands between tokens, `/` where a sentence starts.
  @Test func rules() throws {
    let cases = [
      "Don't stop!": "/Do|n't|stop|!",
      "John's dog can't.": "/John|'s|dog|ca|n't|.",
      "It\u{2019}s fine, isn\u{2019}t it?": "/It|\u{2019}s|fine|,|is|n\u{2019}t|it|?",
      "Mr. Smith came. He left.": "/Mr.|Smith|came|./He|left|.",
      "the U.S. economy (e.g. cars)": "/the|U.S.|economy|(|e.g.|cars|)",
      "See http://a.org/b?c=d, or write to x.y@b.com.": "/See|http://a.org/b?c=d|,|or|write|to|x.y@b.com|.",
      "at 5pm on 3/4/2005 for $1,000.50": "/at|5|pm|on|3/4/2005|for|$|1,000.50",
      "a well-known pre-war x-ray :-)": "/a|well|-|known|pre-war|x-ray|:-)",
      "Wow...!! \"Yes\"": "/Wow|...!!/\"|Yes|\"",
      "One\n\ntwo": "/One/two",
      "Caf\u{E9} \u{4F60}\u{597D} \u{1F600}!": "/Caf\u{E9}|\u{4F60}\u{597D}|\u{1F600}|!",
      "": "", " \t\n": "", "a": "/a",
    ]
    try withTokenizer { build in
      for (text, expected) in cases {
        let bytes = Array(text.utf8)
        let found = try run(build, Data(bytes)).map { token in
          (token.startsSentence ? "/" : "|") + String(decoding: bytes[token.begin..<token.end], as: UTF8.self)
        }.joined()
        #expect(found == expected, "\(text)")
      }
    }
  }

  /// Bytes that are no UTF-8 are kept, at their places.
  @Test func everyByteBelongsToATokenOrToWhiteSpace() throws {
    var bytes: [UInt8] = []
    for first in UInt8.min...UInt8.max {
      bytes += [0x41, first, 0x20, first, first, 0x0A, 0xE2, first, 0x80]
    }
    let space: Set<UInt8> = [0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0x20]
    try withTokenizer { build in
      let found = try run(build, Data(bytes))
      var covered = Array(repeating: 0, count: bytes.count)
      for token in found { for byte in token.begin..<token.end { covered[byte] += 1 } }
      #expect(covered.allSatisfy { $0 <= 1 })
      for (byte, count) in zip(bytes, covered) where count == 0 {
        // Between 0xE2 and 0x80 there may be a whole scalar of white space, such as U+2000.
        #expect(space.contains(byte) || byte >= 0x80, "\(byte)")
      }
      #expect(zip(found, found.dropFirst()).allSatisfy { $0.end <= $1.begin })
    }
  }
}
