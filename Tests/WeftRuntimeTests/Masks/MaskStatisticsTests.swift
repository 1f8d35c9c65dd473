import Testing

@testable import WeftRuntime

@Suite struct MaskStatisticsTests {
  /// Two bidirectional layers of H = 2 over three inputs, and a convolution of three filters.
  static let layout = MaskLayout(
    [(name: "chars.conv.weight", shape: [3, 2, 1])]
      + [("encoder.0", 3), ("encoder.1", 4)].flatMap { layer, inputs in
        ["", "_reverse"].flatMap {
          [
            (name: "\(layer).weight_ih_l0\($0)", shape: [8, inputs]),
            (name: "\(layer).weight_hh_l0\($0)", shape: [8, 2]),
          ]
        }
      })

  /// All weights but those of some rows and columns of parameters.
  private func mask(rows: [(String, Int)] = [], columns: [(String, Int)] = []) -> Mask {
    var mask = Mask(Self.layout, all: true)
    for parameter in Self.layout.parameters {
      let width = parameter.count / parameter.shape[0]
      for index in 0..<parameter.count {
        let isGone =
          rows.contains { $0.0 == parameter.name && $0.1 == index / width }
          || columns.contains { $0.0 == parameter.name && $0.1 == index % width }
        if isGone { mask[parameter.offset + index] = false }
      }
    }
    return mask
  }

  @Test func gatesAreQuartersOfRows() {
    let name = "encoder.0.weight_ih_l0"
    let statistics = MaskStatistics(
      mask(rows: [(name, 4), (name, 5), (name, 7)]), reached: Self.layout.names)
    let matrix = statistics.matrices[1]
    #expect(matrix.name == name)
    #expect(matrix.weights == .init(kept: 15, total: 24))
    #expect(matrix.gates?.map(\.kept) == [6, 6, 0, 3])
    #expect(statistics.matrices[0].gates == nil)
    #expect(statistics.weights.kept == Self.layout.count - 9)
  }

  @Test func unitsAreFourRowsInBothMatrices() {
    let rows = [0, 2, 4, 6].map { ("encoder.0.weight_ih_l0_reverse", $0) }
    let partly = MaskStatistics(mask(rows: rows), reached: Self.layout.names)
    #expect(
      partly.units.map(\.name)
        == ["chars.conv", "encoder.0", "encoder.0 reverse", "encoder.1", "encoder.1 reverse"])
    #expect(partly.units[2].density == [8.0 / 20, 1])
    #expect(partly.units[2].withoutInput == [])
    let whole = MaskStatistics(
      mask(
        rows: rows + [0, 2, 4, 6].map { ("encoder.0.weight_hh_l0_reverse", $0) } + [("chars.conv.weight", 2)]),
      reached: Self.layout.names)
    #expect(whole.units[2].withoutInput == [0])
    #expect(whole.units[0].withoutInput == [2])
    #expect(whole.units[0].withoutRecurrence == nil)
  }

  @Test func aUnitIsDeadWhenNothingLeavesIt() {
    let recurrent = ("encoder.0.weight_hh_l0_reverse", 1)
    let silent = MaskStatistics(mask(columns: [recurrent]), reached: Self.layout.names)
    #expect(silent.units[2].withoutRecurrence == [1])
    #expect(silent.units[2].withoutOutput == [])
    #expect(silent.units[1].withoutRecurrence == [])
    // Column 2 + 1 of the next layer is unit 1 of the reverse direction.
    let columns = [recurrent, ("encoder.1.weight_ih_l0", 3), ("encoder.1.weight_ih_l0_reverse", 3)]
    let dead = MaskStatistics(mask(columns: columns), reached: Self.layout.names)
    #expect(dead.units[2].withoutOutput == [1])
    #expect(dead.units[1].withoutOutput == [])
    // The head reads the highest layer.
    #expect(dead.units[3].withoutOutput == nil)
    let below = Self.layout.names.filter { !$0.hasPrefix("encoder.1") }
    let lower = MaskStatistics(mask(columns: columns), reached: below)
    #expect(lower.units.count == 3)
    #expect(lower.units[2].withoutOutput == nil)
  }

  @Test func overlapIsIntersectionOverUnion() throws {
    let layout = MaskLayout([(name: "a.weight", shape: [4]), (name: "b.weight", shape: [6])])
    func mask(_ kept: Int...) -> Mask { MaskSetTests.mask(layout, Set(kept)) }
    let pair = try MaskOverlap([mask(0, 1, 4, 5, 6), mask(1, 2, 4)])
    #expect((pair.intersection, pair.union) == (2, 6))
    #expect(pair.ratio == 2.0 / 6)
    // a: densities 2/4 and 2/4, b: 3/6 and 1/6.
    let both = 4 * 0.25 + 6 * (0.5 / 6)
    let any = 4 * 0.75 + 6 * (1 - 0.5 * 5 / 6)
    #expect(abs(pair.expectedRatio - both / any) < 1e-15)
    let three = try MaskOverlap([mask(0, 1, 4), mask(1, 2, 4), mask(1, 9)])
    #expect((three.intersection, three.union) == (1, 5))
    #expect(try MaskOverlap([mask(3)]).ratio == 1)
    #expect(abs(try MaskOverlap([mask(3)]).expectedRatio - 1) < 1e-15)
    let all = Mask(layout, all: true)
    #expect(try MaskOverlap([all, all, all]).expectedRatio == 1)
    let nothing = try MaskOverlap([mask(), mask()])
    #expect(nothing.ratio == 0 && nothing.expectedRatio == 0)
    #expect(runtimeError { _ = try MaskOverlap([]) }?.kind == .invalidInput)
    let other = Mask(MaskLayout([(name: "a.weight", shape: [4])]), all: true)
    #expect(runtimeError { _ = try MaskOverlap([all, other]) }?.kind == .checkpointMismatch)
  }

  @Test func independentMasksOverlapAsExpected() throws {
    let layout = MaskLayout([(name: "a.weight", shape: [100, 100]), (name: "b.weight", shape: [30, 100])])
    let masks = try ["pos", "ner", "deprel"].map {
      try Mask.random(layout, density: 0.6, seed: 5, task: $0)
    }
    let overlap = try MaskOverlap(masks)
    #expect(abs(overlap.ratio - overlap.expectedRatio) < 0.02)
  }
}
