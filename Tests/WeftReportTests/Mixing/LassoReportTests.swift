import Testing
import WeftReport
import WeftTrain

@Suite struct LassoReportTests {
  /// pos has one layer, ner two.
  private static func lasso(_ norms: [Double]) -> LassoGroups {
    let places = [("pos", 0, 0), ("pos", 0, 1), ("ner", 0, 0), ("ner", 0, 1), ("ner", 1, 0), ("ner", 1, 1)]
    return LassoGroups(
      groups: zip(places, norms).map { .init(task: $0.0, layer: $0.1, subspace: $0.2, norm: $1) },
      weight: 0.01)
  }

  @Test func zerosAreNotSmallNumbers() {
    #expect(
      LassoReport(Self.lasso([3.25, 0, 1, 0.0001, 0, 0])).text() == """
        group lasso, λ = 0.01: ‖G‖₂ of the input weights of each subspace, – if they are exactly zero
        G      layer 0  layer 1
        ───────────────────────
        pos·1    3.250
        pos·2        –
        ner·1    1.000        –
        ner·2    0.000        –
        ───────────────────────
        zero    1 of 4   2 of 2

        - 3 of 6 groups are exactly zero
        - pos, layer 0: subspace 2 does not read the input, and sees only what the rest of the layer remembers
        - ner, layer 1: no input goes through; the output depends on positions alone

        """)
  }

  @Test func noneAndOne() {
    #expect(
      LassoReport(Self.lasso([1, 1, 1, 1, 1, 1])).meaning == [
        "no group of 6 is zero: every subspace reads its layer's input. A larger λ removes more"
      ])
    #expect(LassoReport(Self.lasso([1, 0, 1, 1, 1, 1])).meaning[0] == "1 of 6 groups is exactly zero")
    #expect(
      LassoReport(Self.lasso([1, 1, 0, 0, 0, 0])).meaning[1]
        == "ner, layer 0, 1: no input goes through; the output depends on positions alone")
  }
}
