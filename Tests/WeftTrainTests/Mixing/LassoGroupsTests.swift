import Testing
import WeftGraph
import WeftSpec

@testable import WeftTrain

@Suite struct LassoGroupsTests {
  /// Task a has two layers, b has one; each of two subspaces.
  private static func spec(lasso: Double) -> Spec {
    var spec = Spec(
      name: "s", data: [], tasks: ["a", "b"].map { TaskSpec(name: $0, data: "corpus", column: $0) },
      network: NetworkSpec(
        words: WordSpec(dim: 3), encoder: [LayerSpec(hidden: 4), LayerSpec(hidden: 4)]),
      sharing: SharingSpec(kind: .soft))
    spec.sharing.mix.subspaces = 2
    spec.sharing.penalties.groupLasso = lasso
    spec.tasks[1].head.layer = 0
    return spec
  }

  private static func groups(lasso: Double, _ values: (Parameter) -> [Float]) throws -> LassoGroups? {
    let spec = spec(lasso: lasso)
    let sizes = NetworkSizes(words: 9, labels: ["a": LabelShape(count: 3), "b": LabelShape(count: 3)])
    let graph = try Graph(spec: spec, sizes: sizes)
    return LassoGroups(graph, spec: spec) { name in graph.parameters.first { $0.name == name }.map(values) }
  }

  @Test func normsAreOverBothDirectionsAndAllGates() throws {
    let found = try #require(try Self.groups(lasso: 0.5) { Array(repeating: 1, count: $0.count) })
    #expect(found.weight == 0.5 && (found.layers, found.subspaces) == (2, 2))
    #expect(
      found.groups.map { "\($0.task)\($0.layer)\($0.subspace)" } == [
        "a00", "a01", "a10", "a11", "b00", "b01",
      ])
    // 2 directions · 4 gates · 2 units a subspace, times the 3 word or 8 layer features they read.
    #expect(found.group(of: "a", layer: 0, subspace: 0)?.norm == (48.0).squareRoot())
    #expect(found.group(of: "a", layer: 1, subspace: 1)?.norm == (128.0).squareRoot())
    #expect(found.group(of: "b", layer: 1, subspace: 0) == nil)
    #expect(found.zeros.isEmpty)
  }

  /// A group is zero only if nothing of it is left: here the second units of each gate, which are subspace 2, are.
  @Test func aGroupIsTheRowsOfItsUnits() throws {
    let found = try #require(
      try Self.groups(lasso: 0.5) { parameter in
        guard parameter.name.hasPrefix("a.encoder.1.weight_ih") else {
          return Array(repeating: 1e-30, count: parameter.count)
        }
        return (0..<parameter.count).map { $0 / parameter.columns % 4 < 2 ? 2 : 0 }
      })
    #expect(found.zeros.map { "\($0.task)\($0.layer)\($0.subspace)" } == ["a11"])
    #expect(found.group(of: "a", layer: 1, subspace: 0)?.norm == (4.0 * 128).squareRoot())
    #expect(found.group(of: "a", layer: 0, subspace: 0)?.isZero == false, "small is not zero")
  }

  @Test func withoutThePenaltyThereAreNone() throws {
    #expect(try Self.groups(lasso: 0) { Array(repeating: 0, count: $0.count) } == nil)
  }
}
