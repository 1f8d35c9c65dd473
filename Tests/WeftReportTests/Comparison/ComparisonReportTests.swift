import Foundation
import Testing
import WeftTrain

@testable import WeftReport

struct ComparisonReportTests {
  private func tables(_ page: ReportPage) -> [ReportTable] {
    page.blocks.compactMap { if case .table(let table) = $0 { table } else { nil } }
  }
  private func figures(_ page: ReportPage) -> [ReportPage.Figure] {
    page.blocks.compactMap { if case .figure(let figure) = $0 { figure } else { nil } }
  }
  private func remarks(_ page: ReportPage) -> [String] {
    page.blocks.compactMap { if case .remark(let text) = $0 { text } else { nil } }
  }
  private func table(_ id: String, _ page: ReportPage) throws -> ReportTable {
    try #require(tables(page).first { $0.id == id })
  }

  @Test func everyTableAndFigureIsThere() {
    let page = ComparisonReport(SampleResults.full).page()
    #expect(
      tables(page).map(\.id) == [
        "table-3", "significance", "data", "table-4", "table-7", "table-8", "time", "also-1-table-6",
        "also-1-data", "also-1-time",
      ])
    #expect(figures(page).map(\.id) == ["differences", "figure-3", "figure-4"])
    // A folder is picked where WEFT_PAGE names one, to look at the page.
    if let folder = ProcessInfo.processInfo.environment["WEFT_PAGE"] {
      #expect(throws: Never.self) { try page.write(into: URL(filePath: folder)) }
    }
  }

  @Test func scoresAreMeansWithDeviationsAndDifferences() throws {
    var results = SampleResults.full
    results.systems = [
      .init(
        name: "single", title: "single task", sharing: .single,
        runs: [
          .init(seed: 2019, folder: "", test: ["pos": 0.90, "ner": 0.70, "deprel": 0.80], parameters: 1000),
          .init(seed: 2020, folder: "", test: ["pos": 0.92, "ner": 0.72, "deprel": 0.82], parameters: 1000),
        ]),
      .init(
        name: "hard", title: "hard sharing", sharing: .hard,
        runs: [
          .init(seed: 2019, folder: "", test: ["pos": 0.93, "ner": 0.69, "deprel": 0.80], parameters: 400),
          .init(seed: 2020, folder: "", test: ["pos": 0.93, "ner": 0.69, "deprel": 0.82], parameters: 410),
        ],
        significance: [
          "pos": PairedTest(
            difference: 0.02, pValue: 0.03, permutations: 100, lower: 0.001, upper: 0.03, seeds: 2, better: 2,
            sentences: 9)
        ]),
    ]
    let table = try table("table-3", ComparisonReport(results).page())
    #expect(
      table.columns.map(\.title) == [
        "System", "Parameters", "accuracy", "Δ", "F1", "Δ", "accuracy", "Δ", "score", "Δ",
      ])
    #expect(
      table.rows[0].map(\.joined) == [
        "single task", "1,000", "91.00 ± 1.41", "–", "71.00 ± 1.41", "–", "81.00 ± 1.41", "–", "81.00 ± 1.41",
        "–",
      ])
    #expect(
      table.rows[1].map(\.joined) == [
        "hard sharing", "405 ± 7", "93.00 ± 0.00", "+2.00*", "69.00 ± 0.00", "−2.00", "81.00 ± 1.41", "0.00",
        "81.00 ± 0.47", "0.00",
      ])
    #expect(table.rows[1][2].isBest && !table.rows[0][2].isBest && table.rows[0][4].isBest)
    #expect(
      table.rows[1][3].tone == .better && table.rows[1][5].tone == .worse && table.rows[1][7].tone == .plain)
    // Both runs of a seed and every digit are in the file beside it.
    #expect(table.data.rows.count == 12)
    #expect(table.data.rows[6].prefix(7) == ["hard", "hard sharing", "2019", "pos", "accuracy", "", "0.93"])
  }

  @Test func scoresOnSeveralCorporaAreTableFive() {
    var results = SampleResults.full
    #expect(ComparisonReport(results).scores().title == "Table 3")
    results.tasks[0].corpus = "another"
    #expect(ComparisonReport(results).scores().title == "Table 5")
  }

  @Test func differencesAreOverTheSeedsThatBothHave() throws {
    var results = SampleResults.full
    let lost = results.systems[2].runs.removeLast()
    let expected =
      results.seeds.dropLast().map { seed in
        (results.systems[2].run(seed: seed)?.test["ner"] ?? 0)
          - (results.systems[0].run(seed: seed)?.test["ner"] ?? 0)
      }.reduce(0, +) / 2
    let page = ComparisonReport(results).page()
    #expect(
      try table("table-3", page).rows[2][5].text == ScoreFormat.difference(expected))
    #expect(remarks(page).contains("Not finished, and not counted: hard sharing (seed \(lost.seed))."))
  }

  @Test func missingPartsAreSaidInASentence() throws {
    var results = SampleResults.full
    results.also = []
    results.densities = []
    results.systems = results.systems.filter {
      $0.sharing != .sparse && $0.randomMasksLike == nil && $0.masksOf == nil
    }
    results.systems.append(.init(name: "sparse", title: "sparse sharing", sharing: .sparse, warmup: 20))
    let page = ComparisonReport(results).page()
    #expect(tables(page).map(\.id) == ["table-3", "significance", "data", "time"])
    #expect(remarks(page).contains("Not finished, and not counted: sparse sharing."))
    #expect(remarks(page).contains { $0.hasPrefix("No sparse system is finished") })
    for system in results.systems.indices { results.systems[system].runs = [] }
    let empty = ComparisonReport(results).page()
    #expect(tables(empty).isEmpty)
    #expect(remarks(empty).contains { $0.hasPrefix("No run is finished") })
    #expect(empty.html().contains("No run is finished"))
  }

  @Test func stagesOfOneSeedAreNotSpreadOverAll() throws {
    var results = SampleResults.full
    results.masksFoundOnce = true
    for run in results.systems[4].runs.indices.dropFirst() {
      results.systems[4].runs[run].stages.removeAll { $0.kind != .training }
    }
    let table = try table("time", ComparisonReport(results).page())
    #expect(
      table.rows[4].map(\.text) == [
        "sparse sharing", "17 min 00 s", "3 h 00 min", "30 min 00 s", "3 h 47 min", "152,000,000", "11,160",
      ])
    #expect(table.rows[2].map(\.text)[1...3] == ["–", "–", "30 min 00 s"])
    #expect(table.notes == ["Warm-up and pruning ran under the first seed only."])
  }

  @Test func rowsOfWarmupAreThoseWithAndWithout() throws {
    let table = try table("table-8", ComparisonReport(SampleResults.full).page())
    #expect(table.rows.map { $0[0].text } == ["sparse sharing", "sparse sharing without warm-up"])
    #expect(table.rows.map { $0[1].text } == ["20 epochs", "none"])
    var results = SampleResults.full
    results.systems.removeAll { $0.name == "sparse" }
    #expect(remarks(ComparisonReport(results).page()).contains { $0.contains("has a warm-up") })
  }

  @Test func figuresHoldTheNumbersOfTheirFiles() throws {
    let results = SampleResults.full
    let page = ComparisonReport(results).page()
    let figure = try #require(figures(page).first { $0.id == "figure-3" })
    #expect(figure.plots.count == 3)
    #expect(figure.data.rows.count == 3 * 2 * 3 * 21)
    let plot = try #require(figure.plots[1] as? LinePlot)
    let rounds = try results.systems[4].runs.map { run in try #require(run.pruning["ner"]?[7]) }
    let mean = rounds.compactMap(\.dev).reduce(0, +) / 3
    // Points lie from left to right, so the eighth round is the eighth from the end.
    let point = plot.series[0].points[20 - 7]
    #expect(abs(point.y - 100 * mean) < 1e-9)
    #expect(abs(point.x - 100 * rounds[0].density) < 1e-9)
    #expect(plot.series[0].points.contains { $0.isMarked })
    let densities = try #require(figures(page).first { $0.id == "figure-4" })
    #expect(densities.legend.map(\.name) == ["sparse sharing", "hard sharing"])
    #expect(densities.data.rows.count == 9)
  }

  @Test func filesAreWrittenAndResultsSurviveThem() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "weft-report-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    try ComparisonReport(SampleResults.full).page().write(into: folder)
    let names = Set(try FileManager.default.contentsOfDirectory(atPath: folder.path))
    #expect(
      names.isSuperset(of: [
        "report.html", "report.md", "table-3.csv", "table-4.csv", "table-7.csv", "table-8.csv", "time.csv",
        "figure-3.csv", "figure-3-1.svg", "figure-4-2.svg", "also-1-table-6.csv",
      ]))
    for name in names where name.hasSuffix(".svg") {
      let parser = XMLParserCheck(try Data(contentsOf: folder.appending(path: name)))
      #expect(parser.isWellFormed, "\(name): \(parser.problem)")
    }
    let encoded = try JSONEncoder().encode(SampleResults.full)
    #expect(try JSONDecoder().decode(ComparisonResults.self, from: encoded) == SampleResults.full)
  }

  @Test func thePageNeedsNothingFromOutside() {
    let html = ComparisonReport(SampleResults.full).page().html()
    for word in ["http:", "https:", "<script", "<link", "url(", "@import", " src="] {
      #expect(!html.contains(word), "\(word)")
    }
    #expect(html.contains("prefers-color-scheme: dark"))
    // Whatever can be anchored has a name of its own.
    let ids = html.matches(of: /\sid="([^"]+)"/).map { String($0.output.1) }
    #expect(Set(ids).count == ids.count)
  }

  @Test func hostileNamesAreOnlyText() {
    var results = SampleResults.full
    results.name = "<script>alert('&')</script>"
    results.systems[0].title = "a | b \"<i>\" & \u{1}"
    let page = ComparisonReport(results).page()
    #expect(!page.html().contains("<script"))
    #expect(!page.html().contains("<i>"))
    #expect(page.markdown().contains("a \\| b"))
    for (name, svg) in page.figureFiles {
      let check = XMLParserCheck(Data(svg.utf8))
      #expect(check.isWellFormed, "\(name): \(check.problem)")
    }
  }
}
