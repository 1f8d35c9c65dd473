import Foundation
import Testing

/// A task whose labels no file holds, through every command.
struct SyntheticTaskTests {
  private static let folder = SampleSpec.folder

  private static func spec(test: String) -> String {
    """
    weft: 1
    name: places
    data:
      sample:
        train: \(folder)/train.conll
        dev: \(folder)/dev.conll
        test: \(test)
        columns: {word: 0, ner: 3}
    tasks:
      ner: {scheme: bio}
      position: {synthetic: position}
    network: {words: {dim: 8}, encoder: [{hidden: 12}]}
    train: {batch: 10, epochs: 6, optimizer: adam, rate: 0.02, sampling: round-robin-until-exhausted}

    """
  }

  @Test func positionsAreLearned() throws {
    let folder = try TemporaryFolder()
    // Two tokens more than the longest training sentence, which has 30.
    let long = Array(repeating: "a\tX\tX\tO\t1\tdep\n", count: 32).joined()
    let test = try folder.write("test.conll", long)
    let spec = try folder.write("places.yaml", Self.spec(test: test))

    let check = try Weft.run(["check", spec])
    #expect(check.status == 0, "\(check.errors)")
    #expect(check.output.contains("sample.(position)  none        30  softmax  accuracy"))
    #expect(check.errors.contains("2 tokens have labels of task 'position' that training does not have"))

    let run = folder.path + "/run"
    let trained = try Weft.run(["train", spec, "-o", run])
    #expect(trained.status == 0, "\(trained.errors)")

    let scored = try Weft.run(["eval", run, "--split", "dev", "--format", "json"])
    let object = try JSONSerialization.jsonObject(with: Data(scored.output.utf8)) as? [String: Any]
    let tasks = try #require(object?["tasks"] as? [[String: Any]])
    let position = try #require(tasks.first { $0["name"] as? String == "position" })
    // Always saying the most frequent place, 0, is right for each of the 50 sentences once: 50 of 693 tokens.
    #expect(try #require(position["value"] as? Double) > 0.2)
    let unseen = try Weft.run(["eval", run, "--split", "test"])
    #expect(unseen.errors.contains("30, 31") || unseen.output.contains("30, 31"))

    let tagged = try Weft.run(["tag", "--model", run, "--input", "text"], input: "one two three\n")
    #expect(tagged.status == 0, "\(tagged.errors)")
    let rows = tagged.output.split(separator: "\n").map { $0.split(separator: "\t") }
    #expect(rows.compactMap(\.first).map(String.init) == ["one", "two", "three"])
    #expect(rows.first?.last == "0")
  }
}
