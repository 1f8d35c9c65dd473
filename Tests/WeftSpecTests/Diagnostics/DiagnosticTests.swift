import Testing
import WeftSpec

@Suite struct DiagnosticTests {
  @Test func placesWithoutALineOrAColumn() {
    #expect(Diagnostic.error("no space left").description == "error: no space left")
    #expect(Diagnostic.warning("odd", at: SourceSpan(path: "a")).description == "a: warning: odd")
    let line = SourceSpan(location: SourceLocation(path: "a", line: 3), sourceLine: "x y")
    #expect(Diagnostic.note("here", at: line).description == "a:3: note: here\n  x y")
  }

  @Test func tabsKeepTheCaretInPlace() {
    let span = SourceSpan(path: "c.conll", line: 7, column: 7, length: 3, sourceLine: "word\tX\tB-P\tz")
    let expected = "c.conll:7:7: error: bad tag\n  word\tX\tB-P\tz\n      \t \t^~~"
    #expect(
      Diagnostic.error(
        "bad tag",
        at: SourceSpan(path: "c.conll", line: 7, column: 8, length: 3, sourceLine: "word\tX\tB-P\tz")
      ).description == expected.replacing(":7:7:", with: ":7:8:"))
    #expect(span.caret == 6..<9)
  }

  @Test func controlCharactersDoNotReachATerminal() {
    let span = SourceSpan(path: "a", line: 1, column: 2, sourceLine: "\u{1B}[2Jx")
    #expect(
      Diagnostic.error("bad \u{7}", at: span).description
        == "a:1:2: error: bad \u{FFFD}\n  \u{FFFD}[2Jx\n   ^")
  }

  @Test func longLinesShowTheirPartAroundTheCaret() {
    let line = String(repeating: "a", count: 5000) + "!" + String(repeating: "b", count: 5000)
    let text = Diagnostic.error("x", at: SourceSpan(path: "p", line: 1, column: 5001, sourceLine: line))
      .description
    let lines = text.split(separator: "\n").map(String.init)
    #expect(lines[1].unicodeScalars.count == 2 + 102)
    #expect(lines[1].hasPrefix("  …a") && lines[1].hasSuffix("b…"))
    let mark = lines[1].firstIndex(of: "!").map { lines[1].distance(from: lines[1].startIndex, to: $0) }
    #expect(mark == lines[2].count - 1)
  }

  @Test func caretsBeyondTheLineAreKeptAtItsEnd() {
    let span = SourceSpan(path: "p", line: 1, column: 50, length: 9, sourceLine: "ab")
    #expect(Diagnostic.error("x", at: span).description == "p:1:50: error: x\n  ab\n    ^")
  }

  @Test func collectorSortsByPlaceAndCounts() {
    var collector = DiagnosticCollector()
    #expect(!collector.hasErrors)
    #expect(collector.sorted.rendered() == "")
    collector.warning("w", at: SourceSpan(path: "b", line: 2, column: 1, sourceLine: "x"))
    #expect(!collector.hasErrors)
    collector.error("e2", at: SourceSpan(path: "a", line: 9, column: 1, sourceLine: "x"))
    collector.error("e1", at: SourceSpan(path: "b", line: 1, column: 5, sourceLine: "xxxxxx"))
    collector.error("e0")
    #expect(collector.hasErrors)
    #expect(collector.sorted.map(\.message) == ["e1", "w", "e2", "e0"])
    #expect(collector.sorted.rendered().hasSuffix("\n3 errors, 1 warning"))
  }

  @Test func spelling() {
    #expect(Spelling.distance("", "abc") == 3)
    #expect(Spelling.distance("kitten", "sitting") == 3)
    #expect(Spelling.distance("tarin", "train") == 1)
    let keys = ["dropout", "dim", "weight-decay", "words"]
    #expect(Spelling.nearest(to: "drpout", among: keys) == "dropout")
    #expect(Spelling.nearest(to: "weight_decay", among: keys) == "weight-decay")
    #expect(Spelling.nearest(to: "weightDecay", among: keys) == "weight-decay")
    #expect(Spelling.nearest(to: "epochs", among: keys) == nil)
    #expect(Spelling.nearest(to: "x", among: ["y"]) == nil)
    #expect(Spelling.nearest(to: String(repeating: "d", count: 5000), among: keys) == nil)
    #expect(Spelling.suggestion(for: "wrods", among: keys) == "did you mean 'words'?")
  }
}
