import Foundation

@testable import WeftCodegen

/// A matrix of some type of weights as kernels of compiled taggers read it, made by itself from its description.
struct WideMatrix {
  let weights: WeightType
  /// What the weights count for, after rounding.
  let values: [[Float]]
  let words: GuardedBuffer<Float>

  private let rows: [[Float]]

  /// The matrix with the same scales and zeros where a group of tasks does not use a weight.
  func masked(_ uses: (_ column: Int, _ input: Int) -> Bool) -> WideMatrix {
    WideMatrix(rows, weights, uses: uses)
  }

  /// - Parameters:
  ///   - rows: the matrix; each is a column of the wide form, in this order.
  ///   - uses: whether a weight is not to be zero.
  init(
    _ rows: [[Float]], _ weights: WeightType, uses: (_ column: Int, _ input: Int) -> Bool = { _, _ in true }
  ) {
    self.weights = weights
    self.rows = rows
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
      for (input, given) in row.enumerated() {
        let weight = uses(column, input) ? given : 0
        values[column][input] = weight
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

/// A matrix of which blocks of 16 columns × 1 input are kept, as kernels read it, made by itself from its description.
struct BlockSparseMatrix {
  /// The matrix with zeros where nothing is kept.
  let values: [[Float]]
  let words: GuardedBuffer<Float>

  /// - Parameters:
  ///   - rows: the matrix; each is a column of the packed form, in this order.
  ///   - isKept: of the 16 columns that a number stands for, and an input.
  init(_ rows: [[Float]], isKept: (_ vector: Int, _ input: Int) -> Bool) {
    let (n, k) = (rows.count, rows.first?.count ?? 0)
    let vectors = (n + 15) / 16
    var values = rows
    var starts: [UInt32] = [0]
    var inputs: [UInt16] = []
    var weights: [Float] = []
    for vector in 0..<vectors {
      let columns = 16 * vector..<min(16 * vector + 16, n)
      for input in 0..<k {
        guard isKept(vector, input) else {
          for column in columns { values[column][input] = 0 }
          continue
        }
        inputs.append(UInt16(input))
        weights += (0..<16).map { columns.lowerBound + $0 < n ? rows[columns.lowerBound + $0][input] : 0 }
      }
      starts.append(UInt32(inputs.count))
    }
    starts += Array(repeating: 0, count: (16 - starts.count % 16) % 16)
    inputs += Array(repeating: 0, count: (32 - inputs.count % 32) % 32)
    let lists = stride(from: 0, to: inputs.count, by: 2).map {
      UInt32(inputs[$0]) | UInt32(inputs[$0 + 1]) << 16
    }
    self.values = values
    words = GuardedBuffer((starts + lists).map { Float(bitPattern: $0) } + weights)
  }

  /// A column's product with inputs, and how far a result may be from it.
  func product(_ x: [Float], column: Int) -> (value: Double, tolerance: Double) {
    var sum = Bounded()
    for (a, b) in zip(x, values[column]) { sum.add(Double(a) * Double(b)) }
    return (sum.value, 2e-6 * sum.magnitude + 1e-30)
  }
}
