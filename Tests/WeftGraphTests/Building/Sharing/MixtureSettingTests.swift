import Testing
import WeftCorpus
import WeftGraph
import WeftSpec

/// The settings of soft sharing: whose token features, which entries of α are trained, what is penalised.
struct MixtureSettingTests {
  private static func spec(
    layers: Int = 2, depths: [String: Int] = [:], _ change: (inout SharingSpec) -> Void
  ) -> Spec {
    var spec = SmallNetwork.spec(.soft)
    spec.network.encoder = Array(repeating: LayerSpec(hidden: 2), count: layers)
    for index in spec.tasks.indices { spec.tasks[index].head.layer = depths[spec.tasks[index].name] }
    change(&spec.sharing)
    return spec
  }

  private static func graph(_ spec: Spec) throws -> Graph { try Graph(spec: spec, sizes: SmallNetwork.sizes) }

  /// Frustratingly easy domain adaptation (Daumé III 2007): a subspace of its own for each task and a common one.
  static let domainAdaptation: [[MixEntry]] = [
    [.constant(1), .constant(0), .constant(0), .constant(0)],
    [.constant(0), .learned("shared"), .constant(0), .learned("shared")],
    [.constant(0), .constant(0), .constant(1), .constant(0)],
    [.constant(0), .learned("shared"), .constant(0), .learned("shared")],
  ]

  // MARK: Token features

  @Test func embeddingsOfATaskAreItsAlone() throws {
    let graph = try Self.graph(Self.spec { $0.embeddings = .perTask }).differentiated()
    let names = graph.parameters.map(\.name)
    #expect(names.contains("a.words.weight") && names.contains("b.chars.conv.weight"))
    #expect(!names.contains("words.weight"))
    let sites = graph.nodes.compactMap { ($0.operation as? any RandomOperation)?.site.name }
    #expect(sites.contains("a.noise.input") && sites.contains("b.dropout.words"))
    try expectGradientsMatchDifferences(
      graph, SmallNetwork.batch.pack(), seeds: ["a": 1.3, "b": 0.4], random: RandomKeys(seed: 3))
    // What constants keep apart is apart down to the words.
    let apart = try Self.graph(
      Self.spec {
        $0.embeddings = .perTask
        ($0.mix.learned, $0.mix.start) = (false, .identity)
      }
    ).differentiated()
    #expect(apart.updateSet(ofTask: 0).allSatisfy { !apart[$0].name.hasPrefix("b.") })
  }

  // MARK: Entries of α

  @Test func tiedEntriesAreOneNumber() throws {
    let graph = try Self.graph(
      Self.spec {
        $0.mix.subspaces = 2
        $0.mix.entries = Self.domainAdaptation
      })
    let alpha = graph[try #require(graph.parameter(named: "mix.0.alpha"))]
    #expect((alpha.shape, alpha.isTrainable) == ([1, 1], true))
    // The mean of what the imbalanced start has in its four places.
    #expect(ParameterInitialization(seed: 1).values(of: alpha) == [0.5])
    #expect(
      graph.mixingMatrix(of: alpha.id, values: [0.25]).elements == [
        1, 0, 0, 0, 0, 0.25, 0, 0.25, 0, 0, 1, 0, 0, 0.25, 0, 0.25,
      ])
    #expect(ParameterTable(graph).all.mixing == 2)
    try expectGradientsMatchDifferences(
      graph, SmallNetwork.batch.pack(), seeds: ["a": 1.3, "b": 0.4], random: RandomKeys(seed: 3))
  }

  /// The network of a pattern is that of the full matrix.
  @Test func aPatternIsTheMatrixThatItStandsFor() throws {
    var shared = Self.spec {
      $0.mix.subspaces = 2
      $0.mix.entries = Self.domainAdaptation
    }
    let pattern = try Self.graph(shared).differentiated()
    shared.sharing.mix.entries = nil
    let full = try Self.graph(shared).differentiated()
    let own = pattern.randomParameters()
    var parameters = own
    for k in 0...1 {
      let id = try #require(pattern.parameter(named: "mix.\(k).alpha"))
      parameters["mix.\(k).alpha"] = pattern.mixingMatrix(
        of: id, values: (own["mix.\(k).alpha"]?.elements ?? []).map { Float($0) })
    }
    let batch = SmallNetwork.batch.pack()
    let found = try ReferenceInterpreter(pattern, parameters: own).train(batch, seeds: ["a": 1])
    let expected = try ReferenceInterpreter(full, parameters: parameters).train(batch, seeds: ["a": 1])
    let (loss, same) = (try #require(found.losses["a"]), try #require(expected.losses["a"]))
    #expect(abs(loss - same) < 1e-6)
    // The gradient of a tied number is the sum over its places.
    let gradient = try #require(expected.gradients["mix.0.alpha"])
    let sum = [(1, 1), (1, 3), (3, 1), (3, 3)].reduce(0) { $0 + gradient[$1.0, $1.1] }
    #expect(abs(sum - (found.gradients["mix.0.alpha"]?.elements[0] ?? .nan)) < 1e-6)
  }

  @Test func layersTakeTheRowsOfTheTasksThatHaveThem() throws {
    func matrix(_ first: Double) -> [[Double]] { [[first, first + 1], [first + 2, first + 3]] }
    let graph = try Self.graph(Self.spec(depths: ["a": 0]) { $0.mix.matrix = matrix(5) })
    func start(_ layer: Int) throws -> [Float] {
      ParameterInitialization(seed: 1).values(
        of: graph[try #require(graph.parameter(named: "mix.\(layer).alpha"))])
    }
    #expect(try start(0) == [5, 6, 7, 8])
    #expect(try start(1) == [8])
  }

  @Test func constantEntriesAloneAreAFrozenMatrix() throws {
    let graph = try Self.graph(
      Self.spec { $0.mix.entries = [[.constant(1), .constant(0)], [.constant(0.5), .constant(0)]] })
    let alpha = graph[try #require(graph.parameter(named: "mix.0.alpha"))]
    #expect((alpha.shape, alpha.isTrainable) == ([2, 2], false))
    // Task b reads task a's layers only.
    let mixed = try #require(graph.nodes.first { $0.name == "b.encoder.0.mixed" })
    #expect(mixed.inputs.map { graph[$0].name } == ["a.encoder.0"])
  }

  @Test func aMatrixOfTheWrongSizeIsRefused() {
    let error = #expect(throws: GraphError.self) {
      try Self.graph(Self.spec { $0.mix.matrix = [[1, 0, 0], [0, 1, 0]] })
    }
    #expect(
      error
        == GraphError("α over 2 tasks of 1 subspaces is a matrix of 2 × 2", at: "sharing.mix.start"))
  }

  /// With equal constants every subspace is the mean over all tasks' subspaces.
  @Test func equalConstantsAverageTheSubspaces() throws {
    let graph = try Self.graph(
      Self.spec(layers: 1) {
        ($0.mix.subspaces, $0.mix.learned, $0.mix.start) = (2, false, .balanced)
      })
    var parameters = graph.randomParameters()
    parameters["mix.0.alpha"] = Matrix(rows: 4, columns: 4, repeating: 0.25)
    let run = try ReferenceInterpreter(graph, parameters: parameters).use(SmallNetwork.batch.pack())
    let (a, b) = (try #require(run.values["a.encoder.0"]), try #require(run.values["b.encoder.0"]))
    for task in ["a", "b"] {
      let mixed = try #require(run.values["\(task).encoder.0.mixed"])
      for row in 0..<a.rows {
        for direction in 0..<2 {
          let columns = [2 * direction, 2 * direction + 1]
          let mean = columns.reduce(0) { $0 + a[row, $1] + b[row, $1] } / 4
          for column in columns { #expect(abs(mixed[row, column] - mean) < 1e-12) }
        }
      }
    }
  }

  // MARK: β

  @Test func constantBetaReadsWhatItWeighs() throws {
    var spec = Self.spec { _ in }
    spec.tasks[0].head.layers = .mixture
    spec.tasks[0].head.beta = BetaSpec(learned: false, values: [0, 1])
    let graph = try Self.graph(spec)
    let mix = try #require(graph.nodes.first { $0.name == "heads.a.layers" })
    #expect(mix.inputs.map { graph[$0].name } == ["a.encoder.1.mixed"])
    spec.tasks[0].head.beta.values = [0.2, 0.3, 0.5]
    #expect(throws: GraphError.self) { try Self.graph(spec) }
  }

  // MARK: Penalties

  private static func penalised(_ depths: [String: Int] = [:], every: Int = 1) -> Spec {
    spec(depths: depths) {
      $0.mix.subspaces = 2
      ($0.penalties.orthogonality, $0.penalties.orthogonalityEvery) = (0.7, every)
    }
  }

  @Test(arguments: [[:], ["b": 0]]) func thePenaltyIsAddedToTheLoss(depths: [String: Int]) throws {
    var spec = Self.penalised(depths)
    let graph = try Self.graph(spec).differentiated()
    spec.sharing.penalties = PenaltySpec()
    let plain = try Self.graph(spec).differentiated()
    let parameters = graph.randomParameters()
    let batch = SmallNetwork.batch.pack()
    for task in ["a", "b"] {
      let found = try ReferenceInterpreter(graph, parameters: parameters).train(batch, seeds: [task: 0.5])
      let bare = try ReferenceInterpreter(plain, parameters: parameters).train(batch, seeds: [task: 0.5])
      #expect(found.losses == bare.losses)
      #expect(Set(found.gradients.keys) == Set(bare.gradients.keys))
      for (name, gradient) in found.gradients {
        let without = try #require(bare.gradients[name])
        guard name.contains("encoder"), name.contains("weight_ih"), let weights = parameters[name] else {
          #expect(gradient == without, "\(name)")
          continue
        }
        // λ whatever the weight of the task's loss.
        for i in weights.elements.indices {
          func value(_ change: Double) -> Double {
            var changed = weights
            changed.elements[i] += change
            return 0.7 * Orthogonality.value(of: changed, subspaces: 2)
          }
          let difference = (value(1e-5) - value(-1e-5)) / 2e-5
          let added = gradient.elements[i] - without.elements[i]
          #expect(abs(added - difference) < 1e-8 * (1 + abs(difference)), "\(name)")
        }
      }
    }
  }

  @Test func penaltiesRunForTheTasksThatTrainTheLayer() throws {
    func runs(_ spec: Spec) throws -> [String: UInt64] {
      let graph = try Self.graph(spec).differentiated()
      let nodes = graph.nodes.filter { $0.operation is Orthogonality }
      return Dictionary(
        uniqueKeysWithValues: nodes.map { ($0.name, graph.reach(.training).nodes[$0.id.index]) })
    }
    #expect(
      try runs(Self.penalised(["b": 0])) == [
        "gradient.a.encoder.0.orthogonality": 0b11, "gradient.b.encoder.0.orthogonality": 0b11,
        "gradient.a.encoder.1.orthogonality": 0b01,
      ])
    var apart = Self.penalised()
    (apart.sharing.mix.start, apart.sharing.mix.learned) = (.identity, false)
    let tasks = try runs(apart)
    #expect(tasks["gradient.a.encoder.0.orthogonality"] == 0b01)
    #expect(tasks["gradient.b.encoder.1.orthogonality"] == 0b10)
  }

  @Test func groupsAreTheInputWeightsOfASubspace() throws {
    let graph = try Self.graph(
      Self.spec(depths: ["b": 0]) { ($0.mix.subspaces, $0.penalties.groupLasso) = (2, 0.1) })
    #expect(
      graph.weightGroups.map(\.name) == [
        "a.encoder.0 subspace 1", "a.encoder.0 subspace 2", "b.encoder.0 subspace 1",
        "b.encoder.0 subspace 2", "a.encoder.1 subspace 1", "a.encoder.1 subspace 2",
      ])
    let second = graph.weightGroups[1]
    // One unit of two, in four gates and two directions.
    #expect(second.parts.map(\.rows) == [1..<2, 3..<4, 5..<6, 7..<8, 1..<2, 3..<4, 5..<6, 7..<8])
    var values = Dictionary(
      uniqueKeysWithValues: graph.parameters.map { ($0.name, [Float](repeating: 1, count: $0.count)) })
    #expect(graph.zeroGroups { values[$0] }.isEmpty)
    for part in second.parts {
      let parameter = graph[part.parameter]
      for row in part.rows {
        for column in 0..<parameter.columns { values[parameter.name]?[row * parameter.columns + column] = 0 }
      }
    }
    #expect(graph.zeroGroups { values[$0] } == [second])
  }
}
