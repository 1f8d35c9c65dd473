import Testing

@testable import WeftReport

struct ReportTableTests {
  private var table: ReportTable {
    var table = ReportTable(
      id: "t", title: "Table 1", caption: "Scores.",
      columns: [.init("System", .left), .init("F1", group: "ner"), .init("Δ", group: "ner"), .init("time")],
      data: DataTable(["system", "f1"]))
    table.add([.init("a"), .init("70.00", detail: "± 0.10", isBest: true), .none, .init("1 s")])
    table.add([.init("b"), .init("69.00"), .init("−1.00", tone: .worse), .init("2 s")])
    return table
  }

  @Test func markdownNamesTheGroups() {
    #expect(
      table.markdown() == """
        | System | ner F1 | ner Δ | time |
        | --- | ---: | ---: | ---: |
        | a | **70.00** ± 0.10 | – | 1 s |
        | b | 69.00 | −1.00 | 2 s |

        """)
  }

  @Test func headersSpanTheirColumns() {
    let html = ReportPage(title: "x", blocks: [.table(table)]).html()
    #expect(html.contains(#"<th scope="col" class="left" rowspan="2">System</th>"#))
    #expect(html.contains(#"<th scope="colgroup" class="group" colspan="2">ner</th>"#))
    #expect(html.contains(#"<td class="worse">−1.00</td>"#))
    #expect(html.contains("<caption id=\"t-caption\"><b>Table 1.</b> Scores.</caption>"))
  }

  @Test func theBestIsMarkedIfThereIsAChoice() {
    var table = table
    table.markBest([1, nil], column: 3)
    #expect(!table.rows[0][3].isBest)
    table.markBest([1, 1], column: 3)
    #expect(!table.rows[0][3].isBest)
    table.markBest([1, 2], column: 3)
    #expect(!table.rows[0][3].isBest && table.rows[1][3].isBest)
  }

  @Test func csvQuotesWhatNeedsIt() {
    var data = DataTable(["a", "b"])
    data.add(["x, \"y\"", "line\nbreak"])
    data.add([DataTable.number(0.1), DataTable.number(nil)])
    data.add([DataTable.number(12), DataTable.number(.nan)])
    #expect(data.csv == "a,b\n\"x, \"\"y\"\"\",\"line\nbreak\"\n0.1,\n12,\n")
  }
}
