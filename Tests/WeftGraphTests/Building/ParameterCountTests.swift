import Testing
import WeftGraph
import WeftSpec

/// The paper's networks (Sun et al. 2020) have the parameter counts that it reports.
struct ParameterCountTests {
  static func spec(layers: Int, sharing: SharingSpec.Kind, tasks: [String] = ["pos", "chunk", "ner"]) -> Spec
  {
    Spec(
      name: "paper", data: [], tasks: tasks.map { TaskSpec(name: $0, data: "corpus", column: $0) },
      network: NetworkSpec(
        words: WordSpec(dim: 100), chars: CharSpec(kind: .cnn, dim: 30, filters: 30, width: 3),
        encoder: Array(repeating: LayerSpec(hidden: 200), count: layers)),
      sharing: SharingSpec(kind: sharing))
  }

  static let sizes = NetworkSizes(
    words: 20_000, characters: 90,
    labels: ["pos": LabelShape(count: 45), "chunk": LabelShape(count: 23), "ner": LabelShape(count: 17)])

  @Test(arguments: [(1, 533_930, 530_700, 3_230), (2, 1_497_130, 1_490_700, 6_430)])
  func hardSharing(layers: Int, network: Int, prunable: Int, biases: Int) throws {
    let table = ParameterTable(try Graph(spec: Self.spec(layers: layers, sharing: .hard), sizes: Self.sizes))
    #expect(table.all.network == network)
    #expect(table.all.prunable == prunable)
    #expect(table.all.biases == biases)
    #expect(table.shared.network == network)
    #expect(table.shared.heads == 0)
    #expect(table.own(ofTask: 1).heads == 401 * 23)
    #expect(table.all.embeddings == 20_000 * 100 + 90 * 30)
  }

  @Test(arguments: [(1, 533_930), (2, 1_497_130)])
  func singleTaskCountsOneNetworkATask(layers: Int, network: Int) throws {
    let table = ParameterTable(
      try Graph(spec: Self.spec(layers: layers, sharing: .single), sizes: Self.sizes))
    #expect(table.all.network == 3 * network)
    #expect(table.shared.total == 0)
    for task in 0..<3 { #expect(table.own(ofTask: task).network == network) }
  }

  /// Three LSTMs and one convolution; the paper leaves the α of its cross-stitch units out of the count.
  @Test(arguments: [(1, 3 * 531_200 + 2_730), (2, 3 * 1_494_400 + 2_730)])
  func softSharingCountsItsMixturesApart(layers: Int, network: Int) throws {
    let table = ParameterTable(
      try Graph(spec: Self.spec(layers: layers, sharing: .soft), sizes: Self.sizes).differentiated())
    if layers == 1 { #expect(network == 1_596_330) }
    #expect(table.all.network == network)
    #expect(table.all.mixing == layers * 3 * 3)
    #expect(table.all.prunable == 3 * (layers == 1 ? 528_000 : 1_488_000) + 2_700)
    #expect(table.all.biases == network - table.all.prunable)
    #expect(table.all.total == network + layers * 9 + table.all.embeddings + table.all.heads)
    // Whatever goes into a mixture is reached by all.
    #expect(table.reached(byTask: 1).network == network)
    #expect(table.own(ofTask: 1).total == table.own(ofTask: 1).heads)
  }

  @Test func sparseSharingCountsAsHard() throws {
    let hard = ParameterTable(try Graph(spec: Self.spec(layers: 2, sharing: .hard), sizes: Self.sizes))
    #expect(
      ParameterTable(try Graph(spec: Self.spec(layers: 2, sharing: .sparse), sizes: Self.sizes)) == hard)
  }

  @Test func aTaskThatReadsALowerLayerReachesNothingAbove() throws {
    var spec = Self.spec(layers: 2, sharing: .hard)
    spec.tasks[0].head.layer = 0
    let table = ParameterTable(try Graph(spec: spec, sizes: Self.sizes).differentiated())
    #expect(table.reached(byTask: 0).network == 533_930)
    #expect(table.reached(byTask: 1).network == 1_497_130)
    #expect(table.rows.first { $0.name == "encoder.1.weight_hh_l0_reverse" }?.tasks == 0b110)
    #expect(table.rows.first { $0.name == "encoder.0.weight_hh_l0_reverse" }?.tasks == 0b111)
  }

  @Test func multiplyAddsAreThoseOfTheMatrices() throws {
    let graph = try Graph(spec: Self.spec(layers: 1, sharing: .hard), sizes: Self.sizes)
    let cost = CostEstimate(graph, purpose: .use, tasks: 0b001)
    // The LSTM's two matrices in both directions, the head, a softmax; the convolution for each of 5 scalars.
    let expected = 2 * 800 * (130 + 200) + 400 * 45 + 45 + 5 * 30 * 30 * 3
    #expect(cost.multiplyAddsPerToken(scalars: 5) == expected)
    #expect(
      CostEstimate(graph, purpose: .use, tasks: 0b011).multiplyAddsPerToken(scalars: 5) == expected + 401 * 23
    )
  }

  @Test func memoryIsColumnsTimesRows() throws {
    let graph = try Graph(spec: Self.spec(layers: 1, sharing: .hard, tasks: ["pos"]), sizes: Self.sizes)
    let use = CostEstimate(graph, purpose: .use)
    // word, form, words, chars, input, output, gates, cells, scores, probabilities, prediction.
    #expect(use.bytes[.token] == 4 * (1 + 1 + 100 + 30 + 130 + 400 + 1600 + 400 + 45 + 45 + 1))
    #expect(use.bytes[.scalar] == 4 * (1 + 30))
    #expect(use.bytes[.form] == 4 * (30 + 30))
    #expect(
      use.bytes(tokens: 7, scalarsPerForm: 4)
        == 7 * ((use.bytes[.token] ?? 0) + (use.bytes[.form] ?? 0)) + 28 * (use.bytes[.scalar] ?? 0))
  }
}
