import Foundation
import Testing

@testable import WeftCodegen

@Suite struct LstmTests {
  /// Sizes of a step: rows, rows of the step before, rows of the step after.
  static let steps = [
    (1, 0, 0), (1, 1, 1), (2, 3, 1), (3, 3, 3), (5, 2, 7), (6, 6, 0), (7, 7, 7), (10, 10, 10), (11, 4, 12),
    (37, 36, 37), (0, 0, 0),
  ]

  static func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x)) }

  @Test(arguments: Target.all) func step(_ target: Target) throws {
    let kernels = try target.kernels()
    for hidden in TestInstances.hidden {
      var numbers = Numbers(hidden)
      let weight = numbers.matrix(4 * hidden, hidden, 1 / Float(hidden).squareRoot())
      let panels = GuardedBuffer<Float>(repeating: 7, count: (hidden + 15) / 16 * 64 * hidden)
      _ = try kernels.call(
        named: "pack_lstm_panels_f32",
        [.size(hidden), .floats(GuardedBuffer(weight.flatMap { $0 })), .words(nil), .floats(panels)])
      for (rows, previous, _) in Self.steps where hidden < 200 || rows != 37 {
        let input = numbers.matrix(rows, 4 * hidden, 3)
        let hBefore = numbers.matrix(previous, hidden)
        let cBefore = numbers.matrix(previous, hidden, 2)
        let gates = GuardedMatrix(input, columns: 4 * hidden)
        let h = GuardedMatrix(rows: rows, columns: hidden) { _, _ in 9 }
        let c = GuardedMatrix(rows: rows, columns: hidden) { _, _ in 9 }
        let hPrevious = GuardedMatrix(hBefore, columns: hidden)
        let cPrevious = GuardedMatrix(cBefore, columns: hidden)
        try kernels.call(
          Kernel.lstmStep(hidden),
          [.int(rows), .int(previous), .floats(panels)] + Argument.matrix(gates) + Argument.matrix(hPrevious)
            + Argument.matrix(cPrevious) + Argument.matrix(h) + Argument.matrix(c))
        #expect([gates, h, c, hPrevious, cPrevious].allSatisfy { $0.isIntact })
        for row in 0..<rows {
          let isContinued = row < previous
          for unit in 0..<hidden {
            let pre = (0..<4).map { gate -> Double in
              let at = gate * hidden + unit
              let product = isContinued ? ProductTests.dot(hBefore[row], weight[at]).value : 0
              return Double(input[row][at]) + product
            }
            let i = Self.sigmoid(pre[0])
            let f = Self.sigmoid(pre[1])
            let g = tanh(pre[2])
            let o = Self.sigmoid(pre[3])
            let cell = i * g + (isContinued ? f * Double(cBefore[row][unit]) : 0)
            let expected = [i, f, g, o, cell, o * tanh(cell)]
            let found = (0..<4).map { gates[row, $0 * hidden + unit] } + [c[row, unit], h[row, unit]]
            guard zip(expected, found).allSatisfy({ abs($0 - Double($1)) <= 2e-6 }) else {
              Issue.record(
                "H = \(hidden), \(rows)/\(previous) rows, row \(row) unit \(unit): \(found), not \(expected)")
              return
            }
          }
        }
      }
    }
  }

  @Test(arguments: Target.all) func stepGradient(_ target: Target) throws {
    let kernels = try target.kernels()
    for hidden in TestInstances.hidden {
      var numbers = Numbers(hidden + 1)
      for (rows, previous, next) in Self.steps where hidden < 200 || rows != 37 {
        let activated = (0..<rows).map { _ in
          (0..<4 * hidden).map { at in
            let value = numbers.float()
            return at / hidden == 2 ? value : (value + 1) / 2
          }
        }
        let cells = numbers.matrix(rows, hidden, 2)
        let before = numbers.matrix(previous, hidden, 2)
        let dy = numbers.matrix(rows, hidden)
        let dhNext = numbers.matrix(next, hidden)
        let dcNext = numbers.matrix(rows, hidden)
        let gates = GuardedMatrix(activated, columns: 4 * hidden)
        let dc = GuardedMatrix(dcNext, columns: hidden)
        let read = [cells, before, dy, dhNext].map { GuardedMatrix($0, columns: hidden) }
        try kernels.call(
          Kernel.lstmStepGradient(hidden),
          [.int(rows), .int(previous), .int(next)] + Argument.matrix(gates)
            + read.flatMap { Argument.matrix($0) }
            + Argument.matrix(dc))
        #expect(([gates, dc] + read).allSatisfy { $0.isIntact })
        for row in 0..<rows {
          for unit in 0..<hidden {
            let (i, f, g, o) = (
              Double(activated[row][unit]), Double(activated[row][hidden + unit]),
              Double(activated[row][2 * hidden + unit]), Double(activated[row][3 * hidden + unit])
            )
            let t = tanh(Double(cells[row][unit]))
            let dh = Double(dy[row][unit]) + (row < next ? Double(dhNext[row][unit]) : 0)
            let dcell = (row < next ? Double(dcNext[row][unit]) : 0) + dh * o * (1 - t * t)
            let expected = [
              dcell * g * i * (1 - i), row < previous ? dcell * Double(before[row][unit]) * f * (1 - f) : 0,
              dcell * i * (1 - g * g), dh * t * o * (1 - o), dcell * f,
            ]
            let found = (0..<4).map { gates[row, $0 * hidden + unit] } + [dc[row, unit]]
            guard zip(expected, found).allSatisfy({ abs($0 - Double($1)) <= 2e-6 }) else {
              Issue.record("H = \(hidden), \(rows) rows, row \(row) unit \(unit): \(found), not \(expected)")
              return
            }
          }
        }
      }
    }
  }
}
