import Testing
import WeftSpec

@Suite struct HashTests {
  static func hashes(_ overrides: String...) throws -> (architecture: String, recipe: String) {
    let text =
      SpecSamples.base + "  chunk: {column: deprel, scheme: bio, decoder: crf}\n"
      + "network: {chars: cnn, words: {vectors: v.txt}}\n"
    let spec = try SpecSamples.load(text, overrides: overrides).spec
    return (spec.architectureJSON, spec.recipeHash)
  }

  @Test(arguments: [
    "train.epochs=500", "train.patience=none", "train.save-every=7", "train.threads=2",
    "train.initialize=a.safetensors",
    "data.ewt.train=elsewhere.conll", "data.ewt.dev=[a, b]", "data.ewt.test=x", "network.words.vectors=w.txt",
    "name=other", "limits.tokens=9",
  ])
  func invalidatesNothing(override: String) throws {
    #expect(try Self.hashes(override) == Self.hashes())
  }

  @Test(arguments: [
    "seed=2", "train.rate=0.05", "train.batch=11", "train.momentum=0.8", "train.decay=0.05",
    "train.clip={norm: 4}",
    "train.clip=none", "train.sampling=uniform", "train.averaging=0.9", "train.main-task=ner",
    "train.accumulate=2",
    "network.dropout.input=0.4", "network.noise=0.1", "network.words.frozen=true",
    "network.words.unk-dropout=0.1",
    "network.words.min-count=2", "network.words.lowercase=false", "network.chars.min-count=2",
    "network.words.vocabulary=train+vectors", "network.words.vectors=", "tasks.pos.weight=2",
    "tasks.pos.column=deprel",
    "tasks.pos.label-smoothing=0.1", "tasks.ner.scheme.model=bioes", "data.ewt.columns.xpos=4",
    "data.ewt.unlabelled=_", "tasks.chunk.decoder.constrained=true", "data.ewt.separator=tab",
  ])
  func changesTheRecipeOnly(override: String) throws {
    let (architecture, recipe) = try Self.hashes(override)
    let plain = try Self.hashes()
    #expect(architecture == plain.architecture)
    #expect(recipe != plain.recipe)
  }

  @Test(arguments: [
    "network.words.dim=50", "network.words=none", "network.chars.filters=31", "network.chars=bilstm",
    "network.encoder=[{hidden: 100}]", "network.encoder=[]", "network.features=[{shape: digits}]",
    "tasks.ner.decoder=crf", "tasks.ner.head={hidden: [3]}", "sharing=single", "tasks.ner=",
  ])
  func changesTheArchitecture(override: String) throws {
    #expect(try Self.hashes(override).architecture != Self.hashes().architecture)
  }

  /// Sparse sharing is hard sharing with weights left out: masks and parameters fit both.
  @Test func sparseSharingHasTheArchitectureOfHardSharing() throws {
    #expect(try Self.hashes("sharing=sparse").architecture == Self.hashes("sharing=hard").architecture)
    #expect(try Self.hashes("sharing=sparse").recipe != Self.hashes("sharing=hard").recipe)
    let kinds = try ["single", "hard", "soft"].map { try Self.hashes("sharing=\($0)").architecture }
    #expect(Set(kinds).count == 3)
  }

  /// What decides the subnets is part of the recipe.
  @Test(arguments: [
    "warmup=3", "prune={final: 0.2}", "prune={rounds: 19}", "prune={rate: 0.1}", "prune={granularity: units}",
    "prune={scope: layer}", "prune={select: {density: 0.5}}", "prune={epochs: 99}", "prune={patience: none}",
    "prune={decay: 0.1}", "prunable=encoder.*", "updates=compat", "masks=folder", "masks={random: 0.5}",
  ])
  func whatDecidesSubnetsIsInTheRecipe(override: String) throws {
    let plain = try Self.hashes("sharing=sparse")
    let changed = try Self.hashes("sharing=sparse", "sharing.\(override)")
    #expect(changed.recipe != plain.recipe)
    #expect(changed.architecture == plain.architecture)
  }

  @Test func masksMayMove() throws {
    let a = try Self.hashes("sharing={kind: hard, masks: here}")
    let b = try Self.hashes("sharing={kind: sparse, masks: there, warmup: 4}")
    #expect(a == b)
    #expect(try a.recipe != Self.hashes().recipe)
    #expect(
      try Self.hashes("sharing.masks={random: 0.5}").recipe
        != Self.hashes("sharing.masks={random: 0.4}").recipe)
  }

  @Test func mixingIsInTheRecipe() throws {
    let plain = try Self.hashes("sharing=soft")
    let started = try Self.hashes("sharing=soft", "sharing.mix={start: balanced}")
    #expect(started.recipe != plain.recipe)
    #expect(started.architecture == plain.architecture)
    // A constant mixture is part of the network: what it keeps apart is not joined.
    let constant = try Self.hashes("sharing=soft", "sharing.mix={learned: false}")
    #expect(constant.recipe != plain.recipe)
    #expect(constant.architecture != plain.architecture)
    let split = try Self.hashes("sharing=soft", "sharing.mix={subspaces: 2}")
    #expect(split.architecture != plain.architecture)
  }

  @Test func whatAHeadReadsIsArchitectureAndItsWeightsAreRecipe() throws {
    let plain = try Self.hashes()
    let mixture = try Self.hashes("tasks.ner.head={layers: mixture}")
    #expect(mixture.architecture != plain.architecture)
    let balanced = try Self.hashes("tasks.ner.head={layers: mixture, beta: {start: balanced}}")
    #expect(balanced.architecture == mixture.architecture)
    #expect(balanced.recipe != mixture.recipe)
    let sum = try Self.hashes("tasks.ner.head={layers: sum}")
    #expect(Set([plain, mixture, sum].map(\.architecture)).count == 3)
  }

  @Test func namingTheTopLayerChangesNothing() throws {
    #expect(try Self.hashes("tasks.ner.head={layer: 0}").architecture == Self.hashes().architecture)
  }

  @Test func theRecipeHashOfASpecIsFixed() throws {
    let spec = try SpecSamples.load(SpecSamples.everything).spec
    #expect(spec.recipeHash == SHA256.hex(spec.recipeJSON))
    #expect(spec.recipeHash == "479257a328c647093b28b83b67912763ad3313147c84ecf411adabcbddd84158")
  }

  /// A run on one domain does not go on on another; where the table of domains stands, and learning curves, change no
  /// bit.
  @Test func domainsThatAreTrainedOnAreOfTheRecipe() throws {
    func hash(_ overrides: [String]) throws -> String {
      try SpecSamples.load(SpecSamples.domains, overrides: overrides).spec.recipeHash
    }
    let base = try hash([])
    #expect(try hash(["data.a.domains={file: other.tsv}"]) == base)
    #expect(try hash(["train.score-training=false"]) == base)
    for change in [
      "data.a.train-on=[x y]", "data.a.limit=8", "tasks.b.random-labels=1", "tasks.c.random-labels=1",
    ] {
      #expect(try hash([change]) != base)
    }
  }
}
