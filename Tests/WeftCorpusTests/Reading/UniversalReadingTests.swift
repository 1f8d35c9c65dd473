import Testing
import WeftSpec

@testable import WeftCorpus

@Suite("Reading CoNLL-U")
struct UniversalReadingTests {
  private let spec = CorpusSpec(
    name: "u", format: .conllu,
    columns: [
      ColumnSpec(name: "word", source: .field("form")), ColumnSpec(name: "upos", source: .field("upos")),
      ColumnSpec(name: "head", source: .field("head")),
      ColumnSpec(name: "number", source: .key(field: "feats", key: "Number")),
      ColumnSpec(name: "entity", source: .key(field: "misc", key: "Entity")),
    ])

  private let text = """
    # newdoc
    # sent_id = a-1
    # text = don't _ go
    1-2\tdon't\t_\t_\t_\t_\t_\t_\t_\tSpaceAfter=No
    1\tdo\tdo\tAUX\tVBP\tNumber=Sing|Mood=Ind\t3\taux\t3:aux\tEntity=B-X|SpaceAfter=No
    2\tn't\tnot\tPART\tRB\t_\t3\tadvmod\t_\t_
    2.1\tghost\t_\tVERB\t_\t_\t_\t_\t0:root\t_
    3\t_\t_\tVERB\tVB\tPronNumber=Plur|Number=\t0\troot\t_\tXEntity=no|Entity=I-X

    # sent_id = a-2
    1\t#\t#\tSYM\tSYM\t_\t0\troot\t_\t_

    """

  private func failure(_ text: String) -> String {
    do {
      _ = try Corpus.read(spec, text: Array(text.utf8), path: "x.conllu")
      return "no error"
    } catch { return error.description }
  }

  @Test func fieldsKeysAndSkippedNodes() throws {
    let corpus = try Corpus.read(spec, text: Array(text.utf8), path: "x")
    #expect((0..<2).map { corpus[$0].words } == [["do", "n't", "_"], ["#"]])
    #expect(corpus.values("upos", of: 0) == ["AUX", "PART", "VERB"])
    #expect(corpus.values("head", of: 0) == ["3", "3", "0"])
    #expect(corpus.values("number", of: 0) == ["Sing", nil, nil])
    #expect(corpus.values("entity", of: 0) == ["B-X", nil, "I-X"])
    #expect(corpus[0].id == "a-1" && corpus[1].id == "a-2")
    #expect(corpus.location(ofToken: 2).line == 8)
  }

  @Test func malformedFiles() {
    #expect(
      failure("1\ta\tb\n")
        == "x.conllu:1:1: error: this line has 3 columns; CoNLL-U needs 10\n"
        + "  help: CoNLL-U separates its columns by single tabs and writes an absent value as _")
    #expect(failure("x\ta\t_\t_\t_\t_\t_\t_\t_\t_\n").contains("x.conllu:1:1: error: 'x' is no token number"))
    #expect(failure("1\t\t_\t_\t_\t_\t_\t_\t_\t_\n") == "x.conllu:1:3: error: the word is empty")
    #expect(failure("# text = a\n\n").contains("the corpus is empty"))
    #expect(failure("1-2\tab\t_\t_\t_\t_\t_\t_\t_\t_\n").contains("the corpus is empty"))
    let wrong = CorpusSpec(
      name: "u", format: .conllu,
      columns: [
        ColumnSpec(name: "word", source: .field("form")), ColumnSpec(name: "t", source: .field("tag")),
      ])
    #expect {
      try Corpus.read(wrong, text: Array(text.utf8), path: "x")
    } throws: {
      "\($0)".contains("column 't': the file has no field 'tag'\n  help: its fields are id, form, lemma")
    }
  }

  @Test func columnsNamedByTheFile() throws {
    let plus = "# global.columns = ID FORM PARSEME:MWE\n1\ta\tb\n2\tc\t_\n"
    let spec = CorpusSpec(
      name: "u", format: .conllu,
      columns: [
        ColumnSpec(name: "word", source: .field("form")),
        ColumnSpec(name: "mwe", source: .field("parseme:mwe")),
      ])
    let corpus = try Corpus.read(spec, text: Array(plus.utf8), path: "x")
    #expect(corpus[0].words == ["a", "c"])
    #expect(corpus.values("mwe", of: 0) == ["b", nil])
  }

  @Test func everyLineComesBack() throws {
    var reader = SentenceReader(text: Array(text.utf8), spec: spec)
    var written = ""
    while let sentence = try reader.next() { written += sentence.rendered(adding: [], format: .conllu) }
    #expect(written == text + "\n")
  }

  @Test func labelsGoIntoMisc() throws {
    var reader = SentenceReader(text: Array(text.utf8), spec: spec)
    let sentence = try #require(try reader.next())
    let written = sentence.rendered(
      adding: [("Entity", ["O", "S-X", "O"]), ("pos", ["A", "B", "C"])], format: .conllu)
    let lines = written.split(separator: "\n").map(String.init)
    #expect(lines[3].hasSuffix("\tSpaceAfter=No"))
    #expect(lines[4].hasSuffix("\t3:aux\tSpaceAfter=No|Entity=O|pos=A"))
    #expect(lines[5].hasSuffix("\t_\tEntity=S-X|pos=B"))
    #expect(lines[6].hasPrefix("2.1\tghost") && lines[6].hasSuffix("\t_"))
    #expect(lines[7].hasSuffix("\tXEntity=no|Entity=O|pos=C"))
  }
}
