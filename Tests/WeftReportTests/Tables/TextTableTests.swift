import Testing

@testable import WeftReport

struct TextTableTests {
  private var table: TextTable {
    var table = TextTable([.init("name", .left), .init("count")])
    table.add(["größe", "1,234"])
    table.add(["b|c"])
    table.addRule()
    table.add(["all", "7", "not shown"])
    return table
  }

  @Test func columnsAreAlignedByScalars() {
    #expect(
      table.text() == """
        name   count
        ────────────
        größe  1,234
        b|c
        ────────────
        all        7

        """)
    #expect(table.text(indent: 2).hasPrefix("  name   count\n  ──"))
  }

  @Test func markdownEscapesBars() {
    #expect(
      table.markdown() == """
        | name | count |
        | --- | ---: |
        | größe | 1,234 |
        | b\\|c |  |
        | all | 7 |

        """)
  }
}

struct QuantityTests {
  @Test(arguments: [
    (0, "0"), (999, "999"), (1000, "1,000"), (-1_497_130, "-1,497,130"),
    (Int.min, "-9,223,372,036,854,775,808"),
  ])
  func countsHaveGroups(value: Int, text: String) { #expect(Quantity.count(value) == text) }

  @Test(arguments: [(12_345.6, "12,346"), (-0.4, "0"), (.nan, "nan"), (.infinity, "1,000,000,000,000,000")])
  func countsAreRounded(value: Double, text: String) { #expect(Quantity.count(value) == text) }

  @Test(arguments: [
    (0.0, 2, "0.00"), (94.125, 2, "94.13"), (0.005, 2, "0.01"), (-0.001, 2, "0.00"), (2.5, 0, "3"),
    (99.999, 2, "100.00"), (.nan, 2, "nan"), (-.infinity, 1, "-inf"), (12.05, 3, "12.050"),
    (1.005, 1, "1.0"), (-12.345, 2, "-12.35"), (99.995, 2, "100.00"),
  ])
  func decimalsAreFixed(value: Double, decimals: Int, text: String) {
    #expect(Quantity.fixed(value, decimals) == text)
  }

  @Test(arguments: [
    (0, "0 B"), (1023, "1023 B"), (1024, "1.0 KiB"), (1_572_864, "1.5 MiB"), (1 << 45, "32.0 TiB"),
  ])
  func bytesHaveUnits(value: Int, text: String) { #expect(Quantity.bytes(value) == text) }

  @Test(arguments: [
    (0.4, "0 s"), (59.4, "59 s"), (59.6, "1 min 00 s"), (185, "3 min 05 s"), (7620, "2 h 07 min"),
    (.infinity, "?"), (-1, "?"),
  ])
  func durationsAreReadable(seconds: Double, text: String) { #expect(Quantity.duration(seconds) == text) }
}
