import Testing
import WeftSpec

@Suite struct SharingDecodingTests {
  static func sharing(_ text: String, overrides: [String] = []) throws(SpecError) -> SharingSpec {
    try SpecSamples.variant("sharing: \(text)\n", overrides: overrides).sharing
  }

  @Test(arguments: SharingSpec.Kind.allCases) func aWordIsAKindWithItsDefaults(kind: SharingSpec.Kind) throws
  {
    #expect(try Self.sharing(kind.rawValue) == SharingSpec(kind: kind))
    #expect(try Self.sharing("{kind: \(kind.rawValue)}") == SharingSpec(kind: kind))
  }

  @Test func everyKeyOfSparseSharing() throws {
    let sharing = try Self.sharing(
      """
      {kind: sparse, warmup: 0, masks: masks/found, prunable: ["encoder.*"], updates: compat,
        prune: {final: 0.2, rounds: 7, granularity: blocks, scope: layer, select: {density: 0.5}, epochs: 12,
          patience: none, decay: 0}}
      """)
    var expected = SharingSpec(kind: .sparse)
    expected.warmup = 0
    expected.masks = .folder("masks/found")
    expected.prunable = ["encoder.*"]
    expected.updates = .compat
    expected.prune.final = 0.2
    expected.prune.rounds = 7
    expected.prune.granularity = .blocks
    expected.prune.scope = .layer
    expected.prune.select = .density(0.5)
    expected.prune.epochs = 12
    expected.prune.patience = nil
    expected.prune.decay = 0
    #expect(sharing == expected)
  }

  @Test func everyKeyOfSoftSharing() throws {
    var expected = SharingSpec(kind: .soft)
    expected.mix.subspaces = 2
    expected.mix.learned = false
    expected.mix.start = .balanced
    #expect(
      try Self.sharing("{kind: soft, mix: {subspaces: 2, learned: false, start: balanced}}") == expected)
  }

  @Test func mixturesHaveMatricesAndPatterns() throws {
    var expected = SharingSpec(kind: .soft)
    expected.embeddings = .perTask
    expected.mix.matrix = [[1, -0.5, 0], [0, 2, 0], [0, 0, 1]]
    expected.mix.entries = [
      [.constant(1), .learned("a"), .constant(0)], [.constant(0), .learned("a"), .constant(0)],
      [.learned("b"), .constant(0), .constant(-1)],
    ]
    #expect(
      try Self.sharing(
        "{kind: soft, embeddings: per-task, mix: {start: [[1, -0.5, 0], [0, 2, 0], [0, 0, 1]], "
          + "entries: [[1, a, 0], [0, a, 0], [b, 0, -1]]}}")
        == expected)
  }

  @Test func penalties() throws {
    func penalties(_ text: String) throws -> PenaltySpec {
      try Self.sharing("{kind: soft, mix: {subspaces: 2}, penalties: \(text)}").penalties
    }
    var expected = PenaltySpec()
    expected.orthogonality = 0.1
    #expect(try penalties("{orthogonality: 0.1}") == expected)
    expected.orthogonalityEvery = 64
    #expect(try penalties("{orthogonality: {weight: 0.1, every: 64}}") == expected)
    expected = PenaltySpec()
    expected.groupLasso = 0.01
    #expect(try penalties("{group-lasso: 0.01, orthogonality: {every: 3}}") == expected)
  }

  @Test func headsReadLayersTogether() throws {
    func head(_ text: String) throws -> HeadSpec {
      try SpecSamples.variant("tasks: {pos: {head: \(text)}}\n").tasks[0].head
    }
    #expect(try head("{layers: concatenation}") == HeadSpec(layers: .concatenation))
    #expect(
      try head("{layers: mixture, layer: 0, beta: {learned: false, start: balanced}}")
        == HeadSpec(layer: 0, layers: .mixture, beta: BetaSpec(learned: false, start: .balanced)))
    #expect(
      try head("{layers: mixture, layer: 0, beta: {start: [0.5]}}")
        == HeadSpec(layer: 0, layers: .mixture, beta: BetaSpec(values: [0.5])))
    // Options that nothing reads keep their defaults.
    #expect(try head("{layers: sum, beta: {learned: false}}") == HeadSpec(layers: .sum))
  }

  @Test func selections() throws {
    #expect(try Self.sharing("{kind: sparse, prune: {select: best}}").prune.select == .best)
    #expect(try Self.sharing("{kind: sparse, prune: {select: {round: 20}}}").prune.select == .round(20))
    #expect(try Self.sharing("{kind: sparse, prune: {select: {density: 1}}}").prune.select == .density(1))
    let byRate = try Self.sharing("{kind: sparse, prune: {rate: 0.1, select: {round: 22}}}").prune
    #expect(byRate.rate == 0.1)
    #expect(byRate.select == .round(22))
  }

  @Test(arguments: ["single", "hard", "sparse"]) func masks(kind: String) throws {
    func masks(_ text: String) throws -> MaskSource {
      try Self.sharing("{kind: \(kind), masks: \(text)}").masks
    }
    #expect(try masks("found") == .found)
    #expect(try masks("a/folder") == .folder("a/folder"))
    #expect(
      try masks("{pos: p.safetensors, ner: n.safetensors}")
        == .files(["pos": "p.safetensors", "ner": "n.safetensors"]))
    #expect(try masks("{random: 0.3}") == .random(density: 0.3))
    #expect(try masks("{random-like: runs/x/masks}") == .randomLike("runs/x/masks"))
  }

  @Test func pathsOfMasksStayWithTheFileThatSaysThem() throws {
    let files = [
      "deep/base.yaml": SpecSamples.base + "sharing: {masks: {ner: ner.safetensors}}\n",
      "deep/like.yaml": SpecSamples.base + "sharing: {masks: {random-like: m}}\n",
      "spec.yaml": "weft: 1\nextends: deep/base.yaml\nname: a\n",
      "other.yaml": "weft: 1\nextends: deep/like.yaml\nname: a\n",
    ]
    let loader = SpecLoader(files: .memory(files))
    #expect(try loader.load(path: "spec.yaml").spec.sharing.masks == .files(["ner": "deep/ner.safetensors"]))
    #expect(try loader.load(path: "other.yaml").spec.sharing.masks == .randomLike("deep/m"))
  }

  @Test func mixing() throws {
    let mix = try Self.sharing("{kind: soft, mix: {learned: false, start: balanced}}").mix
    #expect(!mix.learned)
    #expect(mix.start == .balanced)
  }

  /// What belongs to a kind goes with it, when a variant or the command line names another.
  @Test func anotherKindTakesTheKeysOfTheOldOneAway() throws {
    let files = [
      "base.yaml": SpecSamples.base
        + "sharing: {kind: sparse, warmup: 3, prune: {rounds: 4}, updates: compat}\n",
      "spec.yaml": "weft: 1\nextends: base.yaml\nname: a\nsharing: {kind: hard, masks: m}\n",
    ]
    let loader = SpecLoader(files: .memory(files))
    var expected = SharingSpec(kind: .hard)
    expected.masks = .folder("m")
    expected.updates = .compat
    #expect(try loader.load(path: "spec.yaml").spec.sharing == expected)
    #expect(
      try loader.load(path: "base.yaml", overrides: ["sharing.kind=soft"]).spec.sharing
        == SharingSpec(kind: .soft))
    // The same kind again takes nothing away.
    let again = try loader.load(path: "base.yaml", overrides: ["sharing.kind=sparse"]).spec.sharing
    #expect(again.warmup == 3)
    #expect(throws: SpecError.self) {
      try loader.load(path: "spec.yaml", overrides: ["sharing.prune.rounds=3"])
    }
  }

  @Test(arguments: [
    ("*.weight_ih_*", "encoder.0.weight_ih_l0_reverse", true),
    ("*.weight_ih_*", "encoder.0.bias_ih_l0", false),
    ("*chars.conv.weight", "chars.conv.weight", true), ("*chars.conv.weight", "ner.chars.conv.weight", true),
    ("*chars.conv.weight", "chars.conv.weights", false), ("encoder.0.*", "encoder.0.x", true),
    ("encoder.0.*", "encoder.00.x", false), ("a", "a", true), ("a", "ab", false), ("", "", true),
    ("", "a", false),
    ("*", "", true), ("*", "a.b", true), ("**", "ab", true), ("a*a", "a", false), ("a*a", "aa", true),
    ("a*b*a", "abba", true), ("a*bb*a", "aba", false), ("*ab*ab", "abab", true), ("*ab*ab", "xab", false),
  ])
  func patterns(pattern: String, name: String, fits: Bool) {
    #expect(NamePattern(pattern).matches(name) == fits)
  }
}
