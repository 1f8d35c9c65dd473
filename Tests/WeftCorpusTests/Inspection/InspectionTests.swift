import Foundation
import Testing
import WeftSpec

@testable import WeftCorpus

@Suite("Looking into unknown corpora")
struct InspectionTests {
  private func inspect(_ text: String) throws -> CorpusInspection {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("weft-inspect-\(UUID()).txt")
      .path
    try text.write(toFile: path, atomically: true, encoding: .utf8)
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try CorpusInspection(path: path)
  }

  @Test func theSample() throws {
    let path = ExampleData.folder + "/sample/train.conll"
    let found = try CorpusInspection(path: path)
    #expect(found.format == .conll && found.sentences == 200 && found.tokens == 2899)
    #expect(found.columns.map(\.name) == ["word", "upos", "xpos", "ner", "number4", "deprel"])
    #expect(found.columns.map(\.role) == [.word, .label, .label, .label, .number, .label])
    #expect(found.columns.map(\.scheme.scheme) == [.none, .none, .none, .bio, .none, .none])
    #expect(found.columns.map(\.metric) == [.accuracy, .accuracy, .accuracy, .spanF1, .accuracy, .accuracy])
    #expect(found.columns[3].examples.first?.value == "O")
    #expect(found.labelColumns.map(\.name) == ["upos", "xpos", "ner", "deprel"])
    // The description that comes out reads the file.
    let spec = found.spec(named: "sample")
    #expect(spec.columns.map(\.name) == ["word", "upos", "xpos", "ner", "deprel"])
    #expect(try Corpus.read(spec, paths: [path]).tokenCount == 2899)
  }

  @Test func numberedColumnsAndComments() throws {
    var text = ""
    for sentence in 0..<20 {
      text +=
        "# sent_id = \(sentence)\n1\tword\(sentence)\tI-PER\t-\n2\tb\(sentence % 7)\tO\t-\n3\tB\(sentence)\tI-LOC\t-\n\n"
    }
    let found = try inspect(text)
    #expect(found.format == .conll)
    #expect(found.columns.map(\.role) == [.index, .word, .label, .constant])
    #expect(found.columns[2].scheme.scheme == .iob1 && found.columns[2].name == "ner")
    #expect(found.columns[2].scheme.types == ["PER", "LOC"])
  }

  @Test func universalFiles() throws {
    let row = "1\ta\ta\tNOUN\tNN\tNumber=Sing\t0\troot\t_\t_\n"
    let found = try inspect(String(repeating: "# text = a\n" + row + "\n", count: 12))
    #expect(found.format == .conllu)
    #expect(found.columns.first?.name == "word" && found.columns.first?.role == .word)
    #expect(found.columns.first?.source == .field("form"))
    #expect(found.columns.map(\.name).contains("upos"))
  }

  @Test func tablesWithAHeader() throws {
    let rows = (0..<40).map { "w\($0)\t\($0 % 2 == 0 ? "S-NP" : "O")\n" }.joined()
    let found = try inspect("Token\tChunk\n" + rows)
    #expect(found.format == .tsv && found.tokens == 40)
    #expect(found.columns.map(\.source) == [.index(0), .index(1)])
    #expect(found.columns.map(\.name) == ["word", "chunk"])
    #expect(found.columns[1].scheme.scheme == .bioes && found.columns[1].metric == .spanF1)
  }

  @Test func oddFiles() throws {
    #expect {
      try inspect("")
    } throws: {
      "\($0)".contains("the corpus is empty")
    }
    let bare = try inspect("a\nb\n\nc\n")
    #expect(bare.columns.map(\.role) == [.word] && bare.labelColumns.isEmpty && bare.longestSentence == 2)
    #expect {
      try inspect("a b\nc d e\n")
    } throws: {
      "\($0)".contains(":2:1: error: this line has 3 columns")
    }
  }
}
