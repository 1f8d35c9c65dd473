import Testing
import WeftCorpus
import WeftGraph
import WeftSpec

/// Small networks for tests of what is built from a spec.
enum SmallNetwork {
  /// Characters, a feature, two layers, every kind of dropout and noise; task `a` with softmax on top, task `b` with
  /// an MLP and a CRF on layer 0.
  static func spec(_ sharing: SharingSpec.Kind, chars: CharSpec.Kind = .cnn, variational: Bool = false)
    -> Spec
  {
    Spec(
      name: "small", data: [],
      tasks: [
        TaskSpec(name: "a", data: "corpus", column: "a", labelSmoothing: 0.1),
        TaskSpec(
          name: "b", data: "corpus", column: "b", decoder: .crf,
          head: HeadSpec(layer: 0, hidden: [2], activation: .tanh)),
      ],
      network: NetworkSpec(
        words: WordSpec(dim: 2, unkDropout: 0.2),
        chars: CharSpec(kind: chars, dim: 2, filters: 2, width: 3, hidden: 1),
        features: [FeatureSpec(name: "case", source: .capitalization, dim: 1)],
        encoder: [LayerSpec(hidden: 2), LayerSpec(hidden: 1)],
        dropout: DropoutSpec(input: 0.3, layers: 0.2, output: 0.4, variational: variational), noise: 0.1),
      sharing: SharingSpec(kind: sharing))
  }

  static let sizes = NetworkSizes(
    words: 5, characters: 4, features: ["case": 4],
    labels: ["a": LabelShape(count: 3), "b": LabelShape(count: 2)])

  static let batch = RandomBatch(
    lengths: [1, 3, 4], formLengths: [1, 3, 2], words: 5, characters: 4, features: ["case": 4],
    labels: ["a": 3, "b": 2], unlabelled: 0.3)
}

struct NetworkBuilderTests {
  @Test(arguments: [SharingSpec.Kind.hard, .single], [CharSpec.Kind.cnn, .bilstm])
  func wholeNetworksMatchFiniteDifferences(sharing: SharingSpec.Kind, chars: CharSpec.Kind) throws {
    // Both kinds of dropout, each with both sharings.
    let spec = SmallNetwork.spec(sharing, chars: chars, variational: chars == .bilstm)
    let graph = try Graph(spec: spec, sizes: SmallNetwork.sizes)
    try expectGradientsMatchDifferences(
      graph, SmallNetwork.batch.pack(), seeds: ["a": 1.3, "b": 0.4], random: RandomKeys(seed: 11, step: 2))
  }

  @Test func oneTaskOfManyMatchesFiniteDifferencesAndTouchesNothingElse() throws {
    for sharing in SharingSpec.Kind.allCases {
      let graph = try Graph(spec: SmallNetwork.spec(sharing), sizes: SmallNetwork.sizes)
      for task in ["a", "b"] {
        try expectGradientsMatchDifferences(
          graph, SmallNetwork.batch.pack(), seeds: [task: 1], random: RandomKeys(seed: 11))
      }
    }
  }

  @Test func valuesSitesAndParametersHaveTheirContractedNames() throws {
    let graph = try Graph(spec: SmallNetwork.spec(.hard), sizes: SmallNetwork.sizes)
    #expect(
      graph.inputs.map { graph[$0].name } == [
        "word", "form", "character", "feature.case", "label.a", "label.b", "seed.a", "seed.b",
      ])
    #expect(
      graph.nodes.compactMap { $0.outputs[0].map { graph[$0].name } } == [
        "word.dropped", "words", "chars.embedding", "chars", "chars.token", "features.case", "input",
        "input.noisy", "input.dropped", "encoder.0", "encoder.0.dropped", "encoder.1", "output", "output.0",
        "scores.a", "loss.a", "prediction.a", "probabilities.a", "heads.b.mlp.0.linear", "heads.b.mlp.0",
        "scores.b", "loss.b", "prediction.b", "probabilities.b",
      ])
    #expect(
      graph.nodes.compactMap { ($0.operation as? any RandomOperation)?.site.name } == [
        "dropout.words", "noise.input", "dropout.input", "dropout.encoder.0", "dropout.output",
        "dropout.output.0",
      ])
    let prunable = graph.parameters.filter(\.isPrunable).map(\.name)
    #expect(
      prunable == [
        "chars.conv.weight", "encoder.0.weight_ih_l0", "encoder.0.weight_hh_l0",
        "encoder.0.weight_ih_l0_reverse",
        "encoder.0.weight_hh_l0_reverse", "encoder.1.weight_ih_l0", "encoder.1.weight_hh_l0",
        "encoder.1.weight_ih_l0_reverse", "encoder.1.weight_hh_l0_reverse",
      ])
    #expect(
      graph.parameters.filter(\.isRowSparse).map(\.name) == [
        "words.weight", "chars.embedding.weight", "features.case.weight",
      ])
    #expect(
      graph.tasks[1].decoderParameters.map { graph[$0].name }
        == ["transitions", "start", "end"].map { "heads.b.\($0)" })
  }

  @Test func aTasksOwnNetworkCarriesItsName() throws {
    let graph = try Graph(spec: SmallNetwork.spec(.single), sizes: SmallNetwork.sizes)
    let sites = graph.nodes.compactMap { ($0.operation as? any RandomOperation)?.site.name }
    #expect(sites.contains("a.dropout.encoder.0"))
    // Task b's network ends at the layer that its head reads.
    #expect(sites.contains("b.dropout.output.0"))
    #expect(graph.parameter(named: "a.encoder.1.weight_hh_l0") != nil)
    #expect(graph.parameter(named: "b.encoder.1.weight_hh_l0") == nil)
    #expect(
      graph.parameters.allSatisfy { $0.name.hasPrefix("a.") || $0.name.hasPrefix("b.") || $0.group == .head })
    #expect(graph.parameter(named: "heads.b.mlp.0.bias") != nil)
  }

  @Test func frozenVectorsAreNeitherTrainedNorRowSparse() throws {
    var spec = SmallNetwork.spec(.hard)
    spec.network.words?.frozen = true
    let graph = try Graph(spec: spec, sizes: SmallNetwork.sizes).differentiated()
    let words = graph[try #require(graph.parameter(named: "words.weight"))]
    #expect(!words.isTrainable && !words.isRowSparse)
    #expect(!graph.updateSet(ofTask: 0).contains(words.id))
    #expect(!graph.nodes.contains { $0.name == "gradient.words" })
    #expect(!graph.values.contains { $0.name == "d_words" })
    try expectGradientsMatchDifferences(graph, SmallNetwork.batch.pack(), seeds: ["a": 1, "b": 1])
  }

  @Test func headsOnAnEmptyEncoderReadTheTokenFeatures() throws {
    var spec = SmallNetwork.spec(.hard)
    spec.network.encoder = []
    spec.tasks[1].head.layer = nil
    let graph = try Graph(spec: spec, sizes: SmallNetwork.sizes)
    #expect(graph[graph.tasks[0].scores].type == ValueType(.token, 3))
    try expectGradientsMatchDifferences(
      graph, SmallNetwork.batch.pack(), seeds: ["a": 1, "b": 1], random: RandomKeys(seed: 1))
  }

  @Test func networkSizesComeFromVocabularies() throws {
    var spec = SmallNetwork.spec(.hard)
    spec.tasks[1].crf.constrained = true
    let vocabularies = Vocabularies(
      words: Vocabulary(entries: ["x", "y", "z"]), characters: Vocabulary(entries: ["x", "y"]),
      features: ["case": Vocabulary(entries: ["l", "u"])],
      labels: [
        "a": LabelSet(labels: ["N", "V", "D"]), "b": LabelSet(labels: ["O", "B-X", "I-X"], scheme: .bio),
      ])
    let sizes = NetworkSizes(vocabularies: vocabularies, spec: spec)
    #expect((sizes.words, sizes.characters) == (5, 4))
    #expect(sizes.features == ["case": 4])
    #expect(sizes.labels["a"] == LabelShape(count: 3))
    #expect(sizes.labels["b"]?.constraints?.allowedStart == [true, true, false])
    let graph = try Graph(spec: spec, sizes: sizes)
    #expect(
      (graph.nodes.first { $0.name == "loss.b" }?.operation as? Crf)?.constraints?.allows(0, 2) == false)
  }

  static let broken: [(String, String, @Sendable (inout Spec, inout NetworkSizes) -> Void)] = [
    ("tasks", "a network needs at least one task", { spec, _ in spec.tasks = [] }),
    (
      "tasks", "a network can have at most 64 tasks, this one has 65",
      { spec, _ in spec.tasks = (0..<65).map { TaskSpec(name: "t\($0)", data: "corpus", column: "a") } }
    ),
    (
      "network", "needs words, chars or a feature to read",
      { spec, _ in (spec.network.words, spec.network.chars, spec.network.features) = (nil, nil, []) }
    ),
    (
      "network.words.dim", "the number of columns must be positive, is 0",
      { spec, _ in spec.network.words?.dim = 0 }
    ),
    ("network.chars.width", "the width must be odd, is 4", { spec, _ in spec.network.chars?.width = 4 }),
    (
      "network.chars.filters", "the number of filters must be positive, is -1",
      { spec, _ in spec.network.chars?.filters = -1 }
    ),
    (
      "network.encoder.1.hidden", "the hidden size must be positive, is 0",
      { spec, _ in spec.network.encoder[1].hidden = 0 }
    ),
    (
      "network.encoder.1", "no task's head reads this layer or one above it",
      { spec, _ in spec.tasks[0].head.layer = 0 }
    ),
    (
      "tasks.b.head.layer", "the head cannot read layer 2: the encoder's layers are 0 to 1",
      { spec, _ in spec.tasks[1].head.layer = 2 }
    ),
    (
      "tasks.b.head.layer", "the head cannot read layer 0: the encoder has none",
      { spec, _ in spec.network.encoder = [] }
    ),
    (
      "tasks.b.head.hidden", "a hidden layer's size must be positive, is 0",
      { spec, _ in spec.tasks[1].head.hidden = [0] }
    ),
    (
      "tasks.b.label-smoothing", "a CRF has no label smoothing",
      { spec, _ in spec.tasks[1].labelSmoothing = 0.1 }
    ),
    (
      "network.dropout.input", "a dropout probability must lie in 0 ..< 1, is 1.0",
      { spec, _ in spec.network.dropout.input = 1 }
    ),
    (
      "network.noise", "the standard deviation of noise must be 0 or more, is -0.5",
      { spec, _ in spec.network.noise = -0.5 }
    ),
    ("tasks.a", "the number of labels must be positive, is 0", { _, sizes in sizes.labels["a"]?.count = 0 }),
    ("tasks.a", "the labels of this task are missing", { _, sizes in sizes.labels["a"] = nil }),
    (
      "network.features.case", "the vocabulary of this feature is missing",
      { _, sizes in sizes.features = [:] }
    ),
    (
      "words.weight", "a parameter of shape [400000000, 8] has more than 2147483647 numbers",
      { spec, sizes in
        spec.network.words?.dim = 8
        sizes.words = 400_000_000
      }
    ),
    ("label.a", "two values have this name", { spec, _ in spec.tasks[1].name = "a" }),
  ]

  @Test(arguments: broken.indices) func impossibleNetworksAreRefused(index: Int) throws {
    let (subject, message, change) = Self.broken[index]
    var (spec, sizes) = (SmallNetwork.spec(.hard), SmallNetwork.sizes)
    change(&spec, &sizes)
    let error = #expect(throws: GraphError.self) { try Graph(spec: spec, sizes: sizes) }
    #expect(error == GraphError(message, at: subject))
  }
}
