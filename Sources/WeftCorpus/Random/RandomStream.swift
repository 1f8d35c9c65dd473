#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Random numbers that depend on what they are for, never on the order in which they are drawn.
///
/// A stream is keyed by (seed, site name, task, task step); a row of it by (sentence, position); a number by its
/// column. Equal keys give equal numbers on every machine, in Swift and in generated C alike, which makes replay,
/// resuming and comparisons between systems exact.
public struct RandomStream: Sendable, Equatable {
  public let key: UInt64

  /// - Parameters:
  ///   - seed: the experiment's seed.
  ///   - site: what the numbers are for, e.g. `dropout.input`.
  ///   - task: number of the task in the spec.
  ///   - step: steps that this task has made before.
  public init(seed: UInt64, site: String, task: UInt64, step: UInt64) {
    var key = splitmix64(seed ^ fnv1a64(site))
    key = splitmix64(key ^ task)
    key = splitmix64(key ^ step)
    self.key = key
  }

  /// The row of a token (or, with position 0, of a whole sentence).
  public func row(sentence: UInt64, position: UInt64) -> RandomRow {
    RandomRow(key: splitmix64(splitmix64(key ^ sentence) ^ position))
  }
}

/// One row of a ``RandomStream``: a number for each column.
public struct RandomRow: Sendable, Equatable {
  public let key: UInt64

  public init(key: UInt64) { self.key = key }

  /// 32 random bits.
  public func bits(_ column: UInt32) -> UInt32 {
    let low = UInt32(truncatingIfNeeded: key)
    let high = UInt32(truncatingIfNeeded: key >> 32)
    return lowbias32(lowbias32(low &+ column &* 0x9E37_79B9) ^ high)
  }

  /// A multiple of 2⁻²⁴ in [0, 1), exact in single precision.
  public func uniform(_ column: UInt32) -> Float {
    Float(bits(column) >> 8) * 0x1p-24
  }

  /// Standard normal by Box and Muller (1958) from columns 2·`column` and 2·`column` + 1.
  public func gaussian(_ column: UInt32) -> Double {
    let u1 = Double(uniform(2 &* column))
    let u2 = Double(uniform(2 &* column &+ 1))
    return (-2 * log(1 - u1)).squareRoot() * cos(2 * Double.pi * u2)
  }

  /// An integer in 0 ..< `bound` from columns 2·`column` and 2·`column` + 1 (bias below bound · 2⁻⁶⁴).
  ///
  /// - Precondition: `bound` is positive.
  public func integer(below bound: Int, _ column: UInt32) -> Int {
    let wide = UInt64(bits(2 &* column)) << 32 | UInt64(bits(2 &* column &+ 1))
    return Int(wide.multipliedFullWidth(by: UInt64(bound)).high)
  }

  /// Fisher and Yates's shuffle; swap `i` uses column `i`.
  public func shuffle<Element>(_ items: inout [Element]) {
    guard items.count > 1 else { return }
    for i in stride(from: items.count - 1, to: 0, by: -1) {
      items.swapAt(i, integer(below: i + 1, UInt32(truncatingIfNeeded: i)))
    }
  }
}
