import Foundation
import Testing

/// The stages of sparse sharing as commands.
@Suite(.serialized) struct SparseSharingTests {
  private static let sharing =
    "sharing: {kind: sparse, warmup: 1, prune: {final: 0.3, rounds: 2, epochs: 1, patience: none}}"

  /// One run by one command.
  private static let whole = Swift.Result {
    let folder = try TemporaryFolder()
    let spec = try folder.write("sample.yaml", SampleSpec.text(more: sharing))
    let result = try Weft.run(["train", spec, "-o", folder.path + "/run"])
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.errors.contains("prune ner round 2/2 density 30.02 %: dev "))
    #expect(!result.errors.contains("\u{1B}"))
    return folder
  }

  private func contents(_ run: URL) throws -> [String: Data] {
    var files: [String: Data] = [:]
    for path in try FileManager.default.subpathsOfDirectory(atPath: run.path)
    where !["timing.json", "log.jsonl", "data-folder.txt"].contains(where: path.hasSuffix) {
      files[path] = try? Data(contentsOf: run.appendingPathComponent(path))
    }
    return files
  }

  @Test func stagesAsCommandsGiveTheSameBytesAsOne() throws {
    let whole = try Self.whole.get()
    let spec = whole.path + "/sample.yaml"
    let folder = try TemporaryFolder()
    let output = ["-o", folder.path + "/run"]
    let early = try Weft.run(["prune", spec] + output)
    #expect(early.status == 74)
    #expect(early.errors.contains("run `weft warmup` first"))

    let warmup = try Weft.run(["warmup", spec, "--quiet"] + output)
    #expect(warmup.status == 0, "\(warmup.errors)")
    #expect(warmup.output.contains(try Regex(#"(?m)^pos   accuracy  \d+\.\d\d$"#)))
    // Two processes side by side.
    let ner = try Weft.start(["prune", spec, "--task", "ner", "--quiet"] + output)
    let pos = try Weft.start(["prune", spec, "--task", "pos", "--quiet"] + output)
    let results = [ner.finish(), pos.finish()]
    for result in results { #expect(result.status == 0, "\(result.errors)") }
    #expect(results[0].output.contains(try Regex(#"(?m)^round 2 +30\.02 "#)))
    #expect(results[0].output.contains("chosen"))
    let train = try Weft.run(["train", spec] + output)
    #expect(train.errors.contains("prune pos: finished before"))
    let (expected, found) = (
      try contents(whole.url.appendingPathComponent("run")),
      try contents(folder.url.appendingPathComponent("run"))
    )
    #expect(found.keys.sorted() == expected.keys.sorted())
    for (path, data) in expected { #expect(found[path] == data, "\(path)") }
  }

  @Test func aSparsePackageHoldsOneNetworkAndABitAWeightForEachTask() throws {
    let whole = try Self.whole.get()
    let folder = try TemporaryFolder()
    let package = folder.path + "/sample"
    let made = try Weft.run(["package", whole.path + "/run", "--only", "c", "-o", package])
    #expect(made.status == 0, "\(made.errors)")
    let checked = try Weft.run(["check", whole.path + "/sample.yaml"])
    // network, prunable, embeddings, heads, total
    let row = try #require(checked.output.firstMatch(of: /(?m)^all( +[\d,]+){5}$/)).output.0
    let counts = row.split(separator: " ").dropFirst().compactMap { Int($0.replacing(",", with: "")) }
    let weights = try Data(contentsOf: URL(fileURLWithPath: package + "/sample.weights")).count
    let tasks = 2
    #expect(weights <= 4 * counts[4] + tasks * counts[1] / 8 + 64 << 10)
    // The masks are in it, each once.
    #expect(made.output.contains(try Regex(#"(?m)^weights: masks +[\d,]+$"#)))
    #expect(weights > 4 * counts[4] + tasks * counts[1] / 8)
    // The reasons for its forms can be shown; with a table by which blocks cost nothing they are kept.
    let costs = folder.path + "/here.costs"
    try "avx512 f32 4 1\navx512 blocks 0 0\n".write(toFile: costs, atomically: true, encoding: .utf8)
    let explained = try Weft.run(["explain", whole.path + "/run", "--costs", costs])
    #expect(explained.status == 0, "\(explained.errors)")
    #expect(explained.output.contains("costs of avx512\ngroup 1: "))
    let recurrent = #"(?m)^encoder\.0\.weight_hh_l0 .* "#
    #expect(
      explained.output.contains(
        try Regex(recurrent + #"blocks +\d+ +0  f32 \d+, packed \?, joint_f32 \? +cheapest$"#)))
    #expect(!explained.output.contains("packed on"))
    // Where it is not known that packed weights are faster, there are none.
    try "avx512 f32 4 1\navx512 packed 0 0\navx2 f32 4 1\navx2 packed 40 1\n".write(
      toFile: costs, atomically: true, encoding: .utf8)
    let packed = try Weft.run(["explain", whole.path + "/run", "--costs", costs])
    #expect(packed.output.contains("costs of avx512; packed on avx512 alone\n"))
    #expect(
      packed.output.contains(
        try Regex(recurrent + #"packed +\d+ +0  f32 \d+, blocks \?, joint_f32 \? +cheapest$"#)))
    try "avx512 f33 4 1\n".write(toFile: costs, atomically: true, encoding: .utf8)
    let mistaken = try Weft.run(["explain", whole.path + "/run", "--costs", costs])
    #expect(mistaken.status == 65)
    #expect(mistaken.errors.hasPrefix("error: \(costs):1: 'f33' is no form of a matrix\n  help: one of f32,"))
    let verified = try Weft.run(["verify", package, "--checkpoint", whole.path + "/run"])
    #expect(verified.status == 0, "\(verified.output)\(verified.errors)")
    #expect(verified.output.contains(" tags: 0 differ"))
  }

  @Test func aSparseModelEvaluatesTagsAndShowsItsMasks() throws {
    let whole = try Self.whole.get()
    let copy = try TemporaryFolder()
    try FileManager.default.copyItem(
      at: whole.url.appendingPathComponent("run/model.safetensors"),
      to: copy.url.appendingPathComponent("model.safetensors"))
    let eval = try Weft.run(["eval", whole.path + "/run"])
    #expect(eval.status == 0, "\(eval.errors)")
    for command in [["eval", whole.path + "/run/warmup", "--split", "dev"]] {
      #expect(try Weft.run(command).status == 0)
    }
    let (a, b) = try (
      Weft.run(["tag", "--model", whole.path + "/run", "--input", "text"], input: "Ann lives in Oslo .\n"),
      Weft.run(
        ["tag", "--model", copy.path + "/model.safetensors", "--input", "text"],
        input: "Ann lives in Oslo .\n")
    )
    #expect(a.status == 0, "\(a.errors)")
    #expect(a.output == b.output)
    let inspect = try Weft.run(["inspect", copy.path + "/model.safetensors"])
    #expect(inspect.output.contains(try Regex(#"(?m)^ner +\d+\.\d\d +[\d,]+$"#)))
    let mask = try Weft.run(["inspect", whole.path + "/run/masks/ner.safetensors"])
    #expect(mask.status == 65)
    #expect(mask.errors.contains("weft masks show"))
  }

  @Test func masksOfAFolderSkipTheStages() throws {
    let whole = try Self.whole.get()
    let folder = try TemporaryFolder()
    let result = try Weft.run([
      "train", whole.path + "/sample.yaml", "--masks", whole.path + "/run/masks", "-o", folder.path + "/it's",
    ])
    #expect(result.status == 0, "\(result.errors)")
    #expect(!folder.contents.contains("it's/warmup"))
    #expect(folder.contents.contains("it's/masks/ner.safetensors"))
    let missing = try Weft.run([
      "train", whole.path + "/sample.yaml", "--masks", folder.path + "/none", "-o", folder.path + "/x",
    ])
    #expect(missing.status == 74)
    #expect(missing.errors.contains("there is no mask of task pos"))
  }

  @Test func stagesThatTheSpecHasNotAreErrors() throws {
    let folder = try TemporaryFolder()
    let spec = try folder.write("sample.yaml", SampleSpec.text())
    for command in ["warmup", "prune"] {
      let result = try Weft.run([command, spec, "-o", folder.path + "/run"])
      #expect(result.status == 65)
      #expect(result.errors.contains("the spec's sharing is hard"))
    }
    for arguments in [["prune", spec, "--jobs", "0"], ["warmup", spec, "--resume", "--replace"]] {
      #expect(try Weft.run(arguments).status == 2)
    }
  }
}
