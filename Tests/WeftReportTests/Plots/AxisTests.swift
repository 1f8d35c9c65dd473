import Testing

@testable import WeftReport

struct AxisTests {
  @Test func ticksAreRound() {
    let axis = Axis(holding: [94.12, 95.03])
    #expect(axis.ticks.map(axis.label) == ["94.0", "94.2", "94.4", "94.6", "94.8", "95.0", "95.2"])
    #expect(axis.lower <= 94.12 && axis.upper >= 95.03)
  }

  @Test func quartersNeedTwoDecimals() {
    let axis = Axis(holding: [0, 1.2])
    #expect(axis.step == 0.25)
    #expect(axis.ticks.map(axis.label) == ["0.00", "0.25", "0.50", "0.75", "1.00", "1.25"])
  }

  @Test func limitsHoldUnlessValuesLieBeyond() {
    let axis = Axis(holding: [10, 100], within: 0...100)
    #expect(axis.lower == 0 && axis.upper == 100)
    #expect(Axis(holding: [99.1, 100], within: 0...100).upper == 100)
    #expect(Axis(holding: [-3, 50], within: 0...100).lower == -3)
  }

  @Test func degenerateValuesHaveARangeToo() {
    for values in [[], [5], [0], [.nan, .infinity], [-2, -2]] as [[Double]] {
      let axis = Axis(holding: values)
      #expect(axis.lower < axis.upper, "\(values)")
      #expect(!axis.ticks.isEmpty, "\(values)")
      #expect(axis.fraction(axis.lower) == 0 && axis.fraction(axis.upper) == 1)
    }
  }

  @Test(arguments: [1e-9, 0.003, 0.7, 1, 42, 9_999, 1e12])
  func anyScaleHasAFewTicks(scale: Double) {
    let axis = Axis(holding: [0.13 * scale, 1.71 * scale])
    #expect((4...9).contains(axis.ticks.count), "\(scale)")
  }

  @Test func minusIsTheTypographersSign() {
    let axis = Axis(holding: [-1, 1])
    #expect(axis.label(-0.5) == "−0.5")
  }
}
