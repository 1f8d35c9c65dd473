import Testing

@testable import WeftRuntime

@Suite struct MaskSetTests {
  static let shared = MaskLayout([
    (name: "chars.conv.weight", shape: [2, 3, 1]), (name: "encoder.0.weight_ih_l0", shape: [4, 2]),
    (name: "encoder.1.weight_ih_l0", shape: [4, 1]),
  ])
  /// POS reads layer 0, NER layer 1.
  static let single = MaskLayout([
    (name: "pos.chars.conv.weight", shape: [2, 3, 1]), (name: "pos.encoder.0.weight_ih_l0", shape: [4, 2]),
    (name: "ner.chars.conv.weight", shape: [2, 3, 1]), (name: "ner.encoder.0.weight_ih_l0", shape: [4, 2]),
    (name: "ner.encoder.1.weight_ih_l0", shape: [4, 1]),
  ])

  static func mask(_ kept: Set<Int>) -> Mask { mask(shared, kept) }

  static func mask(_ layout: MaskLayout, _ kept: Set<Int>) -> Mask {
    Mask(layout, bytes: (0..<layout.count).map { kept.contains($0) ? 1 : 0 })
  }

  @Test func setsAreOfWeights() throws {
    let (a, b) = (Self.mask([0, 1, 7, 16]), Self.mask([1, 2, 16]))
    #expect(try a.union(b) == Self.mask([0, 1, 2, 7, 16]))
    #expect(try a.intersection(b) == Self.mask([1, 16]))
    #expect(try a.union(a) == a)
    #expect(
      a.keptCounts == ["chars.conv.weight": 2, "encoder.0.weight_ih_l0": 1, "encoder.1.weight_ih_l0": 1])
    #expect(a.keptCount(of: "encoder.9.weight") == nil)
  }

  @Test func networksMayNameTheirParametersInAnotherOrder() throws {
    let backwards = MaskLayout(Self.shared.parameters.reversed().map { (name: $0.name, shape: $0.shape) })
    let b = try Self.mask([1, 2, 16]).laidOut(as: backwards)
    #expect(b.keptCounts == Self.mask([1, 2, 16]).keptCounts)
    #expect(try Self.mask([0]).union(b) == Self.mask([0, 1, 2, 16]))
    #expect(try b.laidOut(as: Self.shared) == Self.mask([1, 2, 16]))
  }

  @Test func masksOfOtherNetworksDoNotMix() {
    let other = MaskLayout([(name: "encoder.0.weight_ih_l0", shape: [8, 1])])
    let error = runtimeError { _ = try Self.mask([]).union(Mask(other, all: true)) }
    #expect(error?.kind == .checkpointMismatch)
    #expect(
      error?.message
        == "The mask is of another network: encoder.0.weight_ih_l0 is [8, 1] in the mask and [4, 2] in the network; "
        + "chars.conv.weight is missing in the mask; encoder.1.weight_ih_l0 is missing in the mask.")
  }

  @Test func densityIsOverWhatATaskReaches() {
    let mask = Self.mask([0, 6, 7, 14])
    let reached: Set = ["chars.conv.weight", "encoder.0.weight_ih_l0"]
    #expect(mask.density(of: reached) == 3.0 / 14)
    #expect(mask.density(of: []) == 1)
    #expect(mask.restricted(to: reached) == Self.mask([0, 6, 7]))
    #expect(mask.restricted(to: []).keptCount == 0)
  }

  @Test func namesGoToATasksOwnNetworkAndBack() throws {
    let ner = Self.mask([0, 5, 6, 17])
    let own = try ner.prefixed(byTask: "ner", onto: Self.single)
    #expect(own == Self.mask(Self.single, [14, 19, 20, 31]))
    #expect(try own.unprefixed(byTask: "ner", onto: Self.shared) == ner)
    let pos = Self.mask([0, 13])
    let short = try pos.prefixed(byTask: "pos", onto: Self.single)
    #expect(short == Self.mask(Self.single, [0, 13]))
    #expect(try short.unprefixed(byTask: "pos", onto: Self.shared) == pos)
    let above = runtimeError { _ = try Self.mask([16]).prefixed(byTask: "pos", onto: Self.single) }
    #expect(
      above?.message
        == "The mask does not fit task pos's own network: encoder.1.weight_ih_l0 is unknown in the network of task "
        + "pos.")
    let unknown = runtimeError { _ = try pos.prefixed(byTask: "deprel", onto: Self.single) }
    #expect(
      unknown?.message.contains("encoder.0.weight_ih_l0 is unknown in the network of task deprel") == true)
    let back = runtimeError { _ = try short.unprefixed(byTask: "deprel", onto: Self.shared) }
    #expect(back?.message.contains("no parameter's name starts with deprel.") == true)
  }

  @Test func aLayerIsLostWithItsLastInputWeight() throws {
    let layout = MaskLayout([
      (name: "encoder.0.weight_ih_l0", shape: [4, 1]), (name: "encoder.0.weight_hh_l0", shape: [4, 1]),
      (name: "encoder.0.weight_ih_l0_reverse", shape: [4, 1]),
      (name: "encoder.1.weight_ih_l0", shape: [4, 1]),
    ])
    #expect(Self.mask(layout, [8, 12]).lostLayers(reached: layout.names).isEmpty)
    #expect(Self.mask(layout, [4, 12]).lostLayers(reached: layout.names) == ["encoder.0"])
    let below = layout.names.subtracting(["encoder.1.weight_ih_l0"])
    #expect(Self.mask(layout, [0]).lostLayers(reached: below).isEmpty)
    try Self.mask(layout, [0]).checkReach(ofTask: "pos", reached: below)
    let error = runtimeError {
      try Self.mask(layout, [0]).checkReach(
        ofTask: "ner", reached: layout.names, source: "masks/ner.safetensors")
    }
    #expect(error?.kind == .invalidInput)
    #expect(
      error?.message
        == "masks/ner.safetensors leaves no input weight of encoder.1, which the head of task ner reads through. Use "
        + "a mask of higher density, or let the head read a lower layer.")
  }
}

@Suite struct RandomMaskTests {
  private let layout = MaskLayout([
    (name: "chars.conv.weight", shape: [10, 5, 3]), (name: "encoder.0.weight_ih_l0", shape: [40, 25]),
    (name: "encoder.1.weight_ih_l0", shape: [40, 5]),
  ])

  @Test(arguments: [0.001, 0.1, 0.5, 0.999, 1]) func theNumberOfWeightsIsExact(density: Double) throws {
    let mask = try Mask.random(layout, density: density, seed: 1, task: "ner")
    #expect(mask.keptCount == Int((density * 1350).rounded(.toNearestOrEven)))
    #expect(mask.bytes.allSatisfy { $0 <= 1 })
    #expect(try Mask.random(layout, density: density, seed: 1, task: "ner") == mask)
  }

  @Test func seedsAndTasksDiffer() throws {
    let mask = try Mask.random(layout, density: 0.5, seed: 1, task: "ner")
    #expect(try Mask.random(layout, density: 0.5, seed: 2, task: "ner") != mask)
    #expect(try Mask.random(layout, density: 0.5, seed: 1, task: "pos") != mask)
    // Independent masks overlap as chance has it: 337.5 ± 13 of 1350.
    let other = try Mask.random(layout, density: 0.5, seed: 1, task: "pos")
    #expect((285...390).contains(try mask.intersection(other).keptCount))
  }

  @Test func onlyReachedParametersAreChosenFrom() throws {
    let reached: Set = ["chars.conv.weight", "encoder.0.weight_ih_l0"]
    let mask = try Mask.random(layout, density: 0.3, among: reached, seed: 3, task: "pos")
    #expect(mask.keptCount == 345)
    #expect(mask.density(of: reached) == 0.3)
    #expect(mask.keptCount(of: "encoder.1.weight_ih_l0") == 0)
  }

  @Test func densityCanHoldInEachParameter() throws {
    let mask = try Mask.random(layout, density: 0.25, perParameter: true, seed: 3, task: "pos")
    // 37.5 → 38, 250, 50.
    #expect(
      mask.keptCounts
        == ["chars.conv.weight": 38, "encoder.0.weight_ih_l0": 250, "encoder.1.weight_ih_l0": 50])
  }

  @Test(arguments: [0, -0.5, 1.0001, .nan]) func densitiesOutsideOfTheirRangeAreRefused(density: Double) {
    let error = runtimeError { _ = try Mask.random(layout, density: density, seed: 1, task: "ner") }
    #expect(
      error?.message == "The density of a random mask must be above 0 and at most 1, is \(density).")
  }

  @Test func aMaskOfNothingIsRefused() {
    let error = runtimeError { _ = try Mask.random(layout, density: 0.0001, seed: 1, task: "ner") }
    #expect(error?.message == "A random mask of density 0.0001 keeps none of 1350 weights.")
  }
}
