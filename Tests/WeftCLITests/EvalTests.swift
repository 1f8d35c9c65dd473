import Foundation
import Testing

struct EvalTests {
  private func json(_ text: String) throws -> [[String: Any]] {
    let object = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
    return try #require(object?["tasks"] as? [[String: Any]])
  }

  @Test func aRunIsScoredAsItsTrainingSaid() throws {
    let sample = try TrainedSample.shared.get()
    let results = try JSONSerialization.jsonObject(with: Data(sample.folder.text("run/results.json").utf8))
    for split in ["dev", "test"] {
      let result = try Weft.run(["eval", sample.run, "--split", split, "--format", "json"])
      #expect(result.status == 0, "\(result.errors)")
      let trained = ((results as? [String: Any])?[split] as? [String: Any])?["tasks"] as? [[String: Any]]
      for (now, then) in zip(try json(result.output), try #require(trained)) {
        #expect(now["value"] as? Double == then["value"] as? Double)
        #expect(now["name"] as? String == then["name"] as? String)
      }
    }
  }

  @Test func tablesBreakScoresDown() throws {
    let sample = try TrainedSample.shared.get()
    let result = try Weft.run(["eval", sample.run, "--per-type", "--confusion"])
    #expect(result.status == 0)
    #expect(result.output.contains("ner by type"))
    #expect(result.output.contains("pos by label"))
    #expect(result.output.contains("micro average"))
    #expect(result.output.contains("gold \\ found"))
    let markdown = try Weft.run(["eval", sample.run, "--format", "markdown"])
    #expect(markdown.output.hasPrefix("| task | metric | score |"))
  }

  @Test func aSpecAndItsCheckpointGoTogether() throws {
    let sample = try TrainedSample.shared.get()
    let best = sample.run + "/best.safetensors"
    let result = try Weft.run(["eval", sample.spec, "--checkpoint", best, "--split", "dev"])
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.output == (try Weft.run(["eval", best, "--split", "dev"]).output))
  }

  @Test func aCheckpointOfAnotherSpecIsRefused() throws {
    let sample = try TrainedSample.shared.get()
    let result = try Weft.run(
      ["eval", sample.spec, "--checkpoint", sample.run, "--set", "network.words.dim=9"])
    #expect(result.status == 65)
    #expect(result.errors.contains("is a checkpoint of another network"))
    #expect(result.errors.contains("network.words.dim: 8 against 9"))
  }

  @Test func anotherFileIsScored() throws {
    let sample = try TrainedSample.shared.get()
    let folder = try TemporaryFolder()
    let file = try folder.write(
      "more.conll", "Google\tPROPN\tNNP\tB-ORG\nbought\tVERB\tVBD\tO\nit\tPRON\tPRP\tO\n")
    let result = try Weft.run(["eval", sample.run, "--split", file, "--format", "json"])
    #expect(result.status == 0, "\(result.errors)")
    let tasks = try json(result.output)
    #expect(tasks.map { $0["tokens"] as? Int } == [3, 3])
    let missing = try Weft.run(["eval", sample.run, "--split", folder.path + "/missing.conll"])
    #expect(missing.status == 65)
    #expect(missing.errors.contains("missing.conll: error: cannot open the file"))
  }

  /// conlleval on tags as they are written: `B-X I-Y` are two spans to it.
  @Test func rawTagsAreCountedAsConllevalDoes() throws {
    let folder = try TemporaryFolder()
    let file = try folder.write(
      "pairs.conll", "a B-X B-X\nb I-Y I-X\nc O O\n\nd S-X B-X\ne S-X I-X\n")
    let raw = try Weft.run(["score", file, "--raw-tags", "--format", "json"])
    let counts = try json(raw.output)[0]["classes"] as? [String: [String: Any]]
    #expect(counts?["X"]?["gold"] as? Int == 2)
    #expect(counts?["Y"]?["gold"] as? Int == 1)
    let converted = try Weft.run(["score", file, "--scheme", "bioes", "--format", "json"])
    let spans = try json(converted.output)[0]["classes"] as? [String: [String: Any]]
    #expect(spans?["X"]?["gold"] as? Int == 3)
    #expect(spans?["X"]?["found"] as? Int == 2)
    let labels = try Weft.run(["score", file, "--scheme", "none", "--format", "json"])
    #expect(try json(labels.output)[0]["accuracy"] as? Double == 0.4)
  }

  @Test func aFileWithoutPredictionsIsRefused() throws {
    let folder = try TemporaryFolder()
    let short = try folder.write("words.conll", "a\nb\n")
    #expect(try Weft.run(["score", short]).status == 65)
    let file = try folder.write("pairs.conll", "a B-X B-X\n")
    #expect(try Weft.run(["score", file, "--found", "7"]).status == 2)
  }
}
