import Foundation
import Testing
import WeftSpec

@testable import WeftCodegen

/// What a package computes is what the library computes that it was made from.
@Suite struct PackageTests {
  private func compare(_ sample: PackageSample, _ build: PackageBuild, isa: String) async throws {
    let found = try build.runHarness(["./main"], isa: isa)
    let expected = try await PackageExpectation.lines(sample, isa: isa)
    #expect(found.last == "allocations 0")
    PackageExpectation.compare(found.dropLast(), expected)
  }

  @Test(arguments: [false, true]) func packageAgreesWithLibrary(isRich: Bool) async throws {
    let sample = try PackageSample(
      name: isRich ? "pack-rich" : "pack-hard", isRich: isRich, instructionSets: Compiled.instructionSets)
    let build = try PackageBuild(sample)
    defer { build.remove() }
    try build.compileHarness(sample)
    for isa in Compiled.instructionSets { try await compare(sample, build, isa: isa.rawValue) }
  }

  /// Every mechanism of sharing and every kind of head.
  @Test(arguments: PackageSystem.allCases) func everySystemAgreesWithLibrary(system: PackageSystem)
    async throws
  {
    let sample = try PackageSample(
      name: "pack-" + system.rawValue, isRich: system == .sluice, instructionSets: [.portable],
      change: system.change)
    let build = try PackageBuild(sample)
    defer { build.remove() }
    try build.compileHarness(sample)
    try await compare(sample, build, isa: "portable")
  }

  @Test(arguments: PackageWeights.allCases) func masksAndNarrowWeights(weights: PackageWeights) async throws {
    let sample = try PackageSample(
      name: "pack-sparse", isRich: true, weights: weights, isMasked: true,
      instructionSets: Compiled.instructionSets)
    if weights != .fp32 {
      let layout = try sample.generator.packageLayout(weights)
      try #require(layout.entries.contains { $0.encoding.rawValue == weights.rawValue })
    }
    let build = try PackageBuild(sample)
    defer { build.remove() }
    try build.compileHarness(sample)
    try await compare(sample, build, isa: Compiled.instructionSets[0].rawValue)
  }

  /// Products that are known for some words and for none. Where they are, words that are spelled as in the vocabulary need
  /// nothing of characters, and others do.
  @Test(arguments: PackageWeights.allCases) func partsOfTablesAreKnown(weights: PackageWeights) async throws {
    let hidden = weights == .fp32 ? 5 : 20
    for rows in [0, 70] {
      // Two directions, four gates, two networks; three words of the sentences are known then.
      let sample = try PackageSample(
        name: "pack-folded", isRich: false, weights: weights, isMasked: true,
        instructionSets: Compiled.instructionSets, foldedBytes: rows * 2 * 4 * hidden * 4 * 2, fillers: 65)
      let code = try sample.generator.packageFiles(sample.contents)
      #expect(code.contains { $0.contents.contains("if (row_ids[row] < 70) {") } == (rows == 70))
      #expect(code.contains { $0.contents.contains("spelled_words = \(rows),") })
      let build = try PackageBuild(sample)
      defer { build.remove() }
      try build.compileHarness(sample, isOptimised: rows > 0)
      try await compare(sample, build, isa: Compiled.instructionSets[0].rawValue)
    }
  }

  /// What masks leave, in a form that a table of costs makes the only one worth having: blocks, or single weights.
  @Test(arguments: PackageWeights.allCases, [MatrixForm.blocks, .packed])
  func keptWeights(weights: PackageWeights, form: MatrixForm) async throws {
    var sample = try PackageSample(
      name: "pack-\(form.rawValue)", isRich: true, weights: weights,
      instructionSets: Compiled.instructionSets,
      foldedBytes: weights == .fp32 ? 1 << 12 : 1 << 20
    ) { $0.network.encoder = [LayerSpec(hidden: 40)] }
    var costs = CostTable()
    // Packed weights are read by all sets in one case, and by the best one in the others.
    for set in weights == .fp32 ? Compiled.instructionSets : [Compiled.instructionSets[0]] {
      for other in MatrixForm.allCases {
        costs[set, other] = CostTable.Cost(perKiB: other == form ? 0 : 1, perVector: 1)
      }
    }
    if form == .blocks { try sample.maskBlocks(costs: costs) } else { try sample.maskWeights(costs: costs) }
    let plan = try sample.generator.matrixPlan(sample.contents)
    for entry in plan.entries where entry.names[0].contains("encoder") {
      let dense = MatrixForm(rawValue: weights == .fp32 ? "f32" : weights.rawValue)
      #expect(entry.candidates.prefix(2).map(\.form) == [form, dense])
    }
    if form == .packed {
      #expect(
        plan.windowSets.contains(.portable) == (weights == .fp32 || Compiled.instructionSets == [.portable]))
    }
    let build = try PackageBuild(sample)
    defer { build.remove() }
    try build.compileHarness(sample, isOptimised: weights != .bf16)
    for isa in Compiled.instructionSets { try await compare(sample, build, isa: isa.rawValue) }
    // Masks of more weights do not fit.
    sample.masks[0] = sample.masks[0]?.map { _ in 1 }
    try Data(sample.blob()).write(to: build.folder.appending(path: build.name + ".weights"))
    let refused = try #require(try build.run("sh", ["-c", "./main \(build.name).weights 3 < input"]))
    #expect(refused.status == 3)
  }

  /// Inputs rounded to narrow numbers change scores a little, the same on every run.
  @Test(
    .enabled(
      if: HostFeatures.supports(.avx512vnni), "needs a processor with AVX-512, VNNI and BF16"),
    arguments: [PackageWeights.bf16, .int8])
  func roundedInputs(weights: PackageWeights) async throws {
    let sample = try PackageSample(
      name: "pack-rounded", isRich: true, weights: weights, isMasked: true, instructionSets: [.avx512])
    let build = try PackageBuild(sample)
    defer { build.remove() }
    try build.compileHarness(sample)
    let rounded = try build.runHarness(["./main"], isa: "avx512vnni")
    let exact = try build.runHarness(["./main"], isa: "avx512")
    #expect(try build.runHarness(["./main"], isa: "avx512vnni") == rounded)
    let largest = try Self.largestDifference(rounded, exact)
    let most = Self.roundingBound(sample, weights == .bf16 ? 0x1p-9 : 1.0 / 254)
    #expect(largest > 0 && largest < most, "\(largest) of \(most)")
  }

  /// What tiles multiply, which are emulated where there are none: numbers that are rounded as above, and halves of weights
  /// in fp32, of which three products of 2⁻¹⁸ each are lost.
  @Test(
    .enabled(
      if: HostFeatures.supports(.avx512vnni), "needs a processor with AVX-512, VNNI and BF16"),
    arguments: zip(PackageWeights.allCases, [3 * 0x1p-18, 0x1p-9, 1.0 / 254]))
  func tilesMultiply(weights: PackageWeights, rounding: Double) throws {
    let sample = try PackageSample(
      name: "pack-tiles", isRich: false, weights: weights, isMasked: true, instructionSets: [.avx512],
      splits: weights == .fp32
    ) { $0.network.encoder = [LayerSpec(hidden: 20)] }
    let build = try PackageBuild(sample)
    defer { build.remove() }
    let code = try String(contentsOf: build.folder.appending(path: build.name + ".c"), encoding: .utf8)
    let asks = "if (has_avx512amx() && "
    try #require(code.contains(asks))
    try build.write(build.name + ".c", code.replacing(asks, with: "if ((has_avx512amx() || 1) && "))
    try build.compileHarness(sample, compiler: ["clang", TileEmulation.source])
    let found = try build.runHarness(["./main"], isa: "avx512amx")
    let largest = try Self.largestDifference(found, try build.runHarness(["./main"], isa: "avx512"))
    let most = Self.roundingBound(sample, rounding)
    #expect(largest > 0 && largest < most, "\(largest) of \(most)")
  }

  /// Of scores, among what two programs print.
  private static func largestDifference(_ a: [String], _ b: [String]) throws -> Double {
    try #require(a.count == b.count)
    var largest = 0.0
    for (a, b) in zip(a, b) where a.hasPrefix("scores ") {
      for (x, y) in zip(a.split(separator: " ").dropFirst(), b.split(separator: " ").dropFirst()) {
        largest = max(largest, abs((Double(x) ?? .infinity) - (Double(y) ?? 0)))
      }
    }
    return largest
  }

  /// How far scores may be off where inputs are rounded: by at most δ = 2⁻⁹ of themselves to bf16, or δ = 1/254 of the
  /// largest of them to eight bits, which is a standard deviation of δ/√3. Such errors are independent, so that they add
  /// up as the norms of the rows that they are multiplied with: of both products of a step, then of the head; cells have
  /// derivatives of at most 1. Three standard deviations are allowed for.
  private static func roundingBound(_ sample: PackageSample, _ rounding: Double) -> Double {
    let values = sample.values()
    func worstNorm(_ part: String, columns: Int) -> Double {
      values.filter { $0.key.contains(part) }.flatMap { _, numbers in
        stride(from: 0, to: numbers.count, by: columns).map { first in
          numbers[first..<first + columns].reduce(0.0) { $0 + Double($1 * $1) }.squareRoot()
        }
      }.max() ?? 0
    }
    let rounding = rounding / 3.0.squareRoot()
    let gates = [
      worstNorm("encoder.0.weight_hh", columns: 20), worstNorm("encoder.0.weight_ih", columns: 20),
    ]
    let deviation = rounding * gates.reduce(0) { $0 + $1 * $1 }.squareRoot()
    return 3 * deviation * worstNorm("heads.pos.weight", columns: 40)
  }

  /// For looking at: WEFT_PACKAGE_SAMPLES names a folder that gets the samples.
  @Test(.enabled(if: ProcessInfo.processInfo.environment["WEFT_PACKAGE_SAMPLES"] != nil, "writes samples"))
  func writeSamples() throws {
    let target = try #require(ProcessInfo.processInfo.environment["WEFT_PACKAGE_SAMPLES"])
    for (isRich, isMasked) in [(false, false), (true, true)] {
      let sample = try PackageSample(
        name: isRich ? "pack-rich" : "pack-hard", isRich: isRich, isMasked: isMasked)
      for file in try sample.generator.packageFiles(sample.contents) {
        try Data(file.contents.utf8).write(to: URL(fileURLWithPath: target).appending(path: file.name))
      }
      try Data(sample.blob()).write(
        to: URL(fileURLWithPath: target).appending(path: sample.generator.name + ".weights"))
      try Data(
        PackageHarness.source(
          header: sample.generator.name + ".h", prefix: sample.generator.symbol, hasColumn: isRich
        ).utf8
      ).write(to: URL(fileURLWithPath: target).appending(path: sample.generator.name + "-main.c"))
    }
  }
}
