import Foundation
import Testing

@testable import WeftCodegen

@Suite struct LossTests {
  static func softmax(_ scores: [Float]) -> [Double] {
    let peak = Double(scores.max() ?? 0)
    let exponentials = scores.map { exp(Double($0) - peak) }
    let sum = exponentials.reduce(0, +)
    return exponentials.map { $0 / sum }
  }

  static func samples(_ labels: Int) -> [(scores: [[Float]], labels: [Int32])] {
    ProductTests.rows.map { rows in
      var numbers = Numbers(labels * 100 + rows)
      let scores = numbers.matrix(rows, labels, rows % 2 == 0 ? 3 : 60)
      return (scores, (0..<rows).map { _ in Int32(numbers.integer(labels + 1)) - 1 })
    }
  }

  @Test(arguments: Target.all) func crossEntropy(_ target: Target) throws {
    let kernels = try target.kernels()
    for labels in TestInstances.labels {
      for sample in Self.samples(labels) {
        for smoothing in [0.0, 0.1] as [Float] {
          let scores = GuardedMatrix(sample.scores, columns: labels)
          let count = GuardedBuffer<Int32>([-1])
          let arguments: [Argument] =
            [.int(sample.labels.count)] + Argument.matrix(scores)
            + [.integers(GuardedBuffer(sample.labels)), .float(smoothing)]
          let loss = try kernels.call(Kernel.crossEntropy(labels), arguments + [.integers(count)])
          var expected = 0.0
          let uniform = Double(smoothing) / Double(labels)
          for (row, label) in zip(sample.scores, sample.labels) where label >= 0 {
            for (column, p) in Self.softmax(row).enumerated() {
              let weight = (column == Int(label) ? 1 - Double(smoothing) : 0) + uniform
              expected -= weight == 0 ? 0 : weight * log(p)
            }
          }
          #expect(abs(loss - expected) <= 1e-6 * Double(sample.labels.count) * 60 + 1e-7)
          #expect(count[0] == sample.labels.count { $0 >= 0 })

          for adds in [false, true] {
            let d = GuardedMatrix(rows: sample.labels.count, columns: labels) {
              Float($0 % 3) - Float($1 % 2)
            }
            let before = d.buffer.elements
            try kernels.call(
              Kernel.crossEntropyGradient(labels),
              arguments + [.float(0.5)] + Argument.matrix(d) + [.int(adds ? 1 : 0)])
            #expect(d.isIntact && scores.isIntact)
            for (row, label) in sample.labels.enumerated() {
              let p = Self.softmax(sample.scores[row])
              for column in 0..<labels {
                let target = (column == Int(label) ? 1 - Double(smoothing) : 0) + uniform
                let change = label < 0 ? 0 : 0.5 * (p[column] - target)
                let start = adds ? Double(before[row * d.stride + column]) : 0
                #expect(abs(Double(d[row, column]) - start - change) <= 1e-6)
              }
            }
          }
        }
      }
    }
  }

  @Test(arguments: Target.all) func softmaxAndArgmax(_ target: Target) throws {
    let kernels = try target.kernels()
    for labels in TestInstances.labels {
      for sample in Self.samples(labels) {
        let rows = sample.scores.count
        let scores = GuardedMatrix(sample.scores, columns: labels)
        let p = GuardedMatrix(rows: rows, columns: labels) { _, _ in 9 }
        let best = GuardedBuffer<Int32>(repeating: -1, count: rows)
        try kernels.call(Kernel.softmax(labels), [.int(rows)] + Argument.matrix(scores) + Argument.matrix(p))
        try kernels.call(Kernel.argmax(labels), [.int(rows)] + Argument.matrix(scores) + [.integers(best)])
        #expect(p.isIntact && best.isIntact)
        for row in 0..<rows {
          let expected = Self.softmax(sample.scores[row])
          // Taking the greatest score off the others rounds once: an error in the exponent that grows with the gap.
          let peak = sample.scores[row].max() ?? 0
          for column in 0..<labels {
            let gap = Double(peak) - Double(sample.scores[row][column])
            #expect(
              abs(Double(p[row, column]) - expected[column]) <= (1e-6 + 6e-8 * gap) * expected[column]
                + 1.2e-38)
          }
          #expect(Int(best[row]) == sample.scores[row].firstIndex { $0 == peak })
        }
      }
    }
  }

  @Test(arguments: Target.all) func argmaxTakesTheFirstOfEquals(_ target: Target) throws {
    let scores = GuardedMatrix(rows: 2, columns: 17) { row, column in
      row == 0 ? 1 : column == 5 || column == 16 ? 2 : 0
    }
    let best = GuardedBuffer<Int32>(repeating: -1, count: 2)
    try target.kernels().call(Kernel.argmax(17), [.int(2)] + Argument.matrix(scores) + [.integers(best)])
    #expect(best.elements == [0, 5])
  }
}
