import Foundation
import Testing

@testable import WeftReport

@Suite struct HeatMapTests {
  private func svg(_ map: HeatMap) -> String { map.svg(id: "m", isStandalone: true) }

  private static func map(
    _ values: [[Double?]], rows: [String]? = nil, scale: Double = 1, block: Int = 1
  ) -> HeatMap {
    HeatMap(
      title: "α & β", summary: "<weights>", rows: rows ?? values.indices.map { "r\($0)" },
      columns: (0..<(values.first?.count ?? 0)).map { "c\($0)" }, values: values, scale: scale, block: block)
  }

  @Test func aCellForEachValueWithItsNumber() {
    let text = svg(Self.map([[0.951, -0.05], [nil, .nan]]))
    #expect(text.components(separatedBy: "<rect").count == 5)
    for number in [">0.95<", ">−0.05<", ">–<"] { #expect(text.contains(number), "\(number)") }
    #expect(text.contains("<title>r0, c1: −0.05</title>"))
    #expect(XMLParserCheck(Data(text.utf8)).isWellFormed)
  }

  @Test func colourTellsTheSignAndStrengthTheSize() throws {
    let text = svg(Self.map([[1, -1, 0.5, 0, 9]]))
    let cells = text.matches(of: /fill="var\(--s(\d)\)" fill-opacity="([\d.]+)"/).map {
      (String($0.output.1), Double($0.output.2) ?? -1)
    }
    #expect(cells.map(\.0) == ["1", "2", "1", "1", "1"])
    #expect(cells[0].1 == cells[1].1 && cells[0].1 == cells[4].1)
    #expect(abs(cells[2].1 - cells[0].1 / 2) < 0.001)
    #expect(cells[3].1 == 0)
  }

  @Test func everythingIsInsideTheDrawing() {
    let sizes = [(1, 1), (6, 6), (16, 16), (2, 5)]
    for (rows, columns) in sizes {
      let map = Self.map(
        Array(repeating: Array(repeating: 0.5, count: columns), count: rows), block: rows == 6 ? 2 : 1)
      let text = svg(map)
      let rectangles = text.matches(of: /x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="([\d.]+)"/)
      #expect(rectangles.count == rows * columns)
      for found in rectangles {
        let numbers = [found.output.1, found.output.2, found.output.3, found.output.4].map {
          Double($0) ?? 1e9
        }
        #expect(numbers[0] + numbers[2] <= map.size.width && numbers[1] + numbers[3] <= map.size.height)
      }
    }
  }

  @Test func nothingToShow() {
    let text = svg(Self.map([]))
    #expect(!text.contains("<rect"))
    #expect(XMLParserCheck(Data(text.utf8)).isWellFormed)
    #expect(XMLParserCheck(Data(svg(Self.map([[0]], rows: ["日本 & é"], scale: 0)).utf8)).isWellFormed)
  }
}
