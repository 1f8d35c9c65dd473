import Foundation
import Testing

struct TagTests {
  private func tag(_ input: String, _ arguments: [String]) throws -> Weft.Result {
    try Weft.run(["tag", "--model", TrainedSample.shared.get().run] + arguments, input: input)
  }

  @Test func textBecomesColumns() throws {
    let result = try tag("Ann lives in Oslo .\n\n \tstraße 東京\n", ["--input", "text"])
    #expect(result.status == 0, "\(result.errors)")
    let lines = result.output.split(separator: "\n", omittingEmptySubsequences: false).map {
      $0.split(separator: "\t").map(String.init)
    }
    #expect(lines.map { $0.first ?? "" } == ["Ann", "lives", "in", "Oslo", ".", "", "straße", "東京", "", ""])
    #expect(lines.filter { !$0.isEmpty }.allSatisfy { $0.count == 3 })
  }

  @Test func columnsAreKeptAndAddedTo() throws {
    let input =
      "# sent_id = 1\r\nAnn\tX\tNNP\tB-PER\tignored\r\nlives\tX\tVBZ\tO\tignored\r\n\r\nHello\t_\t_\t_\t_\n"
    let result = try tag(input, ["--task", "ner"])
    #expect(result.status == 0, "\(result.errors)")
    let lines = result.output.split(separator: "\n", omittingEmptySubsequences: false)
    try #require(lines.count == 7)
    #expect(lines[0] == "# sent_id = 1")
    #expect(lines[1].hasPrefix("Ann\tX\tNNP\tB-PER\tignored\t"))
    #expect(lines[1].split(separator: "\t").count == 6)
    #expect(lines[4].hasPrefix("Hello\t_\t_\t_\t_\t"))
  }

  @Test func probabilitiesAreDistributions() throws {
    let result = try tag(
      #"{"id": "s-1", "words": ["Google", "bought", "\"Ørsted\""]}"# + "\n[\"one\"]\n",
      ["--input", "jsonl", "--output", "json", "--probabilities", "--nbest", "4"])
    #expect(result.status == 0, "\(result.errors)")
    let lines = try result.output.split(separator: "\n").map {
      try #require(JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
    }
    try #require(lines.count == 2)
    #expect(lines[0]["id"] as? String == "s-1")
    #expect(lines[0]["words"] as? [String] == ["Google", "bought", "\"Ørsted\""])
    let probabilities = try #require(lines[0]["probabilities"] as? [String: [[String: Double]]])
    #expect(probabilities.keys.sorted() == ["ner", "pos"])
    for rows in probabilities.values {
      #expect(rows.count == 3)
      for row in rows { #expect(abs(row.values.reduce(0, +) - 1) < 1e-4) }
    }
    let alternatives = try #require(lines[0]["alternatives"] as? [String: [[String: Any]]])
    for paths in alternatives.values {
      let scores = paths.compactMap { $0["logProbability"] as? Double }
      #expect(scores.count == 4)
      #expect(scores == scores.sorted(by: >))
    }
    let best = alternatives["pos"]?.first?["tags"] as? [String]
    #expect(best == (lines[0]["tags"] as? [String: [String]])?["pos"])
  }

  @Test func columnsHoldTheProbabilityOfTheLabel() throws {
    let result = try tag("Ann lives\n", ["--input", "text", "--probabilities"])
    let cells = try #require(result.output.split(separator: "\n").first).split(separator: "\t")
    try #require(cells.count == 5)
    for cell in [cells[2], cells[4]] {
      let value = try #require(Double(cell))
      #expect(value > 0 && value <= 1)
    }
  }

  @Test func nothingInGivesNothingOut() throws {
    for format in ["conll", "text", "jsonl"] {
      let result = try tag("", ["--input", format])
      #expect(result.status == 0)
      #expect(result.output.isEmpty)
    }
  }

  @Test func theOrderAndTheTagsDoNotDependOnTheChunk() throws {
    let words = (1...300).map { "w\($0) " + String(repeating: "word ", count: $0 % 29) }
    let text = words.joined(separator: "\n") + "\n"
    let together = try tag(text, ["--input", "text"])
    #expect(together.status == 0)
    #expect(
      together.output.split(separator: "\n").filter { $0.hasPrefix("w") && $0.dropFirst().first != "o" }.count
        == 300)
    #expect(try tag(text, ["--input", "text", "--chunk", "1"]).output == together.output)
    #expect(try tag(text, ["--input", "text", "--threads", "2"]).output == together.output)
  }

  @Test func limitsHoldExactly() throws {
    func sentence(_ words: Int) -> String {
      Array(repeating: "word", count: words).joined(separator: " ") + "\n"
    }
    func word(_ scalars: Int) -> String { String(repeating: "é", count: scalars) + "\n" }
    #expect(try tag(sentence(30) + word(69), ["--input", "text"]).status == 0)
    let long = try tag("one\n" + sentence(31), ["--input", "text"])
    #expect(long.status == 65)
    #expect(long.errors.contains("<standard input>:2:1: error: this sentence has 31 tokens; the limit is 30"))
    let wide = try tag(word(70), ["--input", "text"])
    #expect(wide.status == 65)
    #expect(wide.errors.contains("has 70 characters; the limit is 69"))
  }

  @Test func badInputIsLocated() throws {
    let json = try tag("[\"a\"]\n{\"words\": [1]}\n", ["--input", "jsonl"])
    #expect(json.status == 65)
    #expect(json.errors.contains("<standard input>:2:1: error: a line must be an array of words"))
    let task = try tag("a\n", ["--task", "chunk"])
    #expect(task.status == 65)
    #expect(task.errors.contains("the model has no task 'chunk'"))
    #expect(try tag("a\n", ["--nbest", "2"]).status == 2)
    let missing = try Weft.run(["tag", "--model", "missing-run"])
    #expect(missing.status == 74)
  }

  @Test func aReaderThatStopsReadingEndsIt() throws {
    let run = try TrainedSample.shared.get().run
    let text = String(repeating: "some words to tag\n", count: 20_000)
    let result = try Weft.run(
      ["tag", "--model", run, "--input", "text"], input: text,
      shell: "weft=$1; shift; \"$weft\" \"$@\" | head -n 1; exit 0")
    #expect(result.status == 0)
    #expect(result.output.hasPrefix("some\t"))
    #expect(result.errors.isEmpty)
  }

  @Test func aFullDiskIsAnError() throws {
    let run = try TrainedSample.shared.get().run
    let result = try Weft.run(
      ["tag", "--model", run, "--input", "text"], input: "a b\n", shell: "exec > /dev/full")
    #expect(result.status == 74)
    #expect(result.errors.contains("No space left on device"))
  }

  /// `weft build` names a library with which nothing else is needed.
  @Test func aBuiltLibraryNeedsNoCompiler() throws {
    let sample = try TrainedSample.shared.get()
    let built = try Weft.run(["build", sample.spec])
    #expect(built.status == 0, "\(built.errors)")
    let library = try #require(built.output.split(separator: "\n").first).description
    let nothing = try TemporaryFolder()
    let environment = ["PATH": "", "CC": nil, "WEFT_CC": nil, "WEFT_CACHE": nothing.path]
    let result = try Weft.run(
      ["tag", "--model", sample.run, "--library", library, "--input", "text"], input: "Ann lives\n",
      environment: environment)
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.output == (try tag("Ann lives\n", ["--input", "text"]).output))
    let without = try Weft.run(
      ["tag", "--model", sample.run, "--input", "text"], input: "Ann lives\n", environment: environment)
    #expect(without.status == 69)
    #expect(nothing.contents.isEmpty)
  }
}
