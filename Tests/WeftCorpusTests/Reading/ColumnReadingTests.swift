import Testing
import WeftSpec

@testable import WeftCorpus

@Suite("Reading column files")
struct ColumnReadingTests {
  private func spec(
    _ columns: [(String, Int)] = [("word", 0), ("ner", 1)], separator: CorpusSpec.Separator = .automatic,
    format: CorpusSpec.Format = .conll, unlabelled: [String] = []
  ) -> CorpusSpec {
    CorpusSpec(
      name: "c", format: format, separator: separator,
      columns: columns.map { ColumnSpec(name: $0.0, source: .index($0.1)) }, unlabelled: unlabelled)
  }

  private func read(_ text: String, _ spec: CorpusSpec) throws(CorpusError) -> Corpus {
    try Corpus.read(spec, text: Array(text.utf8), path: "x.conll")
  }

  private func words(_ corpus: Corpus) -> [[String]] {
    (0..<corpus.sentenceCount).map { corpus[$0].words }
  }

  private func failure(_ text: String, _ spec: CorpusSpec) -> String {
    do {
      _ = try read(text, spec)
      return "no error"
    } catch { return error.description }
  }

  @Test func tabsSpacesAndColumnsInAnyOrder() throws {
    let corpus = try read("O\tx\tParis\nB-LOC\ty\tRome\n\nO\tz\tby\n", spec([("word", 2), ("ner", 0)]))
    #expect(words(corpus) == [["Paris", "Rome"], ["by"]])
    #expect(corpus.values("ner", of: 0) == ["O", "B-LOC"])
    let spaced = try read("Paris  B-LOC\n  is   O  \n", spec())
    #expect(words(spaced) == [["Paris", "is"]])
    #expect(spaced.values("ner", of: 0) == ["B-LOC", "O"])
  }

  @Test func aTabMakesSpacesPartOfAWord() throws {
    let corpus = try read("New York\tB-LOC\nis\tO\n", spec())
    #expect(words(corpus) == [["New York", "is"]])
    let runs = try read("a \tO\nb\t O\n", spec(separator: .whitespace))
    #expect(words(runs) == [["a", "b"]])
  }

  @Test func lineEndsMarksAndBlankLines() throws {
    let text = "\u{FEFF}a\tO\r\nb\tO\r\n\t \r\n\r\n\n  \nc\tO"
    let corpus = try read(text, spec())
    #expect(words(corpus) == [["a", "b"], ["c"]])
    #expect(corpus.location(ofToken: 2).line == 7)
  }

  @Test func documentsAreSkippedAndEndSentences() throws {
    let text = "-DOCSTART- -X- O\n\na O\n-DOCSTART- O\nb O\n-DOCSTART-x O\n"
    #expect(words(try read(text, spec())) == [["a"], ["b", "-DOCSTART-x"]])
  }

  @Test func hashIsAWordUnlessTheLineIsAComment() throws {
    let tabbed = "# sent_id = s1\n# text = # 1 is good\n#\tO\n1\tO\n#tag\tO\n\n# newdoc\n#\tO\n"
    let corpus = try read(tabbed, spec())
    #expect(words(corpus) == [["#", "1", "#tag"], ["#"]])
    #expect(corpus[0].id == "s1")
    #expect(corpus[1].id == nil)

    // Separated by spaces, the number of cells decides.
    let spaced = "# a comment of five\n# O\na O\n# O\n\n# O\n"
    #expect(words(try read(spaced, spec())) == [["#", "a", "#"], ["#"]])
    #expect(failure(spaced + "# text = x\n", spec()).contains("x.conll:7:1: error: this line has 4 columns"))

    // In a file of one column a lone # is a word.
    #expect(words(try read("# text = a b\n#\na\n", spec([("word", 0)]))) == [["#", "a"]])
    // With more columns a lone # before a sentence is an empty comment.
    #expect(words(try read("#\na O\n", spec())) == [["a"]])
  }

  @Test func invalidUTF8BecomesReplacementCharacters() throws {
    let bytes: [UInt8] =
      Array("a".utf8) + [0xFF] + Array("\tO\nb".utf8) + [0xE2, 0x82] + Array("\tO\n".utf8) + [
        0xF0, 0x80, 0x80,
      ]
      + Array("\tO\n".utf8)
    let corpus = try Corpus.read(spec(), text: bytes, path: "x")
    #expect(words(corpus) == [["a\u{FFFD}", "b\u{FFFD}", "\u{FFFD}\u{FFFD}\u{FFFD}"]])
  }

  @Test func repairedWordsAreOneValue() throws {
    let bytes: [UInt8] = [0xFF, 0x09, 0x4F, 0x0A, 0xFE, 0x09, 0x4F, 0x0A]
    let corpus = try Corpus.read(spec(), text: bytes, path: "x")
    #expect(corpus.words.values == ["\u{FFFD}"])
  }

  @Test func canonicallyEqualWordsStayApart() throws {
    let corpus = try read("caf\u{E9}\tO\ncafe\u{301}\tO\n", spec())
    #expect(corpus.words.cells == [0, 1])
  }

  @Test func raggedLinesNameLineAndCount() {
    #expect(
      failure("a\tO\nb\tO\tx\n", spec())
        == "x.conll:2:1: error: this line has 3 columns, but the lines before have 2\n"
        + "  help: write a missing label as an empty cell between tabs, or as a text listed under 'unlabelled'"
    )
    #expect(
      failure("a O\nb c O\n", spec())
        == "x.conll:2:1: error: this line has 3 columns, but the lines before have 2\n"
        + "  help: a word that holds a space needs tabs between the columns")
  }

  @Test func missingColumnNamesLineAndCount() {
    #expect(
      failure("\na O\n", spec([("word", 0), ("ner", 3)]))
        == "x.conll:2:1: error: column 'ner' is number 3, but this line has 2 columns (numbers 0 to 1)")
    #expect(failure("a\n", spec()).contains("this line has 1 column (number 0)"))
  }

  @Test func emptyCorpusAndEmptyWordAreErrors() {
    #expect(failure("", spec()) == "x.conll: error: the corpus is empty: no line holds a token")
    #expect(failure("\n\n-DOCSTART- O\n\n", spec()).contains("the corpus is empty"))
    #expect(failure("# text = x\n", spec()).contains("the corpus is empty"))
    #expect(failure("a\tO\n\tO\n", spec()) == "x.conll:2:1: error: the word is empty")
  }

  @Test func cellsWithoutLabel() throws {
    let corpus = try read("a\t\nb\tO\nc\t?\n", spec(unlabelled: ["?"]))
    #expect(corpus.values("ner", of: 0) == [nil, "O", nil])
    #expect(try read("?\tO\n", spec(unlabelled: ["?"])).words[0] == "?")
  }

  @Test func filesThatAreNoText() {
    let utf16: [UInt8] = [0xFF, 0xFE, 0x61, 0x00]
    #expect {
      try Corpus.read(spec(), text: utf16, path: "x")
    } throws: {
      "\($0)".contains("UTF-16")
    }
    #expect {
      try Corpus.read(spec(), text: [0x1F, 0x8B, 0x08], path: "x")
    } throws: {
      "\($0)".contains("gzip")
    }
    #expect {
      try Corpus.read(spec(), paths: ["no/such/file"])
    } throws: {
      "\($0)".hasPrefix("no/such/file: error: cannot open the file: No such file or directory")
    }
  }

  @Test func tabSeparatedFilesHaveHeadersAndNoComments() throws {
    let text = "Token\tTag\n# x\tO\n-DOCSTART-\tO\n\nb\tB\n"
    let corpus = try read(text, spec(format: .tsv))
    #expect(words(corpus) == [["# x", "-DOCSTART-"], ["b"]])
    let named = CorpusSpec(
      name: "c", format: .tsv,
      columns: [
        ColumnSpec(name: "ner", source: .field("Tag")), ColumnSpec(name: "word", source: .field("Token")),
      ])
    #expect(try read(text, named).values("ner", of: 1) == ["B"])
    #expect(words(try read("a\tO\n", spec(format: .tsv))) == [["a"]])
  }

  @Test func longLinesAndManyTokens() throws {
    let long = String(repeating: "x", count: 700_000)
    let text =
      "\(long)\tO\n" + String(repeating: "y\tO\n", count: 1000) + "\n" + String(repeating: "z\tO\n", count: 3)
    let corpus = try read(text, spec())
    #expect(corpus.sentenceCount == 2)
    #expect(corpus.length(of: 0) == 1001)
    #expect(corpus.words.values.map(\.utf8.count) == [700_000, 1, 1])
    #expect(corpus.location(ofToken: 1003).line == 1005)
  }
}
