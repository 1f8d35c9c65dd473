import Foundation
import Testing
import WeftTrain

@testable import WeftReport

/// A comparison over two domains, made up, whose means can be found by hand.
@Suite struct DomainReportTests {
  typealias Results = ComparisonResults

  private static func run(
    _ domain: String, seed: UInt64, _ mail: Double, _ news: Double, mixing: MixingWeights? = nil,
    curve: [Double] = []
  ) -> Results.Run {
    Results.Run(
      seed: seed, domain: domain, folder: "x/\(domain)/seed-\(seed)",
      test: ["ner": (mail + news) / 2, "pos": 0.9],
      byDomain: ["mail": ["ner": mail, "pos": 0.8], "news": ["ner": news, "pos": 0.9]], mixing: mixing,
      curves: curve.isEmpty ? [:] : ["ner": curve], parameters: 100,
      stages: [.init(.training, tokens: 1000, seconds: 10)])
  }

  private static func mixing(_ value: Double) -> MixingWeights {
    MixingWeights(
      alphas: [.init(layer: 0, tasks: ["ner", "pos"], subspaces: 1, values: [1, value, 0, 1])],
      betas: [.init(task: "ner", values: [value, 1])])
  }

  private static func test(_ difference: Double) -> PairedTest {
    PairedTest(
      difference: difference, pValue: 0.02, permutations: 100, lower: 0, upper: 0.1, seeds: 4, better: 3,
      sentences: 20)
  }

  static var results: Results {
    Results(
      name: "d", toolVersion: "0.1.0",
      tasks: [
        .init(name: "ner", metric: .spanF1, corpus: "c"), .init(name: "pos", metric: .accuracy, corpus: "c"),
      ],
      seeds: [1, 2], baseline: "single",
      domains: [
        .init(name: "mail", sizes: ["train": .init(sentences: 1000, tokens: 12345)]),
        .init(name: "news", sizes: ["train": .init(sentences: 2, tokens: 9)]),
      ], main: ["ner"],
      systems: [
        .init(
          name: "single", title: "single task", sharing: .single,
          runs: [
            run("mail", seed: 1, 0.60, 0.40), run("mail", seed: 2, 0.62, 0.42),
            run("news", seed: 1, 0.30, 0.70), run("news", seed: 2, 0.34, 0.72),
          ]),
        .init(
          name: "sluice", title: "sluice network", sharing: .soft,
          mixture: .init(learnsAlpha: true, layers: .mixture, subspaces: 2),
          runs: [
            run("mail", seed: 1, 0.70, 0.41, mixing: mixing(0.2), curve: [0.1, 0.5, 0.9]),
            run("mail", seed: 2, 0.72, 0.41, mixing: mixing(0.4), curve: [0.3, 0.7]),
            run("news", seed: 1, 0.40, 0.80, mixing: mixing(0.6)), run("news", seed: 2, 0.40, 0.82),
          ], inDomain: ["ner": test(0.1)], outOfDomain: ["ner": test(0.04)]),
      ])
  }

  private func tables(_ results: Results) -> [ReportTable] {
    ComparisonReport(results).page().blocks.compactMap {
      if case .table(let table) = $0 { table } else { nil }
    }
  }
  private func figures(_ results: Results) -> [ReportPage.Figure] {
    ComparisonReport(results).page().blocks.compactMap {
      if case .figure(let figure) = $0 { figure } else { nil }
    }
  }
  private func table(_ id: String, _ results: Results = results) throws -> ReportTable {
    try #require(tables(results).first { $0.id == id })
  }

  @Test func everyPartIsThere() {
    #expect(
      tables(Self.results).map(\.id) == [
        "table-3-ner", "table-4-ner", "table-5", "significance", "table-1", "time",
      ])
    #expect(figures(Self.results).map(\.id) == ["domains-ner", "figure-2", "beta", "figure-3-curves"])
  }

  @Test func scoresInAndOutOfDomain() throws {
    let table = try table("table-3-ner")
    #expect(
      table.columns.map(\.title) == ["Trained", "System", "mail", "news", "mean", "Δ", "errors less, %"])
    let rows = table.rows.map { $0.map(\.joined) }
    #expect(
      rows[0] == ["in domain", "single task", "61.00 ± 1.41", "71.00 ± 1.41", "66.00 ± 1.41", "–", "–"])
    // 76 − 66 = 10 points, of 34 points of errors.
    #expect(
      rows[1] == [
        "in domain", "sluice network", "71.00 ± 1.41", "81.00 ± 1.41", "76.00 ± 1.41", "+10.00*", "+29.41",
      ])
    #expect(rows[2][2...4] == ["32.00 ± 2.83", "41.00 ± 1.41", "36.50 ± 2.12"])
    // 40.5 − 36.5 = 4 of 63.5.
    #expect(rows[3][2...] == ["40.00 ± 0.00", "41.00 ± 0.00", "40.50 ± 0.00", "+4.00*", "+6.30"])
    #expect(table.rows[1][4].isBest && !table.rows[0][4].isBest && table.rows[3][2].isBest)
    #expect(table.groupLength(at: 0) == 2)
    #expect(table.data.rows.count == 2 * 2 * 3)
    #expect(ComparisonReport(Self.results).scores().id == "table-3-ner")
  }

  @Test func everySourceAndTarget() throws {
    let table = try table("table-4-ner")
    let rows = table.rows.map { $0.map(\.text) }
    #expect(rows[0] == ["mail", "single task", "61.00", "41.00", "41.00"])
    #expect(rows[3] == ["news", "sluice network", "40.00", "81.00", "40.00"])
    #expect(table.data.rows.count == 2 * 2 * 2 * 2)
    let figure = try #require(figures(Self.results).first { $0.id == "domains-ner" })
    let map = try #require(figure.plots.first as? HeatMap)
    #expect(map.values[0].map { ($0 ?? 0).rounded() } == [10, 0])
    #expect(map.values[1].map { ($0 ?? 0).rounded() } == [8, 10])
  }

  @Test func allTasksAndSizes() throws {
    #expect(try table("table-5").rows[0].map(\.text) == ["single task", "66.00", "36.50", "85.00", "85.00"])
    #expect(try table("table-1").rows[0].map(\.text) == ["mail", "1,000", "12,345", "–", "–", "–", "–"])
  }

  /// What only one of two systems has does not count in their difference.
  @Test func differencesAreOverRunsThatBothHave() throws {
    var results = Self.results
    results.systems[1].runs.removeAll { $0.domain == "news" }
    let scores = DomainScores(results: results, task: "ner")
    let inside = try #require(scores.difference(results.systems[1], .inside))
    #expect(abs(inside.difference - 0.10) < 1e-9)
    let outside = try #require(scores.difference(results.systems[1], .outside))
    #expect(abs(outside.difference - 0.0) < 1e-9)
    let remarks = ComparisonReport(results).page().blocks.compactMap {
      if case .remark(let text) = $0 { text } else { nil }
    }
    #expect(remarks.contains { $0.hasSuffix("counted as far as they are: sluice network (news).") })
  }

  @Test func nothingFinished() {
    var results = Self.results
    for index in results.systems.indices { results.systems[index].runs = [] }
    let html = ComparisonReport(results).page().html()
    #expect(html.contains("No run is finished"))
    #expect(DomainScores(results: results, task: "ner").difference(results.systems[1], .inside) == nil)
  }

  @Test func mixturesAreMeansOverRuns() throws {
    let figure = try #require(figures(Self.results).first { $0.id == "figure-2" })
    let map = try #require(figure.plots.first as? HeatMap)
    #expect(map.title == "sluice network, layer 0")
    #expect(map.rows == ["ner", "pos"])
    #expect(abs((map.values[0][1] ?? 0) - 0.4) < 1e-12)
    #expect(figure.data.rows.count == 3 * 4)
    let beta = try #require(figures(Self.results).first { $0.id == "beta" })
    #expect(beta.data.rows.count == 3 * 2)
  }

  @Test func curvesEndWithTheirShortestRun() throws {
    let figure = try #require(figures(Self.results).first { $0.id == "figure-3-curves" })
    let plot = try #require(figure.plots.first as? LinePlot)
    #expect(plot.series.map(\.name) == ["sluice network"])
    #expect(plot.series[0].points.map(\.x) == [1, 2])
    #expect(zip(plot.series[0].points, [20.0, 60]).allSatisfy { abs($0.y - $1) < 1e-9 })
    #expect(figure.data.rows.count == 5)
  }

  @Test func waysToMixAreAGrid() throws {
    var results = Self.results
    #expect(!tables(results).contains { $0.id == "table-6-ner" })
    var constant = results.systems[1]
    (constant.name, constant.title) = ("constant", "constant")
    constant.mixture = .init(learnsAlpha: false, layers: .concatenation, subspaces: 1)
    results.systems.append(constant)
    let table = try table("table-6-ner", results)
    #expect(table.rows.map { $0[0].text } == ["constant α", "learned α"])
    #expect(table.rows.map { $0[1].text } == ["concatenation", "mixture, 2 subspaces"])
    #expect(table.rows[0][2...].map(\.text) == ["40.00", "41.00", "40.50"])
  }

  @Test func filesAreWellFormedAndResultsSurvive() throws {
    let page = ComparisonReport(Self.results).page()
    for (name, svg) in page.figureFiles {
      #expect(XMLParserCheck(Data(svg.utf8)).isWellFormed, "\(name)")
    }
    let html = page.html()
    let ids = html.matches(of: /\sid="([^"]+)"/).map { String($0.output.1) }
    #expect(Set(ids).count == ids.count)
    let encoded = try JSONEncoder().encode(Self.results)
    #expect(try JSONDecoder().decode(Results.self, from: encoded) == Self.results)
  }
}
