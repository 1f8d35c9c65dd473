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

  /// Against a model in double precision of the cell, for rows that go on and rows that begin.
  @Test(arguments: Target.all, Kept.allCases) func lstmStep(_ target: Target, _ kept: Kept) throws {
    let kernels = try target.kernels()
    for hidden in TestInstances.hidden {
      var numbers = Numbers(hidden + 3)
      let order = WideMatrix.gateOrder(hidden)
      let scale = 1 / Float(hidden).squareRoot()
      let matrix = BlockSparseMatrix(numbers.matrix(4 * hidden, hidden, scale), isKept: kept.isKept)
      for (rows, previous) in [(1, 0), (1, 1), (2, 3), (5, 2), (7, 7), (30, 29), (0, 0)] {
        let input = numbers.matrix(rows, 4 * hidden, 3)
        let before = numbers.matrix(max(rows, previous), hidden)
        let cellsBefore = numbers.matrix(rows, hidden, 2)
        let gates = GuardedMatrix(input, columns: 4 * hidden)
        let hBefore = GuardedMatrix(before, columns: hidden)
        let c = GuardedMatrix(cellsBefore, columns: hidden)
        let h = GuardedMatrix(rows: rows, columns: hidden) { _, _ in 9 }
        try kernels.call(
          Kernel.blockSparseLstmStep(hidden),
          [.int(rows), .int(previous), .floats(matrix.words)] + Argument.matrix(gates)
            + Argument.matrix(hBefore) + Argument.matrix(c) + Argument.matrix(h))
        #expect([gates, hBefore, c, h].allSatisfy { $0.isIntact })
        for row in 0..<rows {
          let goesOn = row < previous
          var pre = Array(repeating: 0.0, count: 4 * hidden)
          for (column, gate) in order.enumerated() {
            pre[gate] = Double(input[row][column])
            if goesOn { pre[gate] += matrix.product(before[row], column: column).value }
          }
          for unit in 0..<hidden {
            let i = LstmTests.sigmoid(pre[unit])
            let f = LstmTests.sigmoid(pre[hidden + unit])
            let o = LstmTests.sigmoid(pre[3 * hidden + unit])
            let cell =
              i * tanh(pre[2 * hidden + unit]) + (goesOn ? f * Double(cellsBefore[row][unit]) : 0)
            let expected = [cell, o * tanh(cell)]
            let found = [c[row, unit], h[row, unit]]
            guard zip(expected, found).allSatisfy({ abs($0 - Double($1)) <= 4e-6 }) else {
              Issue.record("H = \(hidden), row \(row) of \(rows), unit \(unit): \(found), not \(expected)")
              return
            }
          }
        }
      }
    }
  }
}
