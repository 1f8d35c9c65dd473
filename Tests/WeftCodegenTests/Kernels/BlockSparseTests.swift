import Foundation
import Testing

@testable import WeftCodegen

/// Products with kept blocks, against sums in double precision: all blocks, none, some, and whole columns without any.
@Suite struct BlockSparseTests {
  enum Kept: CaseIterable {
    case all, none, random, fewColumns

    func isKept(_ vector: Int, _ input: Int) -> Bool {
      switch self {
      case .all: true
      case .none: false
      case .random: (vector * 31 + input * 17 + input / 7) % 4 == 0
      case .fewColumns: vector % 3 == 1 && input % 5 != 2
      }
    }
  }

  @Test(arguments: Target.all, Kept.allCases) func linear(_ target: Target, _ kept: Kept) throws {
    let kernels = try target.kernels()
    for (n, k) in TestInstances.wide {
      var numbers = Numbers(n * k)
      let matrix = BlockSparseMatrix(numbers.matrix(n, k), isKept: kept.isKept)
      let bias = GuardedBuffer(numbers.floats(n))
      for (rows, hasBias, adds) in [(1, true, false), (2, false, true), (13, true, true), (0, true, false)] {
        let input = numbers.matrix(rows, k, 2)
        let before = numbers.matrix(rows, n)
        let (x, y) = (GuardedMatrix(input, columns: k), GuardedMatrix(before, columns: n))
        try kernels.call(
          Kernel.blockSparseLinear(n, k),
          [.int(rows)] + Argument.matrix(x) + [.floats(matrix.words), .floats(hasBias ? bias : nil)]
            + Argument.matrix(y) + [.int(adds ? 1 : 0)])
        #expect(x.isIntact && y.isIntact)
        for row in 0..<rows {
          for column in 0..<n {
            var (expected, tolerance) = matrix.product(input[row], column: column)
            if hasBias { expected += Double(bias[column]) }
            if adds { expected += Double(before[row][column]) }
            tolerance += 1e-6 * (1 + abs(expected))
            guard abs(Double(y[row, column]) - expected) <= tolerance else {
              Issue.record(
                "\(n) × \(k), \(rows) rows, row \(row) column \(column): \(y[row, column]), not \(expected)")
              return
            }
          }
        }
      }
    }
  }

  @Test(arguments: Target.all, Kept.allCases) func lstmStep(_ target: Target, _ kept: Kept) throws {
    for hidden in TestInstances.hidden {
      var numbers = Numbers(hidden + 3)
      let matrix = BlockSparseMatrix(
        numbers.matrix(4 * hidden, hidden, 1 / Float(hidden).squareRoot()), isKept: kept.isKept)
      let step = Kernel.blockSparseLstmStep(hidden)
      let agrees = try WideTests.checkStep(step, of: hidden, matrix.words, on: target, &numbers) { state in
        (0..<4 * hidden).map { matrix.product(state, column: $0).value }
      }
      guard agrees else { return }
    }
  }
}
