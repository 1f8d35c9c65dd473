import Foundation
import Testing
import WeftRuntime

/// Masks are made, shown and compared without a compiler or any training.
struct MasksTests {
  let folder: TemporaryFolder
  let spec: String

  init() throws {
    folder = try TemporaryFolder()
    let text = SampleSpec.text(network: "encoder: [{hidden: 4}, {hidden: 4}]")
      .replacing("pos: {column: xpos}", with: "pos: {column: xpos, head: {layer: 0}}")
    spec = try folder.write("sample.yaml", text)
  }

  private func masks(_ arguments: String...) throws -> Weft.Result {
    try Weft.run(["masks"] + arguments, environment: ["WEFT_CC": "/nonexistent"], in: folder.url)
  }

  private func set(_ task: String, _ output: String, _ arguments: String...) throws -> MaskFile {
    let result = try Weft.run(
      ["masks", "set", spec, "--task", task, "-o", output] + arguments, in: folder.url)
    #expect(result.status == 0, "\(result.errors)")
    return try read(output)
  }

  private func read(_ name: String) throws -> MaskFile {
    try MaskFile(contentsOf: folder.url.appendingPathComponent(name))
  }

  @Test func allAndNone() throws {
    let all = try set("ner", "all.safetensors", "--all")
    // 6 · 4 · 3 of the convolution; directions of 16 · (14 + 4) and 16 · (8 + 4).
    #expect(all.reachedCount == 72 + 2 * 16 * 18 + 2 * 16 * 12)
    #expect(all.density == 1)
    #expect(all.task == "ner" && all.granularity == "weights" && all.provenance.spec == "sample")
    let none = try masks("set", spec, "--task", "ner", "--none", "-o", "none.safetensors")
    #expect(none.status == 0)
    #expect(none.output == "none.safetensors: task ner, density 0.00 %, 0 of 1,032 weights\n")
    #expect(
      none.errors
        == "warning: the mask leaves no input weight of chars.conv, encoder.0, encoder.1, which the head of task ner "
        + "reads through; training will refuse it\n")
  }

  @Test func aTaskHasOnlyWhatItReaches() throws {
    let pos = try set("pos", "pos.safetensors", "--all")
    #expect(pos.reachedCount == 72 + 2 * 16 * 18)
    #expect(pos.mask.keptCount(of: "encoder.1.weight_ih_l0") == 0)
    // The same subnet as a mask of a task that reads all layers.
    let result = try masks(
      "set", spec, "--task", "ner", "--none", "--parameters", "encoder.1.*", "-o", "low.safetensors")
    #expect(result.status == 0)
    #expect(try read("low.safetensors").mask == pos.mask)
  }

  @Test func randomMasksAreExactAndRepeatable() throws {
    let first = try set("ner", "1.safetensors", "--random", "0.25", "--seed", "5")
    #expect(first.keptCount == 258)
    #expect(first.provenance.seed == 5)
    let again = try set("ner", "2.safetensors", "--random", "0.25", "--seed", "5")
    #expect(again == first)
    #expect(try set("ner", "3.safetensors", "--random", "0.25", "--seed", "6").mask != first.mask)
    let each = try set("ner", "4.safetensors", "--random", "0.25", "--per-parameter")
    #expect(each.mask.keptCounts["chars.conv.weight"] == 18)
    let like = try set("ner", "5.safetensors", "--random-like", "1.safetensors", "--seed", "9")
    #expect(like.keptCount == 258 && like.mask != first.mask)
  }

  @Test func setsOfMasks() throws {
    let a = try set("pos", "a.safetensors", "--random", "0.5")
    let b = try set("ner", "b.safetensors", "--random", "0.5")
    let both = try set("ner", "both.safetensors", "--intersect", "a.safetensors", "b.safetensors")
    #expect(try both.mask == a.mask.intersection(b.mask))
    let any = try set("ner", "any.safetensors", "--union", "a.safetensors", "b.safetensors")
    #expect(try any.mask == a.mask.union(b.mask))
    #expect(try set("ner", "same.safetensors", "--like", "b.safetensors").mask == b.mask)
  }

  @Test func masksMoveToNetworksOfTasksOwnAndBack() throws {
    let shared = try set("ner", "shared.safetensors", "--random", "0.5")
    let own = try set("ner", "own.safetensors", "--set", "sharing=single", "--like", "shared.safetensors")
    #expect(own.keptCount == shared.keptCount)
    #expect(
      own.mask.keptCount(of: "ner.encoder.1.weight_ih_l0")
        == shared.mask.keptCount(of: "encoder.1.weight_ih_l0"))
    #expect(own.architectureHash != shared.architectureHash)
    #expect(try set("ner", "back.safetensors", "--like", "own.safetensors").mask == shared.mask)
  }

  @Test func showAndOverlap() throws {
    _ = try set("pos", "pos.safetensors", "--random", "0.5")
    let whole = try masks("show", "pos.safetensors")
    #expect(whole.status == 0)
    #expect(
      whole.output.hasPrefix(
        "pos.safetensors: the mask of task pos\ndensity       50.00 %: 324 of 648 weights"))
    #expect(!whole.output.contains("encoder.1"))
    // The folder of a run: masks that were chosen, and those of rounds.
    let run = folder.url.appendingPathComponent("run")
    for place in ["masks", "prune/ner/masks"] {
      try FileManager.default.createDirectory(
        at: run.appendingPathComponent(place), withIntermediateDirectories: true)
    }
    _ = try set("ner", "run/masks/ner.safetensors", "--random", "0.5", "--seed", "1")
    _ = try set("pos", "run/masks/pos.safetensors", "--random", "0.5", "--seed", "2")
    _ = try set("ner", "run/prune/ner/masks/round-01.safetensors", "--random", "0.9")
    let rounds = try masks("show", "run")
    #expect(rounds.output.split(separator: "\n").count == 5)
    #expect(rounds.output.contains("run/prune/ner/masks/round-01.safetensors"))
    #expect(
      try masks("show", "run", "--details").output.contains("run/masks/pos.safetensors: the mask of task pos")
    )
    let json = try masks("show", "run", "--format", "json")
    let object = try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: [Any]]
    #expect(object?["masks"]?.count == 3)
    let overlap = try masks("overlap", "run")
    #expect(overlap.status == 0)
    #expect(overlap.output.split(separator: "\n").count == 4)
    #expect(overlap.output.contains("ner, pos"))
    let three = try masks("overlap", "run", "pos.safetensors", "--format", "json")
    #expect(three.output.contains("\"pairs\""))
  }

  @Test func importedMasksAreWhatWasExported() throws {
    let made = try set("ner", "made.safetensors", "--random", "0.5")
    let tensors = made.mask.layout.parameters.map { parameter in
      Safetensors.Tensor(
        parameter.name, shape: [parameter.shape[0], parameter.count / parameter.shape[0]],
        .float32(made.mask.bytes[parameter.range].map { Float($0) }))
    }
    let url = folder.url.appendingPathComponent("mine.safetensors")
    try Safetensors.write(tensors, to: url)
    let result = try masks("import", spec, "--task", "ner", "mine.safetensors", "-o", "ner.safetensors")
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.output == "ner.safetensors: task ner, density 50.00 %, 516 of 1,032 weights\n")
    #expect(try read("ner.safetensors").mask == made.mask)
    #expect(try read("ner.safetensors").provenance.madeBy.hasSuffix("masks import mine"))
    try Safetensors.write(Array(tensors.dropFirst()), to: url)
    let missing = try masks("import", spec, "--task", "ner", "mine.safetensors", "-o", "ner.safetensors")
    #expect(missing.status == 65)
    #expect(missing.errors.contains("chars.conv.weight [6, 4, 3] is missing"))
    #expect(try read("ner.safetensors").mask == made.mask)
    let filled = try masks(
      "import", spec, "--task", "ner", "mine.safetensors", "--fill", "ones", "-o", "ner.safetensors")
    #expect(filled.status == 0)
    #expect(try read("ner.safetensors").mask.keptCount(of: "chars.conv.weight") == 72)
  }

  @Test func argumentsMustMakeSense() throws {
    for (arguments, message) in [
      (["--task", "ner"], "Say one of --all"), (["--task", "ner", "--all", "--none"], "Say one of --all"),
      (["--task", "ner", "--random", "0"], "above 0 and at most 1"),
      (["--task", "ner", "--random", "1.5"], "above 0 and at most 1"),
      (["--task", "ner", "--random", "nan"], "above 0 and at most 1"),
      (["--task", "ner", "--all", "--seed", "1"], "--seed goes with"),
      (["--task", "ner", "--all", "--per-parameter"], "--per-parameter goes with"),
      (["--task", "ner", "--union", "a"], "need two masks"), (["--task", "dep", "--all"], "no task 'dep'"),
      (["--task", "ner", "--none", "--parameters", "words.*"], "has a name like 'words.*'"),
    ] {
      let result = try Weft.run(["masks", "set", spec, "-o", "x"] + arguments, in: folder.url)
      #expect(result.status == 2, "\(arguments): \(result.errors)")
      #expect(result.errors.contains(message), "\(arguments): \(result.errors)")
      #expect(!folder.contents.contains("x"))
    }
  }

  @Test func masksOfOtherNetworksAndOtherFilesAreRefused() throws {
    _ = try set("ner", "ner.safetensors", "--all")
    let other = try Weft.run(
      [
        "masks", "set", spec, "--set", "network.encoder=[{hidden: 5}, {hidden: 4}]", "--task", "ner",
        "--like",
        "ner.safetensors", "-o", "x",
      ], in: folder.url)
    #expect(other.status == 65)
    #expect(
      other.errors.contains(
        "ner.safetensors is a mask of another network: encoder.0.weight_hh_l0 is [16, 4] in"))
    let labels = try Weft.run(
      [
        "masks", "set", spec, "--set", "tasks.ner.head.hidden=[3]", "--task", "ner", "--like",
        "ner.safetensors",
        "-o", "x",
      ], in: folder.url)
    #expect(labels.status == 65)
    #expect(labels.errors.contains("is a mask of a network with the architecture"))
    try folder.write("text.safetensors", "no mask")
    let text = try masks("show", "text.safetensors")
    #expect(text.status == 65)
    #expect(text.errors.contains("is not a valid safetensors file"))
    #expect(try masks("show", "none.safetensors").status == 74)
    try FileManager.default.createDirectory(
      at: folder.url.appendingPathComponent("empty"), withIntermediateDirectories: true)
    let empty = try masks("overlap", "empty")
    #expect(empty.status == 65)
    #expect(empty.errors.contains("error: empty holds no masks"))
    let one = try masks("overlap", "ner.safetensors")
    #expect(one.status == 65)
    #expect(one.errors.contains("Overlap is of two masks or more"))
  }
}
