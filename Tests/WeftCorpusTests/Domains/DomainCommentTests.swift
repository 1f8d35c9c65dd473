import Testing
import WeftSpec

@testable import WeftCorpus

@Suite struct DomainCommentTests {
  private func corpus(_ text: String, format: CorpusSpec.Format = .conll, field: String, until: String? = nil)
    throws(CorpusError) -> Corpus
  {
    var spec = CorpusSpec(
      name: "c", format: format,
      columns: [ColumnSpec(name: "word", source: format == .conllu ? .field("form") : .index(0))])
    spec.domains = .comment(field: field, until: until)
    return try Corpus.read(spec, text: Array(text.utf8), path: "x")
  }

  private func domains(_ corpus: Corpus) -> [String] {
    (0..<corpus.sentenceCount).map { corpus.domains?[$0] ?? "none" }
  }

  @Test func aFieldHoldsUntilItIsGivenAgain() throws {
    let corpus = try corpus(
      """
      # newdoc id = weblog-blog.com-2004
      # text = a
      a\tX

      b\tX

      # newdoc id = reviews-12
      # text = # newdoc id = no
      c\tX

      #newdoc id=plain
      d\tX
      """, field: "newdoc id", until: "-")
    #expect(domains(corpus) == ["weblog", "weblog", "reviews", "reviews"])
    #expect(corpus.domains?.names == ["weblog", "reviews"])
  }

  /// `#newdoc` without a space is a token of a `conll` file; in CoNLL-U every such line is a comment.
  @Test func universalComments() throws {
    let rest = String(repeating: "\t_", count: 8)
    let corpus = try corpus(
      "#genre=news\n1\ta\(rest)\n\n#  genre  =  Zeitung 日  \n# sent_id = 7\n1\tb\(rest)\n", format: .conllu,
      field: "genre")
    #expect(domains(corpus) == ["news", "Zeitung 日"])
  }

  @Test func aSeparatorThatDoesNotOccurLeavesTheValue() throws {
    #expect(domains(try corpus("# g = mail\na\tX\n", field: "g", until: "::")) == ["mail"])
    #expect(domains(try corpus("# g = a::b::c\na\tX\n", field: "g", until: "::")) == ["a"])
  }

  @Test func aSentenceWithoutADomainIsLocated() {
    do {
      _ = try corpus("# genres = news\na\tX\n", field: "genre")
      Issue.record("no error")
    } catch {
      #expect(
        error.description == """
          x:2:1: error: no comment '# genre = …' before this sentence says which domain it is of
            help: add one, or change 'domains: {comment: …}'
          """)
    }
  }

  @Test func anEmptyValueIsNone() {
    #expect(throws: CorpusError.self) { try corpus("# genre =  \na\tX\n", field: "genre") }
  }

  @Test func aNewFileBeginsWithoutADomain() throws {
    var comments = DomainComments(field: "g", until: nil)
    comments.read(Array("# g = a".utf8))
    #expect(comments.current == 0)
    comments.beginFile()
    #expect(comments.current == nil)
    comments.read(Array("# g = a".utf8))
    #expect(comments.current == 0)
  }
}
