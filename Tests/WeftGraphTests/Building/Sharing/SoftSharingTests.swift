import Foundation
import Testing
import WeftCorpus
import WeftGraph
import WeftSpec

struct SoftSharingTests {
  /// `SmallNetwork` with both heads on top, unless `depths` says otherwise.
  private static func spec(
    _ kind: SharingSpec.Kind = .soft, start: MixSpec.Start = .imbalanced, learned: Bool = true,
    tasks: [String] = ["a", "b"],
    depths: [String: Int] = [:]
  ) -> Spec {
    var spec = SmallNetwork.spec(kind)
    spec.tasks = spec.tasks.filter { tasks.contains($0.name) }
    for index in spec.tasks.indices { spec.tasks[index].head.layer = depths[spec.tasks[index].name] }
    spec.sharing.mix.start = start
    spec.sharing.mix.learned = learned
    return spec
  }

  private static func graph(_ spec: Spec) throws -> Graph { try Graph(spec: spec, sizes: SmallNetwork.sizes) }

  /// The parameters of a graph: those of another network by their names there, others random.
  private static func parameters(
    _ graph: Graph, from other: [String: Matrix], _ name: (String) -> String
  ) -> [String: Matrix] {
    Dictionary(
      uniqueKeysWithValues: graph.randomParameters().map { ($0.key, other[name($0.key)] ?? $0.value) })
  }

  @Test func everyTaskHasLayersOfItsOwnOverSharedTokens() throws {
    let graph = try Self.graph(Self.spec())
    let names = graph.parameters.map(\.name)
    #expect(names.prefix(5).allSatisfy { ["words", "chars", "features"].contains($0.prefix { $0 != "." }) })
    let layers = names.filter { $0.hasSuffix("weight_hh_l0") || $0.hasPrefix("mix.") }
    #expect(
      layers == [
        "a.encoder.0.weight_hh_l0", "b.encoder.0.weight_hh_l0", "mix.0.alpha", "a.encoder.1.weight_hh_l0",
        "b.encoder.1.weight_hh_l0", "mix.1.alpha",
      ])
    #expect(
      graph.nodes.compactMap { ($0.operation as? any RandomOperation)?.site.name } == [
        "dropout.words", "noise.input", "dropout.input", "a.dropout.encoder.0", "b.dropout.encoder.0",
        "a.dropout.output", "b.dropout.output",
      ])
    for k in 0...1 {
      let alpha = graph[try #require(graph.parameter(named: "mix.\(k).alpha"))]
      #expect((alpha.shape, alpha.group) == ([2, 2], .mixing))
      #expect(alpha.isTrainable && !alpha.isPrunable)
    }
    #expect(graph.values.contains { $0.name == "b.encoder.1.mixed" })
  }

  @Test func aStepReachesWhatItsTaskReadsThroughTheMixtures() throws {
    let graph = try Self.graph(Self.spec(depths: ["b": 0])).differentiated()
    func updated(_ task: Int) -> Set<String> { Set(graph.updateSet(ofTask: task).map { graph[$0].name }) }
    // Task b reads the mixture of layer 0, which is of both tasks' layers; layer 1 is task a's alone.
    let b = updated(1)
    #expect(
      b.isSuperset(of: ["mix.0.alpha", "a.encoder.0.weight_ih_l0", "b.encoder.0.bias_hh_l0", "words.weight"]))
    #expect(b.allSatisfy { !$0.contains("encoder.1") && $0 != "mix.1.alpha" && !$0.hasPrefix("heads.a") })
    let a = updated(0)
    #expect(
      a.isSuperset(of: ["mix.0.alpha", "mix.1.alpha", "b.encoder.0.weight_ih_l0", "a.encoder.1.bias_hh_l0"]))
    #expect(graph[try #require(graph.parameter(named: "mix.1.alpha"))].shape == [1, 1])
    // Mixtures that only another task reads are not computed.
    func runs(_ node: String, _ graph: Graph) throws -> UInt64 {
      let id = try #require(graph.nodes.first { $0.name == node }).id
      #expect(graph.reach(.use).nodes[id.index] == graph.reach(.training).nodes[id.index])
      return graph.reach(.training).nodes[id.index]
    }
    #expect(try runs("b.encoder.0.mixed", graph) == 0b10)
    let even = try Self.graph(Self.spec())
    #expect(try runs("b.encoder.0.mixed", even) == 0b11)
    #expect(try runs("b.encoder.1.mixed", even) == 0b10)
  }

  static let networks:
    [(depths: [String: Int], start: MixSpec.Start, learned: Bool, seeds: [String: Double])] = [
      ([:], .imbalanced, true, ["a": 1.3, "b": 0.4]), (["b": 0], .balanced, true, ["b": 1]),
      (["a": 0], .balanced, false, ["a": 0.7, "b": 1]), ([:], .identity, false, ["a": 1]),
    ]

  @Test(arguments: networks.indices) func gradientsMatchDifferences(index: Int) throws {
    let (depths, start, learned, seeds) = Self.networks[index]
    let graph = try Self.graph(Self.spec(start: start, learned: learned, depths: depths))
    try expectGradientsMatchDifferences(
      graph, SmallNetwork.batch.pack(), seeds: seeds, random: RandomKeys(seed: 11, step: 2))
  }

  @Test(arguments: [true, false]) func identityOfOneTaskIsTheSingleTask(learned: Bool) throws {
    let soft = try Self.graph(Self.spec(start: .identity, learned: learned, tasks: ["a"])).differentiated()
    let single = try Self.graph(Self.spec(.single, tasks: ["a"])).differentiated()
    var parameters = single.randomParameters()
    for k in 0...1 { parameters["mix.\(k).alpha"] = Matrix(rows: 1, columns: 1, repeating: 1) }
    let own = Self.parameters(soft, from: parameters) { parameters[$0] == nil ? "a.\($0)" : $0 }
    let batch = SmallNetwork.batch.pack()
    let found = try ReferenceInterpreter(soft, parameters: own).train(batch, seeds: ["a": 1])
    let expected = try ReferenceInterpreter(single, parameters: parameters).train(batch, seeds: ["a": 1])
    #expect(found.losses == expected.losses)
    for (name, gradient) in expected.gradients {
      let here = soft.parameter(named: name) == nil ? String(name.dropFirst(2)) : name
      #expect(found.gradients[here] == gradient, "\(name)")
    }
  }

  @Test func constantIdentityKeepsTasksApart() throws {
    let graph = try Self.graph(Self.spec(start: .identity, learned: false)).differentiated()
    for (task, other) in [(0, "b."), (1, "a.")] {
      let names = graph.updateSet(ofTask: task).map { graph[$0].name }
      #expect(names.allSatisfy { !$0.hasPrefix(other) && !$0.hasPrefix("mix") })
    }
    // Learned, the same start lets α see the other task's layers.
    let learned = try Self.graph(Self.spec(start: .identity)).differentiated()
    #expect(learned.updateSet(ofTask: 0).contains { learned[$0].name == "b.encoder.0.weight_ih_l0" })
  }

  /// h̃ = (h_a + h_b) / 2 for both tasks, written down layer by layer with a network that has no mixtures.
  @Test(arguments: [true, false]) func equalConstantsAverageTheStacks(learned: Bool) throws {
    var spec = Self.spec(start: .balanced, learned: learned)
    // One layer, so that the average can be put under a head from outside.
    spec.network.encoder = [LayerSpec(hidden: 2)]
    let soft = try Self.graph(spec)
    let initial = ParameterInitialization(seed: 1)
    var parameters = soft.randomParameters()
    for parameter in soft.parameters where parameter.group == .mixing {
      #expect(initial.values(of: parameter) == [0.5, 0.5, 0.5, 0.5])
      parameters[parameter.name] = Matrix(rows: 2, columns: 2, repeating: 0.5)
    }
    let batch = SmallNetwork.batch.pack()
    let run = try ReferenceInterpreter(soft, parameters: parameters).use(batch)
    let single = try Self.graph(
      {
        var other = spec
        other.sharing.kind = .single
        return other
      }())
    let alone = try ReferenceInterpreter(
      single,
      parameters: Self.parameters(single, from: parameters) { name in
        parameters[name] == nil ? String(name.dropFirst(2)) : name
      }
    ).use(batch)
    let (a, b) = (try #require(alone.values["a.encoder.0"]), try #require(alone.values["b.encoder.0"]))
    let average = zip(a.elements, b.elements).map { ($0 + $1) / 2 }
    for task in ["a", "b"] {
      let mixed = try #require(run.values["\(task).encoder.0.mixed"])
      #expect(zip(mixed.elements, average).allSatisfy { abs($0 - $1) < 1e-12 })
    }
    // Task a's head is linear: its scores are those of the average.
    let weight = try #require(parameters["heads.a.weight"])
    let bias = try #require(parameters["heads.a.bias"])
    let scores = try #require(run.values["scores.a"])
    for token in 0..<scores.rows {
      for label in 0..<scores.columns {
        let sum = (0..<weight.columns).reduce(bias.elements[label]) {
          $0 + weight[label, $1] * average[token * weight.columns + $1]
        }
        #expect(abs(scores[token, label] - sum) < 1e-12)
      }
    }
  }

  @Test func mixturesStartAsThePaperSays() throws {
    func start(_ start: MixSpec.Start, tasks: Int) throws -> [Float] {
      var spec = SmallNetwork.spec(.soft)
      spec.tasks = (0..<tasks).map { TaskSpec(name: "t\($0)", data: "corpus", column: "a") }
      spec.sharing.mix.start = start
      var sizes = SmallNetwork.sizes
      for task in spec.tasks { sizes.labels[task.name] = LabelShape(count: 2) }
      let graph = try Graph(spec: spec, sizes: sizes)
      return ParameterInitialization(seed: 1).values(
        of: graph[try #require(graph.parameter(named: "mix.0.alpha"))])
    }
    #expect(try start(.imbalanced, tasks: 1) == [1])
    #expect(try start(.imbalanced, tasks: 2) == [0.9, 0.1, 0.1, 0.9])
    #expect(try start(.imbalanced, tasks: 3) == [0.9, 0.05, 0.05, 0.05, 0.9, 0.05, 0.05, 0.05, 0.9])
    #expect(try start(.balanced, tasks: 4) == [Float](repeating: 0.25, count: 16))
    #expect(try start(.identity, tasks: 2) == [1, 0, 0, 1])
  }

  @Test func headsOnAnEmptyEncoderHaveNothingToMix() throws {
    var spec = Self.spec()
    spec.network.encoder = []
    let graph = try Self.graph(spec)
    #expect(graph.parameters.allSatisfy { $0.group != .mixing })
    try expectGradientsMatchDifferences(graph, SmallNetwork.batch.pack(), seeds: ["a": 1, "b": 1])
  }

  @Test func aLayerThatNoHeadNeedsIsRefused() {
    let error = #expect(throws: GraphError.self) { try Self.graph(Self.spec(depths: ["a": 0, "b": 0])) }
    #expect(
      error == GraphError("no task's head reads this layer or one above it", at: "network.encoder.1"))
  }
}
