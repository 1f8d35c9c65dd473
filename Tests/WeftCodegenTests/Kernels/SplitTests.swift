import Testing

@testable import WeftCodegen

/// Products in tiles of weights in single precision as sums of two numbers in bf16: nearly as exact as in single precision.
@Suite struct SplitTests {
  private static let targets = Target.all.filter(\.set.hasTiles)

  @Test(arguments: targets) func linear(_ target: Target) throws {
    for (n, k) in TestInstances.wide {
      var numbers = Numbers(n + k + 1)
      let matrix = SplitMatrix(numbers.matrix(n, k))
      let agrees = try WideTests.checkLinear(
        Kernel.splitLinear(n, k), n, k, matrix.words, on: target,
        rows: [(1, true, false), (7, false, true), (30, true, true), (0, true, false)], &numbers
      ) { input in (0..<n).map { matrix.product(input, column: $0) } }
      guard agrees else { return }
    }
  }

  @Test(arguments: targets) func lstmStep(_ target: Target) throws {
    for hidden in TestInstances.hidden {
      var numbers = Numbers(hidden + 5)
      let matrix = SplitMatrix(numbers.matrix(4 * hidden, hidden, 1 / Float(hidden).squareRoot()))
      let agrees = try WideTests.checkStep(
        Kernel.splitLstmStep(hidden), of: hidden, matrix.words, on: target, within: 3e-5, &numbers
      ) { state in (0..<4 * hidden).map { matrix.product(state, column: $0).value } }
      guard agrees else { return }
    }
  }
}

/// A matrix in halves as tiles read it, made by itself from its description.
private struct SplitMatrix {
  let values: [[Float]]
  let words: GuardedBuffer<Float>

  /// - Parameter rows: the matrix; each is a column of the packed form, in this order.
  init(_ rows: [[Float]]) {
    let (n, k) = (rows.count, rows.first?.count ?? 0)
    let (depth, padded) = ((k + 31) / 32 * 32, (n + 15) / 16 * 16)
    var bits = Array(repeating: UInt32(0), count: padded * depth)
    for (column, row) in rows.enumerated() {
      let first = column / 64 * 64
      let width = 16 * min((n - first + 15) / 16, 4)
      for (input, weight) in row.enumerated() {
        let upper = PackageSample.rounded(weight)
        for (half, number) in [upper, PackageSample.rounded(weight - upper)].enumerated() {
          let word = input / 32 * 32 + 16 * half + input % 32 / 2
          bits[first * depth + width * word + column % 64] |=
            (number.bitPattern >> 16) << UInt32(16 * (input % 2))
        }
      }
    }
    values = rows
    words = GuardedBuffer(bits.map { Float(bitPattern: $0) })
  }

  /// A column's product with inputs, and how far a result may be from it: of each product three times 2⁻¹⁸ are lost, besides
  /// what sums are rounded.
  func product(_ x: [Float], column: Int) -> (value: Double, tolerance: Double) {
    var sum = Bounded()
    for (a, b) in zip(x, values[column]) { sum.add(Double(a) * Double(b)) }
    return (sum.value, (3 * 0x1p-18 + 2e-6) * sum.magnitude + 1e-30)
  }
}
