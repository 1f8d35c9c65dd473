import Testing
import WeftRuntime
import WeftSpec

@testable import WeftTrain

struct MagnitudePruningTests {
  /// A direction of a layer of H = 20 units, so that a gate has a block of 16 and one of 4, and a convolution.
  static let units = 20
  static let layout = MaskLayout([
    (name: "chars.conv.weight", shape: [18, 2, 3]), (name: "encoder.0.weight_ih_l0", shape: [80, 3]),
    (name: "encoder.0.weight_hh_l0", shape: [80, 20]),
    (name: "encoder.1.weight_ih_l0", shape: [4, 20]),
  ])
  static let reached: Set = ["chars.conv.weight", "encoder.0.weight_ih_l0", "encoder.0.weight_hh_l0"]

  private func weights(_ value: (String, Int) -> Float) throws -> ParameterBlock {
    var offset = 0
    var table: [ParameterInfo] = []
    for parameter in Self.layout.parameters {
      table.append(
        ParameterInfo(name: parameter.name, offset: offset, shape: parameter.shape, isPrunable: true))
      offset += (parameter.count + 15) / 16 * 16
    }
    var block = try ParameterBlock(table: table, count: offset)
    for parameter in Self.layout.parameters {
      try block.set(parameter.name, to: (0..<parameter.count).map { value(parameter.name, $0) })
    }
    return block
  }

  /// Distinct magnitudes of both signs, in no order.
  private func scattered(_ name: String, _ index: Int) -> Float {
    let place = (Self.layout.parameter(named: name)?.offset ?? 0) + index
    let magnitude = Float((place * 7919) % 6151 + 1) / 1000
    return place % 2 == 0 ? magnitude : -magnitude
  }

  private func prune(
    _ pruning: MagnitudePruning, _ mask: Mask = Mask(layout, all: true), removing count: Int,
    _ value: (String, Int) -> Float
  ) throws -> Mask {
    try pruning.prune(mask, weights: weights(value), reached: Self.reached, removing: count, task: "ner")
  }

  @Test func theSmallestGoFirstOverAllParameters() throws {
    let pruned = try prune(MagnitudePruning(), removing: 500, scattered)
    let all = Self.layout.parameters.filter { Self.reached.contains($0.name) }.flatMap { parameter in
      (0..<parameter.count).map { (abs(scattered(parameter.name, $0)), parameter.offset + $0) }
    }
    let gone = Set(all.sorted { $0.0 < $1.0 }.prefix(500).map(\.1))
    #expect(all.allSatisfy { pruned[$0.1] != gone.contains($0.1) })
    #expect(pruned.keptCount(of: Self.reached) == all.count - 500)
    #expect(pruned.keptCount(of: "encoder.1.weight_ih_l0") == 0)
    // What is gone stays gone, and takes no part.
    let again = try prune(MagnitudePruning(), pruned, removing: 100) { name, _ in
      name == "chars.conv.weight" ? 1 : 0
    }
    #expect(again.keptCount == pruned.keptCount - 100)
    #expect(zip(again.bytes, pruned.bytes).allSatisfy { $0 <= $1 })
  }

  @Test func tiesFollowNamesThenPlaces() throws {
    // `weight_hh` comes before `weight_ih`, though it is later in the network. −0 and 0 are the same magnitude.
    let pruned = try prune(MagnitudePruning(), removing: 110) { name, index in
      name == "chars.conv.weight" ? 1 : index % 2 == 0 ? 0 : -0.0
    }
    #expect(pruned.keptCount(of: "chars.conv.weight") == 108)
    #expect(pruned.keptCount(of: "encoder.0.weight_ih_l0") == 240)
    let hh = try #require(Self.layout.parameter(named: "encoder.0.weight_hh_l0"))
    #expect(hh.range.prefix(110).allSatisfy { !pruned[$0] })
    #expect(hh.range.dropFirst(110).allSatisfy { pruned[$0] })
  }

  @Test func nothingRemovedIsNothingChanged() throws {
    let pruned = try prune(MagnitudePruning(), removing: 0, scattered)
    #expect(pruned == Mask(Self.layout, all: true).restricted(to: Self.reached))
  }

  @Test func everyParameterLosesTheSameShare() throws {
    let pruned = try prune(MagnitudePruning(scope: .layer), removing: 487, scattered)
    // 487 of 1948: 27 of 108, 400 of 1600, 60 of 240, none to round.
    #expect(pruned.keptCounts["chars.conv.weight"] == 81)
    #expect(pruned.keptCounts["encoder.0.weight_hh_l0"] == 1200)
    #expect(pruned.keptCounts["encoder.0.weight_ih_l0"] == 180)
    let odd = try prune(MagnitudePruning(scope: .layer), removing: 488, scattered)
    #expect(odd.keptCount == 1948 - 488)
  }

  @Test func sharesSumExactly() {
    #expect(MagnitudePruning.shares(of: 10, among: [1, 1, 1]) == [4, 3, 3])
    #expect(MagnitudePruning.shares(of: 3, among: [5, 0, 1]) == [3, 0, 0])
    #expect(MagnitudePruning.shares(of: 1, among: [2, 2]) == [1, 0])
    #expect(MagnitudePruning.shares(of: 0, among: []) == [])
    #expect(MagnitudePruning.shares(of: 6, among: [2, 3, 1]) == [2, 3, 1])
    for count in 0...40 {
      let sizes = [13, 1, 0, 7, 19]
      let shares = MagnitudePruning.shares(of: count, among: sizes)
      #expect(shares.reduce(0, +) == count)
      #expect(zip(shares, sizes).allSatisfy { $0 <= $1 })
    }
  }

  @Test func blocksAreSixteenUnitsOfAGateAndOneInput() throws {
    // Block: gate 2, units 16 to 19, input 1 of W_ih (4 weights); then gate 0, units 0 to 15, input 2 (16 weights).
    func value(_ name: String, _ index: Int) -> Float {
      guard name == "encoder.0.weight_ih_l0" else { return 5 }
      let (row, column) = (index / 3, index % 3)
      if (56..<60).contains(row), column == 1 { return row == 56 ? -0.4 : 0 }  // mean 0.1
      if row < 16, column == 2 { return 0.2 }
      return 1
    }
    let ih = try #require(Self.layout.parameter(named: "encoder.0.weight_ih_l0"))
    let blocks = MagnitudePruning(granularity: .blocks)
    let small = try prune(blocks, removing: 19, value)
    #expect(small.keptCount == 1948 - 4)
    #expect((56..<60).allSatisfy { !small[ih.offset + $0 * 3 + 1] })
    let both = try prune(blocks, removing: 20, value)
    #expect(both.keptCount == 1948 - 20)
    #expect((0..<16).allSatisfy { !both[ih.offset + $0 * 3 + 2] })
    // The convolution has 18 filters: blocks of 16 and 2.
    let conv = try prune(blocks, removing: 17) { name, index in
      name == "chars.conv.weight" && index % 6 == 4 ? 0 : 1
    }
    #expect(conv.keptCount == 1948 - 16)
    #expect((0..<16).allSatisfy { !conv[$0 * 6 + 4] })
    #expect((16..<18).allSatisfy { conv[$0 * 6 + 4] })
  }

  @Test func blocksRankByWhatIsLeftOfThem() throws {
    var mask = Mask(Self.layout, all: true)
    let ih = try #require(Self.layout.parameter(named: "encoder.0.weight_ih_l0"))
    for row in 1..<16 { mask[ih.offset + row * 3] = false }
    // Its one weight is larger than all others; its fifteen zeros are gone already.
    let pruned = try prune(MagnitudePruning(granularity: .blocks), mask, removing: 16) { name, index in
      name == ih.name && index % 3 == 0 && index < 48 ? (index == 0 ? 9 : 0) : 1
    }
    #expect(pruned[ih.offset])
    #expect(pruned.keptCount == 1948 - 15 - 16)
  }

  @Test func blocksOfALayerScopeStayWithinEachShare() throws {
    let pruned = try prune(MagnitudePruning(granularity: .blocks, scope: .layer), removing: 487, scattered)
    #expect(pruned.keptCount >= 1948 - 487)
    #expect(pruned.keptCounts["chars.conv.weight"] ?? 0 >= 81)
    #expect(pruned.keptCounts["encoder.0.weight_hh_l0"] ?? 0 >= 1200)
    // Nothing smaller than a block is left to give.
    #expect(pruned.keptCount < 1948 - 487 + 3 * 16)
  }

  @Test func unitsLoseTheirRowsInBothMatrices() throws {
    // A unit has 4 · 3 + 4 · 20 = 92 weights.
    func value(_ name: String, _ index: Int) -> Float {
      switch name {
      case "encoder.0.weight_ih_l0": (index / 3) % 20 == 7 ? 0.5 : 1
      case "encoder.0.weight_hh_l0": (index / 20) % 20 == 7 ? -0.5 : 1
      default: 2
      }
    }
    let units = MagnitudePruning(granularity: .units)
    #expect(try prune(units, removing: 91, value).keptCount == 1948)
    let pruned = try prune(units, removing: 92, value)
    #expect(pruned.keptCount == 1948 - 92)
    for name in ["encoder.0.weight_ih_l0", "encoder.0.weight_hh_l0"] {
      let matrix = MatrixStructure(try #require(Self.layout.parameter(named: name)))
      for unit in 0..<20 {
        #expect(matrix.rows(ofUnit: unit).allSatisfy { $0.allSatisfy { pruned[$0] == (unit != 7) } })
      }
    }
  }

  @Test func aFilterIsAUnit() throws {
    let pruned = try prune(MagnitudePruning(granularity: .units), removing: 6) { name, index in
      name == "chars.conv.weight" && index / 6 == 17 ? 0 : 1
    }
    #expect(pruned.keptCount == 1948 - 6)
    #expect((102..<108).allSatisfy { !pruned[$0] })
  }

  @Test(arguments: PruneSpec.Scope.allCases) func theLastUnitStays(scope: PruneSpec.Scope) throws {
    let pruned = try prune(MagnitudePruning(granularity: .units, scope: scope), removing: 1948, scattered)
    #expect(pruned.keptCount == 92 + 6)
    #expect(pruned.keptCount(of: "chars.conv.weight") == 6)
  }

  @Test func whatARoundCouldNotRemoveIsMadeUpForInTheNext() throws {
    let units = MagnitudePruning(granularity: .units)
    func prune(_ mask: Mask, keeping target: Int) throws -> Mask {
      try units.prune(
        mask, weights: weights { $0 == "chars.conv.weight" ? 9 : Float($1 % 7) }, reached: Self.reached,
        keeping: target, task: "ner")
    }
    let first = try prune(Mask(Self.layout, all: true), keeping: 1948 - 150)
    #expect(first.keptCount == 1948 - 92)
    #expect(try prune(first, keeping: 1948 - 300).keptCount == 1948 - 3 * 92)
    #expect(try prune(first, keeping: 1948) == first)
  }

  @Test func aLayerOfWhichNothingIsLeftIsNamed() throws {
    for granularity in [PruneSpec.Granularity.weights, .blocks] {
      let error = #expect(throws: RuntimeError.self) {
        try prune(MagnitudePruning(granularity: granularity), removing: 300) { name, _ in
          name == "encoder.0.weight_ih_l0" ? 0 : 1
        }
      }
      #expect(
        error?.message.hasPrefix(
          "Pruning task ner to \(granularity == .weights ? 1648 : 1660) weights leaves no input weight of encoder.0, "
            + "which the head of task ner reads through.") == true)
    }
    // A recurrence of which nothing is left is still a layer.
    let feedForward = try prune(MagnitudePruning(), removing: 1600) { name, _ in
      name == "encoder.0.weight_hh_l0" ? 0 : 1
    }
    #expect(feedForward.keptCount(of: "encoder.0.weight_hh_l0") == 0)
  }

  @Test func impossibleCountsAndWeightsAreRefused() throws {
    for count in [-1, 1949] {
      let error = #expect(throws: RuntimeError.self) {
        try prune(MagnitudePruning(), removing: count, scattered)
      }
      #expect(error?.message.contains("from the 1948 that the mask of task ner keeps") == true)
    }
    let error = #expect(throws: RuntimeError.self) {
      let block = try ParameterBlock(
        table: [ParameterInfo(name: "chars.conv.weight", offset: 0, shape: [2])], count: 2)
      return try MagnitudePruning().prune(
        Mask(Self.layout, all: true), weights: block, reached: Self.reached, removing: 1, task: "ner")
    }
    #expect(error?.message.contains("chars.conv.weight, or have it in another size") == true)
  }

  /// Rounds of the network of the first experiment of Sun et al. (2020) follow the schedule to the weight.
  @Test func roundsOfARealNetworkFollowTheSchedule() throws {
    let layout = MaskLayout(
      [(name: "chars.conv.weight", shape: [30, 30, 3])]
        + ["", "_reverse"].flatMap {
          [
            (name: "encoder.0.weight_ih_l0\($0)", shape: [800, 130]),
            (name: "encoder.0.weight_hh_l0\($0)", shape: [800, 200]),
          ]
        })
    #expect(layout.count == 530_700)
    var offset = 0
    var block = try ParameterBlock(
      table: layout.parameters.map { parameter in
        defer { offset += (parameter.count + 15) / 16 * 16 }
        return ParameterInfo(name: parameter.name, offset: offset, shape: parameter.shape)
      }, count: 530_720)
    for parameter in layout.parameters {
      let values = (0..<parameter.count).map {
        Float((($0 + parameter.offset) &* 2_654_435_761) & 0xFFFF) - 32768
      }
      try block.set(parameter.name, to: values)
    }
    let schedule = PruningSchedule(spec: PruneSpec(), prunable: layout.count)
    var mask = Mask(layout, all: true)
    for round in 1...3 {
      mask = try MagnitudePruning().prune(
        mask, weights: block, reached: layout.names, keeping: schedule.surviving(afterRound: round),
        task: "ner")
      #expect(mask.keptCount == schedule.surviving(afterRound: round))
    }
  }
}
