import Foundation
import Testing

struct TrainTests {
  @Test func aRunLeavesAModelScoresAndALog() throws {
    let sample = try TrainedSample.shared.get()
    #expect(sample.result.status == 0, "\(sample.result.errors)")
    #expect(sample.result.output.contains(try Regex(#"(?m)^pos   accuracy  \d+\.\d\d  \d+\.\d\d$"#)))
    #expect(sample.result.output.contains(try Regex(#"(?m)^mean +\d+\.\d\d"#)))
    #expect(sample.result.errors.contains("epoch 12  loss pos "))
    #expect(!sample.result.errors.contains("\u{1B}"))
    let files = Set(try FileManager.default.contentsOfDirectory(atPath: sample.run))
    #expect(
      files.isSuperset(of: [
        "model.safetensors", "state.safetensors", "results.json", "log.jsonl", "spec.json",
      ]))
    let log = try sample.folder.text("run/log.jsonl").split(separator: "\n")
    #expect(log.count >= 14)
    for line in log { _ = try JSONSerialization.jsonObject(with: Data(line.utf8)) }
    let results = try JSONSerialization.jsonObject(with: Data(sample.folder.text("run/results.json").utf8))
    let test = (results as? [String: Any])?["test"] as? [String: Any]
    // Better than always the most frequent label, which is right for 62 of 572 tokens.
    #expect(try #require((test?["tasks"] as? [[String: Any]])?[0]["value"] as? Double) > 0.3)
  }

  @Test func aFolderWithARunIsNotTouched() throws {
    let sample = try TrainedSample.shared.get()
    let result = try Weft.run(["train", sample.spec, "-o", sample.run])
    #expect(result.status == 74)
    #expect(result.errors.contains("holds a run already"))
    #expect(result.errors.contains("--resume"))
  }

  @Test func equalRunsGiveEqualBytes() throws {
    let folder = try TemporaryFolder()
    let spec = try folder.write("sample.yaml", SampleSpec.text())
    for run in ["a", "b"] {
      #expect(try Weft.run(["train", spec, "-o", folder.path + "/" + run, "--quiet"]).status == 0)
    }
    for file in ["model.safetensors", "state.safetensors", "results.json", "spec.json"] {
      let (a, b) = (
        folder.url.appendingPathComponent("a/\(file)"), folder.url.appendingPathComponent("b/\(file)")
      )
      #expect(try Data(contentsOf: a) == Data(contentsOf: b), "\(file)")
    }
  }

  @Test func seedsAreSummedUp() throws {
    let folder = try TemporaryFolder()
    let spec = try folder.write("sample.yaml", SampleSpec.text())
    let result = try Weft.run(["train", spec, "-o", folder.path + "/study", "--seeds", "3"])
    #expect(result.status == 0)
    #expect(result.output.contains(try Regex(#"(?m)^pos +accuracy +\d+\.\d\d ± \d+\.\d\d "#)))
    for seed in 1...3 {
      #expect(folder.contents.contains("study/seed-\(seed)/model.safetensors"))
    }
    #expect(folder.contents.contains("study/results.json"))
  }

  @Test func trainingStartsFromAnotherRun() throws {
    let sample = try TrainedSample.shared.get()
    let folder = try TemporaryFolder()
    let text = SampleSpec.text(network: "encoder: [{hidden: 24}]").replacing(
      "  pos: {column: xpos}", with: "  tag: {column: xpos}")
    let spec = try folder.write("other.yaml", text)
    let result = try Weft.run(["train", spec, "-o", folder.path + "/tuned", "--from", sample.run])
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.errors.contains("parameters from \(sample.run)/model.safetensors"))
    #expect(result.errors.contains("heads.tag.weight"))
    #expect(result.errors.contains("heads.pos.weight"))
  }

  @Test func theCountOfSeedsAndThreadsIsChecked() throws {
    for arguments in [["--seeds", "0"], ["--threads", "3"], ["--resume", "--replace"]] {
      #expect(try Weft.run(["train", "x.yaml"] + arguments).status == 2)
    }
  }

  @Test func resumingNothingIsAnError() throws {
    let folder = try TemporaryFolder()
    let spec = try folder.write("sample.yaml", SampleSpec.text())
    let result = try Weft.run(["train", spec, "-o", folder.path + "/run", "--resume"])
    #expect(result.status == 74)
    #expect(result.errors.contains("holds no state to go on from"))
  }
}
