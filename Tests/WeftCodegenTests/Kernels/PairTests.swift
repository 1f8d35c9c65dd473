import Foundation
import Testing

@testable import WeftCodegen

/// Kernels over pairs of numbers in bf16. What they compute is exact to the rounding of single precision, given how
/// their operands are rounded first.
@Suite struct PairTests {
  private static func rounded(_ x: Float) -> Float { PackageSample.rounded(x) }

  /// A pair as the float whose place it takes.
  private static func pair(_ low: Float, _ high: Float) -> UInt32 {
    rounded(low).bitPattern >> 16 | rounded(high).bitPattern & 0xFFFF_0000
  }

  private static func bits(_ x: [Float]) -> [UInt32] { x.map(\.bitPattern) }

  /// Pairs of the columns of a matrix, made by the kernel.
  private static func columns(_ x: [[Float]], _ columns: Int, _ kernels: any CompiledKernels) throws
    -> GuardedMatrix
  {
    let source = GuardedMatrix(x, columns: columns)
    let pairs = GuardedMatrix(rows: x.count, columns: (columns + 1) / 2) { _, _ in 7 }
    try kernels.call(
      Kernel.pairColumns(),
      [.int(x.count), .int(columns)] + Argument.matrix(source) + Argument.matrix(pairs))
    #expect(source.isIntact && pairs.isIntact)
    return pairs
  }

  private static func rows(_ x: [[Float]], _ columns: Int, _ kernels: any CompiledKernels) throws
    -> GuardedMatrix
  {
    let source = GuardedMatrix(x, columns: columns)
    let pairs = GuardedMatrix(rows: (x.count + 1) / 2, columns: columns) { _, _ in 7 }
    try kernels.call(
      Kernel.pairRows(), [.int(x.count), .int(columns)] + Argument.matrix(source) + Argument.matrix(pairs))
    #expect(source.isIntact && pairs.isIntact)
    return pairs
  }

  /// Ordinary numbers, ties of rounding, the largest floats, infinity.
  @Test(arguments: Target.all) func pairing(_ target: Target) throws {
    let kernels = try target.kernels()
    for (rowCount, columnCount) in [(1, 1), (2, 5), (3, 16), (5, 33), (4, 64), (0, 4)] {
      var numbers = Numbers(columnCount)
      var x = numbers.matrix(rowCount, columnCount, 10)
      if rowCount == 5 {
        x[2] =
          [0x3F80_8000, 0x3F81_8000, 0xBF80_8000, 0x7F7F_0000, 0x7F80_0000, 0xFF80_0000, 0x8000_0000]
          .map { Float(bitPattern: $0) } + x[2].dropFirst(7)
      }
      let columns = try Self.columns(x, columnCount, kernels)
      for (row, values) in x.enumerated() {
        let expected = stride(from: 0, to: columnCount, by: 2).map {
          Self.pair(values[$0], $0 + 1 < columnCount ? values[$0 + 1] : 0)
        }
        #expect(Self.bits(columns.row(row)) == expected)
      }
      let rows = try Self.rows(x, columnCount, kernels)
      for row in stride(from: 0, to: rowCount, by: 2) {
        let expected = (0..<columnCount).map {
          Self.pair(x[row][$0], row + 1 < rowCount ? x[row + 1][$0] : 0)
        }
        #expect(Self.bits(rows.row(row / 2)) == expected)
      }
    }
  }

  @Test(arguments: Target.all) func notANumberStays(_ target: Target) throws {
    let kernels = try target.kernels()
    let x: [[Float]] = [[.nan, 1, -.nan], [2, .signalingNaN, 3]]
    for pairs in [try Self.columns(x, 3, kernels), try Self.rows(x, 3, kernels)] {
      let halves = (0..<pairs.rows).flatMap { pairs.row($0) }.flatMap { float -> [Float] in
        [Float(bitPattern: float.bitPattern << 16), Float(bitPattern: float.bitPattern & 0xFFFF_0000)]
      }
      #expect(halves.count(where: \.isNaN) == 3)
    }
  }

  @Test(arguments: Target.all) func linear(_ target: Target) throws {
    let kernels = try target.kernels()
    for (n, k) in TestInstances.pairs {
      var numbers = Numbers(n * 31 + k)
      let (weight, bias) = (numbers.matrix(n, k), numbers.floats(n))
      let words = (k + 1) / 2
      let panels = GuardedBuffer<Float>(repeating: 7, count: (n + 15) / 16 * 16 * words)
      try kernels.call(
        Kernel.packPairPanels(),
        [.size(n), .size(k), .floats(GuardedBuffer(weight.flatMap { $0 })), .words(nil), .floats(panels)])
      // Blocks of rows are of up to 32.
      for (number, rowCount) in [0, 1, 2, 7, 13, 45].enumerated() {
        let adds = number % 2 == 1
        let x = numbers.matrix(rowCount, k)
        let pairs = try Self.columns(x, k, kernels)
        let y = GuardedMatrix(rows: rowCount, columns: n) { Float($0) - Float($1 % 5) }
        let before = y.buffer.elements
        try kernels.call(
          Kernel.pairLinear(n, k),
          [.int(rowCount)] + Argument.matrix(pairs) + [.floats(panels), .floats(GuardedBuffer(bias))]
            + Argument.matrix(y) + [.int(adds ? 1 : 0)])
        #expect(y.isIntact && panels.isIntact)
        for row in 0..<rowCount {
          for column in 0..<n {
            var expected = ProductTests.dot(x[row].map(Self.rounded), weight[column].map(Self.rounded))
            expected.add(Double(bias[column]))
            if adds { expected.add(Double(before[row * y.stride + column])) }
            guard expected.allows(y[row, column]) else {
              Issue.record("\(n)×\(k), \(rowCount) rows: y[\(row), \(column)] is not \(expected)")
              return
            }
          }
        }
      }
    }
  }

  @Test(arguments: Target.all) func weightGradient(_ target: Target) throws {
    let kernels = try target.kernels()
    for (n, k) in TestInstances.pairs {
      // Rows are turned in parts of up to 512.
      for rowCount in n == 800 ? [37] : n == 50 ? [38, 601] : [0, 1, 2, 5, 38] {
        let add = rowCount % 2 == 1
        var numbers = Numbers(n + k + rowCount)
        let (dy, x, old) = (numbers.matrix(rowCount, n), numbers.matrix(rowCount, k), numbers.floats(n * k))
        let dweight = GuardedBuffer(old)
        let isMasked = rowCount % 3 == 2
        let mask = (0..<n * k).map { _ in UInt8(numbers.integer(2)) }
        try kernels.call(
          Kernel.pairWeightGradient(n, k),
          [.int(rowCount)] + Argument.matrix(try Self.rows(dy, n, kernels))
            + Argument.matrix(try Self.rows(x, k, kernels)) + [
              .floats(dweight), .words(isMasked ? MaskWords.buffer(mask, columns: k) : nil),
              .int(add ? 1 : 0),
            ])
        #expect(dweight.isIntact)
        let result = dweight.elements
        let dyColumns = (0..<n).map { i in dy.map { Self.rounded($0[i]) } }
        let xColumns = (0..<k).map { j in x.map { Self.rounded($0[j]) } }
        for i in 0..<n {
          for j in 0..<k {
            var expected = ProductTests.dot(dyColumns[i], xColumns[j])
            if add { expected.add(Double(old[i * k + j])) }
            if isMasked && mask[i * k + j] == 0 { expected = Bounded() }
            guard expected.allows(result[i * k + j]) else {
              Issue.record("\(n)×\(k), \(rowCount) rows: dW[\(i), \(j)] is not \(expected)")
              return
            }
          }
        }
      }
    }
  }

  /// What is packed, by its place: two canonical places, nil for none. With a mask and without.
  private static func check(
    _ kernel: Kernel, on target: Target, sizes: [Int], weights: Int, columns: Int, packed: Int,
    source: (_ at: Int) -> (Int?, Int?)
  ) throws {
    var numbers = Numbers(weights)
    let weight = numbers.floats(weights)
    let mask = (0..<weights).map { _ in UInt8(numbers.integer(2)) }
    for isMasked in [false, true] {
      let panels = GuardedBuffer<Float>(repeating: 7, count: packed)
      try target.kernels().call(
        kernel(),
        sizes.map { .size($0) } + [
          .floats(GuardedBuffer(weight)), .words(isMasked ? MaskWords.buffer(mask, columns: columns) : nil),
          .floats(panels),
        ])
      #expect(panels.isIntact)
      func value(_ at: Int?) -> Float { at.map { isMasked && mask[$0] == 0 ? 0 : weight[$0] } ?? 0 }
      let expected = (0..<packed).map { pair(value(source($0).0), value(source($0).1)) }
      #expect(bits(panels.elements) == expected, "\(kernel.name) \(sizes)")
    }
  }

  @Test(arguments: Target.all) func packing(_ target: Target) throws {
    for (n, k) in [(1, 1), (3, 5), (16, 4), (17, 130), (50, 33), (5, 48)] {
      let (columnPairs, rowPairs) = ((k + 1) / 2, (n + 1) / 2)
      try Self.check(
        .packPairPanels, on: target, sizes: [n, k], weights: n * k, columns: k,
        packed: (n + 15) / 16 * 16 * columnPairs
      ) { at in
        let row = at / (16 * columnPairs) * 16 + at % 16
        let column = at / 16 % columnPairs * 2
        return row < n ? (row * k + column, column + 1 < k ? row * k + column + 1 : nil) : (nil, nil)
      }
      try Self.check(
        .packPairPanelsTransposed, on: target, sizes: [n, k], weights: n * k, columns: k,
        packed: (k + 15) / 16 * 16 * rowPairs
      ) { at in
        let column = at / (16 * rowPairs) * 16 + at % 16
        let row = at / 16 % rowPairs * 2
        return column < k ? (row * k + column, row + 1 < n ? (row + 1) * k + column : nil) : (nil, nil)
      }
    }
    for hidden in [1, 5, 16, 17, 50] {
      let words = (hidden + 1) / 2
      try Self.check(
        .packPairLstmPanels, on: target, sizes: [hidden], weights: 4 * hidden * hidden, columns: hidden,
        packed: (hidden + 15) / 16 * 64 * words
      ) { at in
        let unit = at / (64 * words) * 16 + at % 16
        let row = (at / 16 % 4 * hidden + unit) * hidden
        let k = at / 64 % words * 2
        return unit < hidden ? (row + k, k + 1 < hidden ? row + k + 1 : nil) : (nil, nil)
      }
    }
  }

  @Test(arguments: Target.all) func lstmStep(_ target: Target) throws {
    let kernels = try target.kernels()
    for hidden in TestInstances.hidden {
      var numbers = Numbers(hidden)
      let weight = numbers.matrix(4 * hidden, hidden, 1 / Float(hidden).squareRoot())
      let panels = GuardedBuffer<Float>(
        repeating: 7, count: (hidden + 15) / 16 * 64 * ((hidden + 1) / 2))
      try kernels.call(
        Kernel.packPairLstmPanels(),
        [.size(hidden), .floats(GuardedBuffer(weight.flatMap { $0 })), .words(nil), .floats(panels)])
      let narrow = weight.map { $0.map(Self.rounded) }
      for (rows, previous) in [(1, 0), (1, 1), (2, 3), (7, 7), (11, 4), (45, 40), (0, 0)] {
        let input = numbers.matrix(rows, 4 * hidden, 3)
        let (hBefore, cBefore) = (numbers.matrix(previous, hidden), numbers.matrix(previous, hidden, 2))
        let gates = GuardedMatrix(input, columns: 4 * hidden)
        let h = GuardedMatrix(rows: rows, columns: hidden) { _, _ in 9 }
        let c = GuardedMatrix(rows: rows, columns: hidden) { _, _ in 9 }
        let cPrevious = GuardedMatrix(cBefore, columns: hidden)
        try kernels.call(
          Kernel.pairLstmStep(hidden),
          [.int(rows), .int(previous), .floats(panels)] + Argument.matrix(gates)
            + Argument.matrix(try Self.columns(hBefore, hidden, kernels)) + Argument.matrix(cPrevious)
            + Argument.matrix(h) + Argument.matrix(c))
        #expect([gates, h, c, cPrevious].allSatisfy { $0.isIntact })
        for row in 0..<rows {
          let isContinued = row < previous
          for unit in 0..<hidden {
            let pre = (0..<4).map { gate -> Double in
              let at = gate * hidden + unit
              let product =
                isContinued ? ProductTests.dot(hBefore[row].map(Self.rounded), narrow[at]).value : 0
              return Double(input[row][at]) + product
            }
            let (i, f, o) = (LstmTests.sigmoid(pre[0]), LstmTests.sigmoid(pre[1]), LstmTests.sigmoid(pre[3]))
            let cell = i * tanh(pre[2]) + (isContinued ? f * Double(cBefore[row][unit]) : 0)
            let expected = [i, f, tanh(pre[2]), o, cell, o * tanh(cell)]
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
}
