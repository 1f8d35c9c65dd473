import Testing
import WeftGraph
import WeftSpec

/// `sharing.prunable` decides what masks may thin out.
struct PrunableParametersTests {
  private func prunable(
    _ patterns: [String]? = nil, _ change: (inout Spec) -> Void = { _ in }
  ) throws -> [String] {
    var spec = SmallNetwork.spec(.sparse, chars: .bilstm)
    if let patterns { spec.sharing.prunable = patterns }
    change(&spec)
    return try Graph(spec: spec, sizes: SmallNetwork.sizes).parameters.filter(\.isPrunable).map(\.name)
  }

  @Test func byDefaultTheWeightsOfRecurrencesAndConvolutions() throws {
    let names = try prunable()
    #expect(names.count == 12)
    #expect(names.prefix(2) == ["chars.lstm.weight_ih_l0", "chars.lstm.weight_hh_l0"])
    #expect(try prunable { $0.network.chars = CharSpec(dim: 2, filters: 2) }.contains("chars.conv.weight"))
    // Without characters one of the default patterns fits nothing.
    #expect(try prunable { $0.network.chars = nil }.count == 8)
    #expect(
      try prunable { $0.sharing.kind = .single }.allSatisfy { $0.hasPrefix("a.") || $0.hasPrefix("b.") })
    #expect(try prunable { $0.sharing.kind = .soft }.contains("b.encoder.0.weight_hh_l0_reverse"))
  }

  @Test func onlyWhatThePatternsName() throws {
    #expect(
      try prunable(["encoder.1.weight_*"]) == [
        "encoder.1.weight_ih_l0", "encoder.1.weight_hh_l0", "encoder.1.weight_ih_l0_reverse",
        "encoder.1.weight_hh_l0_reverse",
      ])
    #expect(try prunable(["*.weight_hh_l0", "encoder.0.weight_hh_l0"]).count == 3)
  }

  static let refused: [([String], String)] = [
    (
      ["*.weight_ih_*", "encoder.0.*"],
      "the pattern 'encoder.0.*' matches encoder.0.bias_ih_l0, a bias; only weights of recurrences and convolutions"
        + " can be pruned: encoder.0.weight_ih_l0, encoder.0.weight_hh_l0, encoder.0.weight_ih_l0_reverse,"
        + " encoder.0.weight_hh_l0_reverse"
    ),
    (
      ["words.weight"],
      "the pattern 'words.weight' matches words.weight, an embedding; only weights of recurrences and convolutions can"
        + " be pruned: encoder.0.weight_ih_l0, encoder.0.weight_hh_l0, encoder.0.weight_ih_l0_reverse,"
        + " encoder.0.weight_hh_l0_reverse"
    ),
    (
      ["heads.*.weight"],
      "the pattern 'heads.*.weight' matches heads.a.weight, part of a head; only weights of recurrences and"
        + " convolutions can be pruned: encoder.0.weight_ih_l0, encoder.0.weight_hh_l0,"
        + " encoder.0.weight_ih_l0_reverse, encoder.0.weight_hh_l0_reverse"
    ),
    (
      ["encoder.7.*"],
      "the pattern 'encoder.7.*' matches nothing that can be pruned, which is: encoder.0.weight_ih_l0,"
        + " encoder.0.weight_hh_l0, encoder.0.weight_ih_l0_reverse, encoder.0.weight_hh_l0_reverse"
    ),
    ([], "sparse sharing needs something to prune, but no pattern names a weight"),
  ]

  @Test(arguments: refused.indices) func patternsThatMissAreRefused(index: Int) throws {
    let (patterns, message) = Self.refused[index]
    let error = #expect(throws: GraphError.self) {
      try prunable(patterns) { spec in
        spec.network.chars = nil
        spec.network.encoder = [LayerSpec(hidden: 2)]
      }
    }
    #expect(error == GraphError(message, at: "sharing.prunable"))
  }

  @Test func aNetworkWithoutWeightsToPruneIsRefused() throws {
    let bare: (inout Spec) -> Void = { spec in
      (spec.network.chars, spec.network.encoder, spec.tasks[1].head.layer) = (nil, [], nil)
    }
    let named = #expect(throws: GraphError.self) { try prunable(["encoder.*"], bare) }
    #expect(
      named?.message
        == "the pattern 'encoder.*' matches nothing: the network has neither recurrences nor convolutions")
    let sparse = #expect(throws: GraphError.self) { try prunable(nil, bare) }
    #expect(sparse?.message == "sparse sharing needs something to prune, but no pattern names a weight")
    #expect(
      try prunable { spec in
        bare(&spec)
        spec.sharing.kind = .hard
      } == [])
  }

  @Test func theWeightsOfMixturesAreNeverPruned() throws {
    let error = #expect(throws: GraphError.self) { try prunable(["mix.0.*"]) { $0.sharing.kind = .soft } }
    #expect(error?.message.contains("matches mix.0.alpha, the weights of a mixture; ") == true)
  }
}
