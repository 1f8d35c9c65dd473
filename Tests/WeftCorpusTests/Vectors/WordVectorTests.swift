import Foundation
import Testing
import WeftSpec

@testable import WeftCorpus

@Suite("Word vectors")
struct WordVectorTests {
  /// Writes a file, gives its path to `body`, and removes it.
  private func withFile<Result>(_ text: String, gzip: Bool = false, _ body: (String) throws -> Result) throws
    -> Result
  {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("weft-vectors-\(UUID()).txt")
    var path = url.path
    try Data(text.utf8).write(to: url)
    if gzip {
      let process = Process()
      process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
      process.arguments = ["gzip", path]
      try process.run()
      process.waitUntilExit()
      path += ".gz"
    }
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try body(path)
  }

  private func read(_ text: String, width: Int = 2, _ words: [String], lowercase: Bool = false) throws
    -> [String: [Float]]
  {
    try withFile(text) { path in
      let vocabulary = Vocabulary(entries: words, lowercase: lowercase)
      let vectors = try WordVectors.read(path: path, width: width, vocabulary: vocabulary)
      #expect(vectors.ids == vectors.ids.sorted())
      var rows: [String: [Float]] = [:]
      for (row, id) in vectors.ids.enumerated() {
        rows[vocabulary.entry(Int(id))] = Array(vectors.values[(row * width)..<((row + 1) * width)])
      }
      return rows
    }
  }

  private func failure(_ text: String, width: Int = 2) throws -> String {
    try withFile(text) { path in
      do {
        _ = try WordVectors.read(path: path, width: width, vocabulary: Vocabulary(entries: ["a", "b"]))
        return "no error"
      } catch { return "\(error)".replacingOccurrences(of: path, with: "v") }
    }
  }

  @Test func plainWithAndWithoutHeader() throws {
    let rows: [String: [Float]] = ["a": [1, -2.5], "c": [1e-3, 0.1]]
    #expect(try read("a 1 -2.5\nb 3 4\nc 1e-3 0.1\n", ["c", "a", "z"]) == rows)
    #expect(try read("3 2\na 1 -2.5 \nb 3 4 \nc\t1e-3\t0.1", ["c", "a", "z"]) == rows)
    #expect(try read("\u{FEFF}a 1 -2.5\r\nc 1e-3 0.1\r\n", ["c", "a"]) == rows)
  }

  @Test func wordsWithSpacesAndNumbersAsWords() throws {
    let text = "a 1 2\n. . . 3 4\nat name@x 5 6\n2000 7 8\n"
    #expect(
      try read(text, [". . .", "at name@x", "2000"]) == [
        ". . .": [3, 4], "at name@x": [5, 6], "2000": [7, 8],
      ])
  }

  @Test func firstOfRepeatedWordsWins() throws {
    #expect(try read("a 1 2\na 3 4\n", ["a"]) == ["a": [1, 2]])
    #expect(
      try read("The 1 2\nTHE 5 6\nthe 3 4\nParis 7 8\nPARIS 9 9\n", ["the", "paris"], lowercase: true)
        == ["the": [3, 4], "paris": [7, 8]])
    #expect(try read("The 1 2\n", ["the"]).isEmpty)
  }

  @Test func wrongWidthNamesTheLine() throws {
    #expect(
      try failure("a 1 2\nb 3\n")
        == "v:2:1: error: this line has 1 numbers, the spec says 2\n  help: set 'words: {dim: 1}', or use vectors of 2 numbers"
    )
    #expect(try failure("a 1 2 3\n").hasPrefix("v:1:1: error: this line has 3 numbers, the spec says 2"))
    #expect(
      try failure("a 1 2\nb 1 2 3\n").hasPrefix("v:2:1: error: this line has 3 numbers, the spec says 2"))
    #expect(
      try failure("5 300\n").hasPrefix(
        "v:1:1: error: the header says 5 vectors of 300 numbers, the spec says 2"))
    #expect(try failure("a 1 2\na\n").hasPrefix("v:2:1: error: this line has 0 numbers, the spec says 2"))
  }

  @Test func otherBadFiles() throws {
    #expect(try failure("a 1 x\n") == "v:1:5: error: 'x' is no finite number")
    #expect(try failure("a nan 1\n") == "v:1:3: error: 'nan' is no finite number")
    #expect(try failure("") == "v: error: the file holds no vector")
    #expect(try failure("5 2\n") == "v: error: the file holds no vector")
    #expect {
      try WordVectors.read(path: "no/file", width: 2, vocabulary: Vocabulary(entries: ["a"]))
    } throws: {
      "\($0)".hasPrefix("no/file: error: cannot open the vectors: No such file")
    }
  }

  @Test func gzip() throws {
    let text = (0..<5000).map { "w\($0) \($0) 0.5\n" }.joined()
    let vocabulary = Vocabulary(entries: ["w4999", "w0"])
    try withFile(text, gzip: true) { path in
      let vectors = try WordVectors.read(path: path, width: 2, vocabulary: vocabulary)
      #expect(vectors.fileCount == 5000)
      #expect(vectors.values == [4999, 0.5, 0, 0.5])
      // An error in the middle stops gzip and is reported.
      #expect(throws: CorpusError.self) { try WordVectors.read(path: path, width: 3, vocabulary: vocabulary) }
      let whole = try Data(contentsOf: URL(fileURLWithPath: path))
      try whole.prefix(whole.count / 2).write(to: URL(fileURLWithPath: path))
      #expect {
        try WordVectors.read(path: path, width: 2, vocabulary: vocabulary)
      } throws: {
        "\($0)".contains("cannot unpack the file") && "\($0)".contains("unexpected end of file")
      }
    }
  }

  @Test func vocabularyFromTrainAndVectors() throws {
    let corpus = Corpus(
      name: "a", sentences: [Sentence(words: ["Rare", "common", "common", "unseen"])])
    try withFile("rare 1 2\nextra 3 4\nExtra 5 6\nOther 7 8\n") { path in
      func build(_ vocabulary: WordSpec.Vocabulary) throws -> (Vocabularies, WordVectors?) {
        let words = WordSpec(dim: 2, vectors: path, vocabulary: vocabulary, minCount: 2)
        let spec = Spec(
          name: "s", data: [CorpusSpec(name: "a", columns: [])], tasks: [], network: NetworkSpec(words: words)
        )
        return try VocabularyBuilder(spec: spec).build(["a": corpus])
      }
      let (train, some) = try build(.train)
      #expect(train.words?.entries == ["rare", "common"])
      #expect(some?.ids == [2] && some?.values == [1, 2] && some?.fileCount == 4)
      let (both, all) = try build(.trainAndVectors)
      #expect(both.words?.entries == ["rare", "common", "extra", "other"])
      #expect(all?.ids == [2, 4, 5] && all?.values == [1, 2, 3, 4, 7, 8])
      let words = try #require(both.words)
      let rate = HitRate(corpus, vocabulary: words, vectors: try #require(all))
      #expect(rate.tokens == 4 && rate.tokenHits == 1)
      #expect(rate.types == 3 && rate.typeHits == 1)
    }
  }
}
