import Foundation
import Testing
import WeftReport
import WeftRuntime

struct MaskReportTests {
  private static let layout = MaskLayout([
    (name: "chars.conv.weight", shape: [3, 2, 1]), (name: "encoder.0.weight_ih_l0", shape: [8, 2]),
    (name: "encoder.0.weight_hh_l0", shape: [8, 2]),
  ])

  private func found(_ task: String, hash: String = "a1", _ isKept: (Int) -> Bool) -> FoundMask {
    FoundMask(
      path: "masks/\(task).safetensors",
      file: MaskFile(
        mask: Mask(Self.layout, bytes: (0..<Self.layout.count).map { isKept($0) ? 1 : 0 }), task: task,
        architectureHash: hash, granularity: "units",
        provenance: MaskProvenance(spec: "tiny", seed: 7, round: 1, madeBy: "weft prune"), devScore: 0.7654))
  }

  @Test func oneMaskIsShownWhole() {
    // Without the first gate of W_ih, the second filter, and column 1 of W_hh.
    let mask = found("ner") {
      !(2...3).contains($0) && !(6..<10).contains($0) && !($0 >= 22 && $0 % 2 == 1)
    }
    #expect(
      MaskReport([mask]).details() == """
        masks/ner.safetensors: the mask of task ner
        density       63.16 %: 24 of 38 weights that the task reaches
        dev score     76.54
        made          for spec tiny, seed 7, after 1 pruning, by weft prune
        removed       units
        architecture  a1

        parameter               shape      weights  density %      i       f       g       o
        ────────────────────────────────────────────────────────────────────────────────────
        chars.conv.weight       3 × 2 × 1        4      66.67
        encoder.0.weight_ih_l0  8 × 2           12      75.00   0.00  100.00  100.00  100.00
        encoder.0.weight_hh_l0  8 × 2            8      50.00  50.00   50.00   50.00   50.00
        ────────────────────────────────────────────────────────────────────────────────────
        all                                     24      63.16

        units of    units  least %  median %  most %  no input  no recurrence  no output
        ────────────────────────────────────────────────────────────────────────────────
        chars.conv      3     0.00    100.00  100.00         1              –          –
        encoder.0       2    62.50     62.50   62.50         0              1          –
        density: of a unit's rows (of all four gates, in both matrices). no input: nothing is left of these rows.
        no recurrence: no unit reads its state of the step before. no output: besides, no unit of the next layer reads it.

        """)
  }

  @Test func severalMasksAreATable() {
    var pos = found("pos") { _ in true }
    (pos.file.devScore, pos.file.provenance.round) = (nil, nil)
    #expect(
      MaskReport([found("ner") { $0 < 19 }, pos]).summary().text()
        == """
        task  prunings  density %  weights  of    dev  removed  file
        RULE
        ner          1      50.00       19  38  76.54  units    masks/ner.safetensors
        pos          –     100.00       38  38      –  units    masks/pos.safetensors

        """.replacing("RULE", with: String(repeating: "─", count: 77)))
  }

  @Test func jsonHoldsEverything() throws {
    let text = try MaskReport([found("ner") { $0 < 19 }]).json()
    let object = try #require(
      try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: [[String: Any]]])
    let mask = try #require(object["masks"]?.first)
    #expect(mask["task"] as? String == "ner")
    #expect(mask["devScore"] as? Double == 0.7654)
    let statistics = try #require(mask["statistics"] as? [String: Any])
    #expect((statistics["units"] as? [[String: Any]])?[1]["density"] as? [Double] == [0.4375, 0.375])
    #expect((statistics["weights"] as? [String: Any])?["density"] as? Double == 0.5)
  }

  @Test func overlapStandsBesideItsExpectation() throws {
    let report = try OverlapReport([
      found("pos") { $0 < 30 }, found("ner") { $0 >= 6 }, found("deprel") { $0 % 2 == 0 },
    ])
    // Densities in the three parameters: pos 1, 1, 8/16; ner 0, 1, 1; deprel 1/2 each.
    #expect(
      report.text() == """
        masks        in all  in any   OR %  expected %
        ──────────────────────────────────────────────
        pos, ner         24      38  63.16       63.16
        pos, deprel      15      34  44.12       44.12
        ner, deprel      16      35  45.71       45.71
        ──────────────────────────────────────────────
        all 3            12      38  31.58       31.58
        OR: overlap ratio, weights in all masks over weights in any. expected: if the masks were independent, at their \
        densities in each parameter

        """)
    let two = try OverlapReport([found("pos") { $0 < 30 }, found("pos") { $0 >= 6 }])
    #expect(two.pairs[0].masks == ["masks/pos.safetensors", "masks/pos.safetensors"])
    #expect(two.table().text().contains("all") == true)
    #expect(!two.table().text().contains("all 2"))
    let json = try #require(
      try JSONSerialization.jsonObject(with: Data(report.json().utf8)) as? [String: Any])
    #expect((json["all"] as? [String: Any])?["ratio"] as? Double == 12.0 / 38)
    #expect((json["pairs"] as? [Any])?.count == 3)
  }

  @Test func masksOfOtherNetworksAreNotCompared() {
    let error = #expect(throws: RuntimeError.self) {
      try OverlapReport([found("pos") { _ in true }, found("ner", hash: "a2") { _ in true }])
    }
    #expect(
      error?.message
        == "masks/ner.safetensors and masks/pos.safetensors are masks of different networks: their architectures are "
        + "a2 and a1.")
    let one = #expect(throws: RuntimeError.self) { try OverlapReport([found("pos") { _ in true }]) }
    #expect(one?.message == "Overlap is of two masks or more; 1 was found.")
  }
}
