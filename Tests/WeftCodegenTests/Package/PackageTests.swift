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
