#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The range of an axis, with ticks at round numbers.
public struct Axis: Sendable, Equatable {
  public private(set) var lower: Double
  public private(set) var upper: Double
  /// Distance between ticks: 1, 2, 2.5 or 5 times a power of ten.
  public private(set) var step: Double

  /// An axis that holds some values.
  ///
  /// - Parameters:
  ///   - values: what is not finite is left out; without values the axis goes from 0 to 1.
  ///   - limits: never goes beyond these, e.g. 0 ... 100 for percentages; values outside them widen them.
  ///   - ticks: about as many as there should be.
  public init(holding values: [Double], within limits: ClosedRange<Double>? = nil, ticks: Int = 5) {
    let finite = values.filter(\.isFinite)
    var low = finite.min() ?? 0
    var high = finite.max() ?? 1
    if high - low < 1e-9 * max(1, abs(high)) {
      // A single value stands in the middle.
      let margin = high == 0 ? 0.5 : abs(high) * 0.01
      low -= margin
      high += margin
    }
    step = Self.step(for: (high - low) / Double(max(1, ticks)))
    lower = (low / step + 1e-9).rounded(.down) * step
    upper = (high / step - 1e-9).rounded(.up) * step
    if let limits {
      lower = max(lower, min(limits.lowerBound, low))
      upper = min(upper, max(limits.upperBound, high))
    }
  }

  /// The round step that is at least as long.
  private static func step(for length: Double) -> Double {
    let power = pow(10, floor(log10(length)))
    let factor = length / power
    let round = [1, 2, 2.5, 5, 10].first { $0 >= factor * (1 - 1e-9) } ?? 10
    return round * power
  }

  public var ticks: [Double] {
    let first = (lower / step - 1e-6).rounded(.up)
    let last = (upper / step + 1e-6).rounded(.down)
    guard first <= last, last - first < 1_000 else { return [] }
    return stride(from: first, through: last, by: 1).map { $0 * step }
  }

  /// Decimals that tell ticks apart.
  public var decimals: Int {
    for decimals in 0...8 {
      let scaled = step * pow(10, Double(decimals))
      if abs(scaled - scaled.rounded()) < 1e-6 * scaled { return decimals }
    }
    return 9
  }

  public func label(_ tick: Double) -> String { Quantity.fixed(tick, decimals).replacing("-", with: "−") }

  /// Where a value lies, 0 at the lower end and 1 at the upper.
  public func fraction(_ value: Double) -> Double { (value - lower) / (upper - lower) }
}
