@testable import WeftCodegen

/// A matrix of which any weights are kept, in windows as kernels read them, made by itself from the description in
/// `Templates/shared/packed.c.in`.
struct PackedMatrix {
  /// The matrix with zeros where nothing is kept.
  let values: [[Float]]
  let words: GuardedBuffer<Float>
  /// First inputs of the windows of each 16 columns.
  let firstInputs: [[Int]]

  /// - Parameters:
  ///   - rows: the matrix; each is a column of the packed form, in this order.
  ///   - isKept: of a column and an input.
  init(_ rows: [[Float]], isKept: (_ column: Int, _ input: Int) -> Bool) {
    let (n, k) = (rows.count, rows.first?.count ?? 0)
    values = rows.enumerated().map { column, row in
      row.enumerated().map { isKept(column, $0.offset) ? $0.element : 0 }
    }
    var starts: [UInt32] = [0]
    var firstInputs: [[Int]] = []
    var numbers: [UInt8] = []
    var weights: [Float] = []
    for vector in 0..<(n + 15) / 16 {
      var left = (16 * vector..<16 * vector + 16).map { column in
        column < n ? (0..<k).filter { isKept(column, $0) } : []
      }
      var firsts: [Int] = []
      while let first = left.compactMap(\.first).min() {
        let begin = k <= 32 ? 0 : min(first, k - 32)
        var taken = left.map { inputs in Array(inputs.prefix(4).prefix { $0 < begin + 32 }) }
        for column in 0..<16 {
          left[column].removeFirst(taken[column].count)
          taken[column] += Array(repeating: -1, count: 4 - taken[column].count)
        }
        for turn in 0..<4 {
          for column in 0..<16 {
            let input = taken[column][turn]
            numbers.append(input < 0 ? 0 : UInt8(input - begin))
            weights.append(input < 0 ? 0 : rows[16 * vector + column][input])
          }
        }
        firsts.append(begin)
      }
      firstInputs.append(firsts)
      starts.append(UInt32(starts[vector]) + UInt32(firsts.count))
    }
    self.firstInputs = firstInputs
    starts += Array(repeating: 0, count: (16 - starts.count % 16) % 16)
    var halves = firstInputs.joined().map(UInt32.init)
    halves += Array(repeating: 0, count: (32 - halves.count % 32) % 32)
    let lists = stride(from: 0, to: halves.count, by: 2).map { halves[$0] | halves[$0 + 1] << 16 }
    let bytes = stride(from: 0, to: numbers.count, by: 4).map { first in
      (0..<4).reduce(UInt32(0)) { $0 | UInt32(numbers[first + $1]) << UInt32(8 * $1) }
    }
    words = GuardedBuffer((starts + lists + bytes).map { Float(bitPattern: $0) } + weights)
  }

  /// A column's product with inputs, and how far a result may be from it.
  func product(_ x: [Float], column: Int) -> (value: Double, tolerance: Double) {
    var sum = Bounded()
    for (a, b) in zip(x, values[column]) { sum.add(Double(a) * Double(b)) }
    return (sum.value, 2e-6 * sum.magnitude + 1e-30)
  }
}
