import Foundation

@testable import WeftCodegen

/// A matrix of some type of weights as kernels of compiled taggers read it, made by itself from its description.
struct WideMatrix {
  let weights: WeightType
  /// What the weights count for, after rounding.
  let values: [[Float]]
  let words: GuardedBuffer<Float>

  /// - Parameter rows: the matrix; each is a column of the wide form, in this order.
  init(_ rows: [[Float]], _ weights: WeightType) {
    self.weights = weights
    let (n, k) = (rows.count, rows.first?.count ?? 0)
    let perWord = weights.perWord
    let count = (k + perWord - 1) / perWord
    let padded = (n + 15) / 16 * 16
    let scales = rows.map { row in row.reduce(0) { max($0, abs($1)) } / 127 }
    var bits = Array(
      repeating: UInt32(0), count: padded * (count + (weights == .int8 ? 2 : 0)))
    var values = rows
    for (column, row) in rows.enumerated() {
      let first = column / 64 * 64
      let vectors = min((n - first + 15) / 16, 4)
      var sum: Int32 = 0
      for (input, weight) in row.enumerated() {
        let field: UInt32
        switch weights {
        case .f32: field = weight.bitPattern
        case .bf16:
          field = PackageSample.rounded(weight).bitPattern >> 16
          values[column][input] = PackageSample.rounded(weight)
        case .int8:
          let q = scales[column] == 0 ? 0 : Int32((weight / scales[column]).rounded(.toNearestOrEven))
          field = UInt32(bitPattern: q) & 0xFF
          sum += q
          values[column][input] = Float(q) * scales[column]
        }
        let at = first * count + 16 * vectors * (input / perWord) + column % 64
        bits[at] |= field << UInt32(32 / perWord * (input % perWord))
      }
      if weights == .int8 {
        bits[padded * count + column] = scales[column].bitPattern
        bits[padded * (count + 1) + column] = UInt32(bitPattern: 128 * sum)
      }
    }
    self.values = values
    words = GuardedBuffer(bits.map { Float(bitPattern: $0) })
  }

  /// The gates of an LSTM in the order of its step, for matrices and biases given as i, f, g, o.
  static func gateOrder(_ hidden: Int) -> [Int] {
    stride(from: 0, to: hidden, by: 16).flatMap { first in
      (0..<4).flatMap { gate in (first..<min(first + 16, hidden)).map { gate * hidden + $0 } }
    }
  }

  /// Inputs as they are multiplied: with special instructions they are narrow too. `bound` is what no input is beyond,
  /// nil if that is to be found.
  func multiplied(_ x: [Float], on set: InstructionSet, bound: Float? = nil) -> [Double] {
    guard set.isFor(weights) else { return x.map(Double.init) }
    guard weights == .int8 else { return x.map { Double(PackageSample.rounded($0)) } }
    let bound = bound ?? x.reduce(0) { max($0, abs($1)) }
    guard bound > 0 else { return x.map { _ in 0 } }
    let factor = 127 / bound
    return x.map { Double(($0 * factor).rounded(.toNearestOrEven)) * Double(bound) / 127 }
  }

  /// A column's product with such inputs, and how far a result may be from it.
  func product(_ x: [Double], column: Int) -> (value: Double, tolerance: Double) {
    var sum = Bounded()
    for (a, b) in zip(x, values[column]) { sum.add(a * Double(b)) }
    return (sum.value, 2e-6 * sum.magnitude + 1e-30)
  }
}
