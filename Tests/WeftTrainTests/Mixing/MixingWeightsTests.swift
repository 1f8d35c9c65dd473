import Testing
import WeftGraph
import WeftSpec

@testable import WeftTrain

@Suite struct MixingWeightsTests {
  /// Tasks a and b have two layers, c has one; a mixes its layers.
  private static func spec(_ change: (inout Spec) -> Void = { _ in }) -> Spec {
    var spec = Spec(
      name: "s", data: [],
      tasks: ["a", "b", "c"].map { TaskSpec(name: $0, data: "corpus", column: $0) },
      network: NetworkSpec(
        words: WordSpec(dim: 4), encoder: [LayerSpec(hidden: 4), LayerSpec(hidden: 4)]),
      sharing: SharingSpec(kind: .soft))
    spec.sharing.mix.subspaces = 2
    spec.tasks[0].head.layers = .mixture
    spec.tasks[2].head.layer = 0
    change(&spec)
    return spec
  }

  private static func weights(_ spec: Spec, _ values: (String, Int) -> Float = { _, _ in 0 }) throws
    -> MixingWeights
  {
    let sizes = NetworkSizes(
      words: 9, labels: Dictionary(uniqueKeysWithValues: spec.tasks.map { ($0.name, LabelShape(count: 3)) }))
    let graph = try Graph(spec: spec, sizes: sizes)
    return MixingWeights(graph, tasks: spec.tasks) { name in
      graph.parameters.first { $0.name == name }.map { parameter in
        (0..<parameter.count).map { values(name, $0) }
      }
    }
  }

  @Test func rowsAndColumnsAreOfTheTasksThatHaveTheLayer() throws {
    let weights = try Self.weights(Self.spec()) { name, index in name == "mix.1.alpha" ? Float(index) : 1 }
    #expect(weights.alphas.map(\.layer) == [0, 1])
    #expect(weights.alphas[0].labels == ["a·1", "a·2", "b·1", "b·2", "c·1", "c·2"])
    #expect(weights.alphas[0].values == Array(repeating: 1, count: 36))
    #expect(weights.alphas[1].tasks == ["a", "b"])
    #expect(weights.alphas[1].values == (0..<16).map(Double.init))
    #expect(weights.betas.map(\.task) == ["a"] && weights.betas[0].values == [1, 1])
  }

  @Test func weightsKnowWhereTheyStarted() throws {
    let weights = try Self.weights(Self.spec())
    let start = try #require(weights.alphas[0].origin)
    #expect(
      start.isTrained
        && start.values == (0..<36).map { $0 % 7 == 0 ? Double(Float(0.95)) : Double(Float(0.05)) })
    #expect(weights.alphas[1].start?.values.count == 16)
    #expect(weights.betas[0].origin?.values.map { Float($0) } == [0.1, 0.9])
    let constant = try Self.weights(
      Self.spec {
        $0.sharing.mix.learned = false
        $0.tasks[0].head.beta.learned = false
      })
    #expect(constant.alphas[0].origin?.isTrained == false && constant.betas[0].origin?.isTrained == false)
  }

  @Test func oneSubspaceIsTheTask() throws {
    let weights = try Self.weights(Self.spec { $0.sharing.mix.subspaces = 1 })
    #expect(weights.alphas[0].labels == ["a", "b", "c"])
  }

  /// Tied and constant entries are shown where they stand.
  @Test func tiedEntriesAreAWholeMatrix() throws {
    let spec = Self.spec { spec in
      spec.sharing.mix.subspaces = 1
      spec.tasks.removeLast()
      spec.sharing.mix.entries = [[.learned("x"), .constant(0.25)], [.learned("y"), .learned("x")]]
    }
    let weights = try Self.weights(spec) { _, index in index == 0 ? 5 : 7 }
    #expect(weights.alphas[0].values == [5, 0.25, 7, 5])
  }

  @Test func otherNetworksHaveNone() throws {
    for kind in [SharingSpec.Kind.hard, .single] {
      let spec = Self.spec { spec in
        spec.sharing = SharingSpec(kind: kind)
        for index in spec.tasks.indices { spec.tasks[index].head = HeadSpec() }
      }
      #expect(try Self.weights(spec).isEmpty)
    }
    let mixture = Self.spec { spec in
      spec.sharing = SharingSpec(kind: .hard)
      spec.tasks[2].head = HeadSpec()
    }
    let weights = try Self.weights(mixture)
    #expect(weights.alphas.isEmpty && weights.betas.count == 1)
  }

  @Test func sharesAreOfAbsoluteValues() {
    let alpha = MixingWeights.Alpha(
      layer: 0, tasks: ["a", "b"], subspaces: 2,
      values: [0.5, -0.5, 0, 1, 0, 1, -1, 0, 0, 0, 0, 0, 0, 0, 0, 0])
    #expect(alpha.shares(of: 0) == [0.5, 0.5])
    #expect(alpha.shares(of: 1) == [0, 0])
    #expect(
      alpha.shares(of: 0, subspace: 0) == [0.5, 0.5] && alpha.shares(of: 0, subspace: 1) == [0.5, 0.5])
    #expect(MixingWeights.Beta(task: "a", values: [-1, 3]).shares == [0.25, 0.75])
    #expect(MixingWeights.Beta(task: "a", values: [0, 0]).shares == [0, 0])
  }

  @Test func meansAreOfWeightsOfOneForm() {
    func weights(_ value: Double, subspaces: Int = 1) -> MixingWeights {
      MixingWeights(
        alphas: [
          .init(
            layer: 0, tasks: ["a", "b"], subspaces: subspaces,
            values: Array(repeating: value, count: 4 * subspaces * subspaces))
        ], betas: [.init(task: "a", values: [value, 0])])
    }
    let mean = MixingWeights(meanOf: [weights(1), weights(4)])
    #expect(mean?.alphas[0].values == [2.5, 2.5, 2.5, 2.5])
    #expect(mean?.betas[0].values == [2.5, 0])
    #expect(MixingWeights(meanOf: [weights(1), weights(1, subspaces: 2)]) == nil)
    #expect(MixingWeights(meanOf: []) == nil)
  }
}
