import Foundation
import Testing
import WeftSpec

@testable import WeftCorpus

@Suite("Reading sentence by sentence")
struct StreamingTests {
  private func spec(_ format: CorpusSpec.Format = .conll) -> CorpusSpec {
    CorpusSpec(
      name: "c", format: format,
      columns: [ColumnSpec(name: "word", source: .index(0)), ColumnSpec(name: "ner", source: .index(1))],
      unlabelled: ["?"])
  }

  private func sentences(_ text: String, _ format: CorpusSpec.Format = .conll) throws -> [Sentence] {
    var reader = SentenceReader(text: Array(text.utf8), spec: spec(format))
    var result: [Sentence] = []
    while let sentence = try reader.next() { result.append(sentence) }
    return result
  }

  @Test func wordsValuesAndLines() throws {
    let read = try sentences("# sent_id = s\na\tO\nb\t?\n\n\nc\tB-X")
    #expect(read.map(\.words) == [["a", "b"], ["c"]])
    #expect(read[0].columns["ner"] == ["O", nil])
    #expect(read[0].id == "s" && read[1].id == nil)
    #expect(read.map(\.line) == [2, 6])
    #expect(read[0].lines.map(\.token) == [nil, 0, 1])
  }

  @Test func inputWithoutTheOtherColumns() throws {
    let read = try sentences("a\nb\n\nc\n")
    #expect(read.map(\.words) == [["a", "b"], ["c"]])
    #expect(read[0].columns["ner"] == [nil, nil])
    let written = read[0].rendered(adding: [("x", ["1", "2"]), ("y", ["3", "4"])], format: .conll)
    #expect(written == "a\t1\t3\nb\t2\t4\n\n")
  }

  @Test func columnsAreAddedWithTheLinesOwnSeparator() throws {
    let spaced = try sentences("# text = x\na O\n\n")
    #expect(spaced[0].rendered(adding: [("p", ["X"])], format: .conll) == "# text = x\na O X\n\n")
    let tabbed = try sentences("New York\tO\n")
    #expect(tabbed[0].rendered(adding: [("p", ["X"])], format: .conll) == "New York\tO\tX\n\n")
    let table = try sentences("word\tner\nNew York\tO\n", .tsv)
    #expect(table[0].rendered(adding: [("p", ["X"])], format: .tsv) == "word\tner\tp\nNew York\tO\tX\n\n")
    let bare = Sentence(words: ["a", "b"]).rendered(adding: [("p", ["X", "Y"])], format: .conll)
    #expect(bare == "a\tX\nb\tY\n\n")
  }

  @Test func documentsBelongToTheSentenceAfterThem() throws {
    let text = "-DOCSTART- O\n\na O\n\n-DOCSTART- O\n\nb O\n\n# the end\n"
    let read = try sentences(text)
    #expect(read.map(\.words) == [["a"], ["b"], []])
    #expect(read.map { $0.rendered(adding: [], format: .conll) }.joined() == text)
  }

  @Test func nothingAtAll() throws {
    #expect(try sentences("").isEmpty)
    #expect(try sentences("\n\n \n").isEmpty)
  }

  @Test func errorsNameTheLine() {
    #expect {
      try sentences("a\tO\n\nb\tO\tx\n")
    } throws: {
      "\($0)".hasPrefix("<memory>:3:1: error: this line has 3 columns, but the lines before have 2")
    }
  }

  @Test func aPipeIsReadAsItFills() throws {
    let pipe = Pipe()
    var reader = SentenceReader(descriptor: pipe.fileHandleForReading.fileDescriptor, spec: spec())
    // The first sentence arrives while the writer still holds the pipe open.
    try pipe.fileHandleForWriting.write(contentsOf: Data("a\tO\n\nb\t".utf8))
    #expect(try reader.next()?.words == ["a"])
    try pipe.fileHandleForWriting.write(contentsOf: Data("O\nc\tO".utf8))
    try pipe.fileHandleForWriting.close()
    #expect(try reader.next()?.words == ["b", "c"])
    #expect(try reader.next() == nil)
    #expect(try reader.next() == nil)
  }

  @Test func plainText() throws {
    var reader = PlainTextReader(text: Array("\u{FEFF}The  cat\tsat\r\n\n   \n# naïve 日本 \nend".utf8))
    var read: [Sentence] = []
    while let sentence = try reader.next() { read.append(sentence) }
    #expect(read.map(\.words) == [["The", "cat", "sat"], ["#", "naïve", "日本"], ["end"]])
    #expect(read.map(\.line) == [1, 4, 5])
  }

  @Test func linesAcrossBlocks() throws {
    // Lines of all lengths around the size of a block.
    var expected: [String] = []
    var text = ""
    for length in [1, 131_071, 131_072, 131_073, 262_143, 262_144, 262_145, 2] {
      expected.append(String(repeating: "a", count: length))
      text += expected[expected.count - 1] + "\r\n"
    }
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("weft-lines-\(UUID()).txt").path
    try text.write(toFile: path, atomically: true, encoding: .utf8)
    defer { try? FileManager.default.removeItem(atPath: path) }
    var lines = try ByteLines(path: path)
    var line: [UInt8] = []
    var read: [String] = []
    while try lines.next(into: &line) { read.append(String(decoding: line, as: UTF8.self)) }
    #expect(read == expected)
  }
}
