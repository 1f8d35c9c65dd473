import Foundation
import Testing
import WeftSpec

@testable import WeftCorpus

@Suite("Corpus errors")
struct CorpusErrorTests {
  @Test func diagnosticsShowTheLine() throws {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("weft-error-\(UUID()).conll")
      .path
    try "a\tO\né\tI-X\n".write(toFile: path, atomically: true, encoding: .utf8)
    defer { try? FileManager.default.removeItem(atPath: path) }
    let columns = [ColumnSpec(name: "word", source: .index(0)), ColumnSpec(name: "ner", source: .index(1))]
    let corpus = try Corpus.read(CorpusSpec(name: "c", columns: columns), paths: [path])
    let task = TaskSpec(name: "ner", data: "c", column: "ner", dataScheme: .bio, modelScheme: .bio)
    let encoder = BatchEncoder(
      vocabularies: Vocabularies(labels: ["ner": LabelSet(labels: ["O"], scheme: .bio)]), tasks: [task])
    do {
      _ = try encoder.encode(corpus)
      Issue.record("no error")
    } catch {
      #expect(
        error.diagnostic.description == """
          \(path):2:3: error: column 'ner' is not bio: I-X follows O, but a span must begin with B-X
            é\tI-X
             \t^
            help: the whole column is valid iob1: declare 'scheme: {data: iob1}'
          """)
    }
  }

  @Test func withoutAFileToReadAgain() {
    let error = CorpusError(.raggedLine, path: "<standard input>", line: 3, column: 2, "message")
    #expect(error.diagnostic.description == "<standard input>:3:2: error: message")
    #expect(error.description == error.diagnostic.description)
    #expect(CorpusError(.empty, path: "p", "m", suggestion: "s").description == "p: error: m\n  help: s")
  }

  @Test func aFolderIsNoCorpus() {
    let columns = [ColumnSpec(name: "word", source: .index(0))]
    #expect {
      try Corpus.read(
        CorpusSpec(name: "c", columns: columns), paths: [FileManager.default.temporaryDirectory.path])
    } throws: {
      "\($0)".contains("cannot read: Is a directory")
    }
  }
}
