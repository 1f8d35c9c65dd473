import Testing
import WeftCorpus
import WeftGraph
import WeftSpec

/// Subspaces, and heads that read several layers (Ruder et al. 2019).
struct SluiceTests {
  private static func spec(
    _ kind: SharingSpec.Kind = .soft, subspaces: Int = 2, read: [LayersRead] = [.mixture, .mixture],
    depths: [String: Int] = [:]
  ) -> Spec {
    var spec = SmallNetwork.spec(kind)
    spec.network.encoder = [LayerSpec(hidden: 2), LayerSpec(hidden: 2)]
    spec.sharing.mix.subspaces = subspaces
    for index in spec.tasks.indices {
      spec.tasks[index].head.layer = depths[spec.tasks[index].name]
      spec.tasks[index].head.layers = read[index]
    }
    return spec
  }

  private static func graph(_ spec: Spec) throws -> Graph { try Graph(spec: spec, sizes: SmallNetwork.sizes) }

  /// 4KM² α with two subspaces, and KM β.
  @Test(arguments: [1, 2, 3, 5], [1, 3]) func countsAreThoseOfThePaper(tasks: Int, layers: Int) throws {
    let names = (0..<tasks).map { "t\($0)" }
    let graph = try Graph(
      spec: Spec(
        name: "sluice", data: [],
        tasks: names.map {
          TaskSpec(name: $0, data: "corpus", column: $0, head: HeadSpec(layers: .mixture, hidden: [100]))
        },
        network: NetworkSpec(
          words: WordSpec(dim: 64), chars: CharSpec(kind: .bilstm, dim: 100, hidden: 100),
          encoder: Array(repeating: LayerSpec(hidden: 100), count: layers)),
        sharing: {
          var sharing = SharingSpec(kind: .soft)
          sharing.mix.subspaces = 2
          return sharing
        }()),
      sizes: NetworkSizes(
        words: 50, characters: 20,
        labels: Dictionary(uniqueKeysWithValues: names.map { ($0, LabelShape(count: 3)) })))
    func count(_ suffix: String) -> Int {
      graph.parameters.filter { $0.name.hasSuffix(suffix) && $0.group == .mixing }.reduce(0) { $0 + $1.count }
    }
    #expect(count(".alpha") == 4 * layers * tasks * tasks)
    #expect(count(".beta") == layers * tasks)
    #expect(ParameterTable(graph).all.mixing == 4 * layers * tasks * tasks + layers * tasks)
  }

  static let networks: [(kind: SharingSpec.Kind, subspaces: Int, read: [LayersRead], depths: [String: Int])] =
    [
      (.soft, 2, [.mixture, .mixture], [:]), (.soft, 2, [.concatenation, .mixture], ["b": 0]),
      (.hard, 1, [.mixture, .concatenation], [:]), (.single, 1, [.sum, .mixture], [:]),
    ]

  @Test(arguments: networks.indices) func gradientsMatchDifferences(index: Int) throws {
    let (kind, subspaces, read, depths) = Self.networks[index]
    var spec = Self.spec(kind, subspaces: subspaces, read: read, depths: depths)
    // What is below the layers is tested elsewhere.
    (spec.network.chars, spec.network.features) = (nil, [])
    try expectGradientsMatchDifferences(
      Self.graph(spec), SmallNetwork.batch.pack(), seeds: ["a": 1.3, "b": 0.4],
      random: RandomKeys(seed: 11, step: 2))
  }

  @Test func aHeadReadsItsLayersTogether() throws {
    let batch = SmallNetwork.batch.pack()
    for kind in [SharingSpec.Kind.soft, .hard] {
      for read in LayersRead.allCases {
        let graph = try Self.graph(Self.spec(kind, read: [read, read]))
        let parameters = graph.randomParameters()
        let run = try ReferenceInterpreter(graph, parameters: parameters).use(batch)
        for task in ["a", "b"] {
          let layers = try (0...1).map {
            try #require(run.values[kind == .soft ? "\(task).encoder.\($0).mixed" : "encoder.\($0)"])
          }
          let beta = parameters["heads.\(task).beta"]?.elements
          #expect((beta != nil) == (read == .mixture || read == .sum))
          let found = run.values["heads.\(task).layers"]
          for row in 0..<layers[0].rows {
            let pairs = zip(layers[0].row(row), layers[1].row(row))
            let expected: [Double]? =
              switch read {
              case .top: nil
              case .mixture, .sum: pairs.map { (beta?[0] ?? 0) * $0 + (beta?[1] ?? 0) * $1 }
              case .concatenation: layers[0].row(row) + layers[1].row(row)
              }
            let equal = zip(found?.row(row) ?? [], expected ?? []).allSatisfy { abs($0 - $1) < 1e-12 }
            #expect(found?.columns == expected?.count && equal)
          }
        }
      }
    }
  }

  @Test func betaStartsAsThePaperSays() throws {
    func start(_ change: (inout HeadSpec) -> Void, layers: Int = 3) throws -> (
      values: [Float], isTrainable: Bool
    ) {
      var spec = Self.spec()
      spec.network.encoder = Array(repeating: LayerSpec(hidden: 2), count: layers)
      change(&spec.tasks[0].head)
      let graph = try Self.graph(spec)
      let beta = graph[try #require(graph.parameter(named: "heads.a.beta"))]
      #expect((beta.shape, beta.group) == ([1, layers], .mixing))
      return (ParameterInitialization(seed: 1).values(of: beta), beta.isTrainable)
    }
    #expect(try start { _ in } == ([0.05, 0.05, 0.9], true))
    #expect(try start({ _ in }, layers: 1) == ([1], true))
    #expect(try start { $0.beta.start = .balanced }.values == [Float](repeating: Float(1.0 / 3), count: 3))
    #expect(try start { $0.beta.learned = false }.isTrainable == false)
    #expect(try start { $0.layers = .sum } == ([1, 1, 1], false))
  }

  @Test func alphaOfSubspacesStartsBiasedToTheOwnOne() throws {
    func start(_ start: MixSpec.Start) throws -> [Float] {
      var spec = Self.spec()
      spec.sharing.mix.start = start
      let graph = try Self.graph(spec)
      return ParameterInitialization(seed: 1).values(
        of: graph[try #require(graph.parameter(named: "mix.1.alpha"))])
    }
    for (kind, own, other) in [
      (MixSpec.Start.imbalanced, 0.95, 0.05), (.balanced, 0.25, 0.25), (.identity, 1, 0),
    ] {
      #expect(try start(kind) == (0..<16).map { $0 / 4 == $0 % 4 ? Float(own) : Float(other) })
    }
  }

  /// A step of a task moves its own β and no other.
  @Test func betaIsItsTasksAlone() throws {
    let graph = try Self.graph(Self.spec()).differentiated()
    for (task, other) in [(0, "heads.b."), (1, "heads.a.")] {
      let names = graph.updateSet(ofTask: task).map { graph[$0].name }
      #expect(names.contains("heads.\(graph.tasks[task].name).beta"))
      #expect(names.allSatisfy { !$0.hasPrefix(other) })
    }
  }

  /// β of 1 on the top layer is the head on the top layer.
  @Test func allWeightOnTheTopIsTheTop() throws {
    let (mixture, top) = (try Self.graph(Self.spec()), try Self.graph(Self.spec(read: [.top, .top])))
    var parameters = mixture.randomParameters()
    for task in ["a", "b"] {
      parameters["heads.\(task).beta"] = Matrix(rows: 1, columns: 2, elements: [0, 1])
    }
    let batch = SmallNetwork.batch.pack()
    let found = try ReferenceInterpreter(mixture, parameters: parameters).use(batch)
    let expected = try ReferenceInterpreter(top, parameters: parameters).use(batch)
    for task in ["a", "b"] { #expect(found.values["scores.\(task)"] == expected.values["scores.\(task)"]) }
  }

  @Test func randomSitesOfJoinedLayersAreNamedByTheirTask() throws {
    func sites(_ kind: SharingSpec.Kind) throws -> [String] {
      try Self.graph(Self.spec(kind, read: [.mixture, .top])).nodes
        .compactMap { ($0.operation as? any RandomOperation)?.site.name }.filter { $0.contains("output") }
    }
    #expect(try sites(.hard) == ["dropout.output.a", "dropout.output"])
    #expect(try sites(.soft) == ["a.dropout.output", "b.dropout.output"])
  }
}
