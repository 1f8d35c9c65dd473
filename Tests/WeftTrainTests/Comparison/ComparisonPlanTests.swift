import Foundation
import Testing
import WeftSpec

@testable import WeftTrain

struct ComparisonPlanTests {
  private func comparison(_ more: String, domains: String = "") throws -> ComparisonSpec {
    let text = """
      weft: 1
      name: small
      data: {c: {train: train.conll, columns: {word: 0, pos: 1, ner: 2}\(domains)}}
      tasks: {pos: {}, ner: {scheme: bio}}
      network: {encoder: [{hidden: 4}]}
      compare:
        baseline: single
        systems:
          single: {sharing: single}
          subnet: {sharing: single, masks-of: sparse}
          sparse: {sharing: {kind: sparse, warmup: 2, prune: {rounds: 2, select: {round: 2}}}}
          random: {sharing: hard, random-masks-like: sparse}
      \(more)
      """
    let folder = try TemporaryFolder()
    try Data(text.utf8).write(to: folder.url.appending(path: "small.yaml"))
    return try SpecLoader().loadComparison(path: folder.url.appending(path: "small.yaml").path)
  }

  private let folder = URL(filePath: "/runs/small")

  @Test func everySystemHasARunUnderEverySeed() throws {
    let plan = ComparisonPlan(try comparison("  seeds: [5, 9]\n  densities: [0.5]"), folder: folder)
    #expect(plan.runs.count == 2 * 4 + 2)
    #expect(
      plan.runs(of: "sparse").map(\.folder.url.path) == [
        "/runs/small/sparse/seed-5", "/runs/small/sparse/seed-9",
      ])
    #expect(plan.runs(of: "sparse").allSatisfy { $0.masks == .own && $0.needs == nil })
    #expect(
      plan.runs(of: "subnet").map(\.needs?.url.path) == [
        "/runs/small/sparse/seed-5", "/runs/small/sparse/seed-9",
      ])
    #expect(plan.runs(of: "subnet").allSatisfy { $0.masks == .chosen })
    #expect(plan.runs(of: "random").allSatisfy { $0.masks == .random })
    #expect(
      plan.runs(at: 0.5).map(\.folder.url.path) == [
        "/runs/small/densities/sparse-0.5/seed-5", "/runs/small/densities/sparse-0.5/seed-9",
      ])
    // Those that others wait for come first.
    let firstDependent = try #require(plan.runs.firstIndex { $0.needs != nil })
    #expect(plan.runs[firstDependent...].allSatisfy { $0.needs != nil })
  }

  @Test func masksFoundOnceServeAllSeeds() throws {
    let plan = ComparisonPlan(try comparison("  seeds: [5, 9]\n  masks: once"), folder: folder)
    #expect(plan.runs(of: "sparse").map(\.masks) == [.own, .chosen])
    for run in plan.runs where run.needs != nil {
      #expect(run.needs?.url.path == "/runs/small/sparse/seed-5")
    }
  }

  @Test func everySystemIsTrainedOnEveryDomain() throws {
    let comparison = try comparison(
      "  seeds: [5, 9]\n  masks: once\n  domains: [web log, ../é]", domains: ", domains: {comment: genre}")
    let plan = ComparisonPlan(comparison, folder: folder)
    #expect(plan.runs.count == 4 * 2 * 2)
    #expect(
      plan.runs(of: "single").map(\.folder.url.path) == [
        "/runs/small/single/web%20log/seed-5", "/runs/small/single/web%20log/seed-9",
        "/runs/small/single/%2E%2E%2F%C3%A9/seed-5", "/runs/small/single/%2E%2E%2F%C3%A9/seed-9",
      ])
    #expect(Set(plan.runs.map(\.folder.url)).count == plan.runs.count)
    // Masks are those of the same domain.
    for run in plan.runs(of: "subnet") {
      #expect(run.needs == plan.runs(of: "sparse").first { $0.domain == run.domain }?.folder)
    }
    let run = try #require(plan.runs(of: "single").last)
    #expect(try plan.spec(of: run).data[0].trainOn == ["../é"])
    #expect(run.title == "single on ../é, seed 9")
    #expect(plan.setups.count == 8)
    #expect(plan.loaded(plan.setups[0]).spec.data[0].trainOn == ["web log"])
  }

  @Test func seedsCanBeFewerOrMore() throws {
    let comparison = try comparison("  seeds: [5, 9, 7]")
    #expect(ComparisonPlan(comparison, folder: folder, seedCount: 2).seeds == [5, 9])
    #expect(ComparisonPlan(comparison, folder: folder, seedCount: 5).seeds == [5, 9, 7, 10, 11])
  }

  @Test func aRunWithoutItsMasksSaysSo() throws {
    let plan = ComparisonPlan(try comparison("  seeds: [5]"), folder: folder)
    let run = try #require(plan.runs(of: "subnet").first)
    #expect(throws: TrainError.self) { try plan.spec(of: run) }
    let single = try #require(plan.runs(of: "single").first)
    #expect(try plan.spec(of: single).seed == 5)
    #expect(try plan.spec(of: single).sharing.masks == .found)
  }

  @Test func roundsAreTakenByTheirDensity() throws {
    let record = PruningRecord(
      task: "pos", granularity: .weights, scope: .global, reached: 100,
      rounds: [1, 0.6, 0.4, 0.2].enumerated().map { number, density in
        .init(number: number, mask: "round-\(number)", kept: Int(100 * density), density: density, score: nil)
      })
    #expect(try record.closest(to: 0.55).number == 1)
    #expect(try record.closest(to: 0.01).number == 3)
    #expect(try record.closest(to: 1).number == 0)
    // Halfway between two, the sparser.
    #expect(try record.closest(to: 0.5).number == 2)
  }

  @Test func pathsAreRelativeToTheSpec() {
    func path(_ base: String, _ target: String) -> String {
      let loaded = LoadedSpec(
        spec: Spec(name: "x", data: [], tasks: []), path: "\(base)/x.yaml", baseDirectory: base,
        locations: SpecLocations(path: "x.yaml"))
      return loaded.path(to: URL(filePath: target))
    }
    #expect(path("/a/specs", "/a/runs/m/masks") == "../runs/m/masks")
    #expect(path("/a", "/a/runs") == "runs")
    #expect(path("/a", "/a") == ".")
    let here = FileManager.default.currentDirectoryPath
    #expect(path("", here + "/runs/x") == "runs/x")
    #expect(path("specs", here + "/runs/x") == "../runs/x")
  }
}
