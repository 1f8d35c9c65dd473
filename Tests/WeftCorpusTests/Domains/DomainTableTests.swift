import Testing
import WeftSpec

@testable import WeftCorpus

@Suite struct DomainTableTests {
  private static let header = "split\tdomain\tfirst\tlast\n"

  private func domains(_ lines: String, count: Int, split: Split = .train) throws(CorpusError)
    -> SentenceDomains
  {
    try DomainTable(text: Array((Self.header + lines).utf8), path: "d.tsv")
      .domains(of: split, count: count, files: "a.conll")
  }

  private func failure(_ lines: String, count: Int = 4, split: Split = .train) -> String {
    do {
      _ = try domains(lines, count: count, split: split)
      return "no error"
    } catch { return error.description }
  }

  @Test func rangesInAnyOrderAndSeveralOfADomain() throws {
    let domains = try domains(
      "train\tnews\t2\t2\ntest\tx\t0\t9\ntrain\tmél 日\t0\t1\ntrain\tnews\t3\t3\n", count: 4)
    #expect(domains.names == ["news", "mél 日"])
    #expect((0..<4).map { domains[$0] } == ["mél 日", "mél 日", "news", "news"])
    #expect(domains.sentences(of: ["news"]) == [2, 3])
    #expect(domains.sentences(of: []) == [])
  }

  @Test func columnsAreFoundByNameAndOthersAreIgnored() throws {
    let text = "last\ttokens\tdomain\tfirst\tsplit\r\n0\t7\tnews\t0\ttrain\r\n\r\n"
    let domains = try DomainTable(text: Array(text.utf8), path: "d.tsv")
      .domains(of: .train, count: 1, files: "a")
    #expect(domains[0] == "news")
  }

  @Test func overlapsAreLocated() {
    #expect(
      failure("train\ta\t0\t2\ntrain\tb\t2\t3\n") == """
        d.tsv:3:1: error: sentences 2 to 3 of train overlap those of another range
          help: the other is 0 to 2 of line 2; a sentence is of one domain
        """)
    #expect(failure("train\ta\t0\t3\ntrain\tb\t0\t3\n").hasPrefix("d.tsv:3:1: error: sentences 0 to 3"))
  }

  @Test func gapsAreLocated() {
    #expect(
      failure("train\ta\t0\t0\ntrain\tb\t2\t3\n") == """
        d.tsv:3:1: error: sentence 1 of train is in no range
          help: begin this range at 1, or add one
        """)
    #expect(failure("train\ta\t1\t3\n").hasPrefix("d.tsv:2:1: error: sentence 0 of train is in no range"))
    #expect(
      failure("train\ta\t0\t1\n") == """
        d.tsv:2:1: error: sentences 2 to 3 of train are in no range
          help: end this range at 3, or add one
        """)
  }

  @Test func rangesBeyondTheFileAreLocated() {
    #expect(
      failure("train\ta\t0\t4\n") == """
        d.tsv:2:1: error: sentence 4 of train does not exist: a.conll has 4 sentences
          help: they are numbered from 0 to 3
        """)
  }

  @Test func aSplitWithoutRanges() {
    #expect(
      failure("train\ta\t0\t3\n", split: .dev)
        .hasPrefix("d.tsv: error: no range is of the split 'dev', which has 4 sentences"))
  }

  @Test func malformedLines() {
    #expect(failure("tran\ta\t0\t3\n").hasPrefix("d.tsv:2:1: error: there is no split 'tran'"))
    #expect(failure("train\t\t0\t3\n").hasPrefix("d.tsv:2:7: error: the domain has no name"))
    #expect(failure("train\té\t-1\t3\n").hasPrefix("d.tsv:2:9: error: '-1' is no number of a sentence"))
    #expect(failure("train\ta\t0\tmany\n").hasPrefix("d.tsv:2:11: error: 'many' is no number"))
    #expect(failure("train\ta\t3\t0\n").hasPrefix("d.tsv:2:9: error: the range ends before it begins"))
    #expect(failure("train\ta\t0\n").hasPrefix("d.tsv:2:1: error: this line has 3 columns"))
  }

  @Test func theHeaderIsNeeded() {
    func failure(_ text: String) -> String {
      do {
        _ = try DomainTable(text: Array(text.utf8), path: "d.tsv")
        return "no error"
      } catch { return error.description }
    }
    #expect(failure("").hasPrefix("d.tsv: error: the table of domains is empty"))
    #expect(
      failure("split\tdomian\tfirst\tlast\n") == """
        d.tsv:1:1: error: the table of domains has no column 'domain'
          help: did you mean 'domian'?
        """)
    #expect(failure("train\tnews\t0\t3\n").contains("has no column 'split'"))
  }
}
