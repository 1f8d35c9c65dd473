import Foundation
import Testing

@testable import WeftCodegen

/// Kernels of compiled taggers, over all types of weights. What they compute is exact to the rounding of single
/// precision, given how weights and (with special instructions) inputs are rounded first.
@Suite struct WideTests {
  @Test(arguments: Target.all, WeightType.allCases) func linear(_ target: Target, _ weights: WeightType)
    throws
  {
    for (n, k) in TestInstances.wide {
      var numbers = Numbers(n + k)
      let matrix = WideMatrix(numbers.matrix(n, k), weights)
      let agrees = try Self.checkLinear(
        KernelInstance(Kernel.wideLinear(weights), [n, k]), n, k, matrix.words, on: target,
        rows: [(1, true, false), (7, false, true), (30, true, true), (0, true, false)], &numbers
      ) { input in
        let multiplied = matrix.multiplied(input, on: target.set)
        return (0..<n).map { matrix.product(multiplied, column: $0) }
      }
      guard agrees else { return }
    }
  }

  /// A product with a matrix [n × k] against sums in double precision, with and without biases and addition to what is there;
  /// false after the first difference. `products` is what a row of inputs comes to in each column, and how far a result
  /// may be from it.
  static func checkLinear(
    _ linear: KernelInstance, _ n: Int, _ k: Int, _ words: GuardedBuffer<Float>, on target: Target,
    rows cases: [(Int, Bool, Bool)] = [
      (1, true, false), (2, false, true), (13, true, true), (0, true, false),
    ],
    _ numbers: inout Numbers, products: ([Float]) -> [(value: Double, tolerance: Double)]
  ) throws -> Bool {
    let kernels = try target.kernels()
    let bias = GuardedBuffer(numbers.floats(n))
    for (rows, hasBias, adds) in cases {
      var input = numbers.matrix(rows, k, 2)
      if rows == 7 { input[3] = input[3].map { _ in 0 } }
      let before = numbers.matrix(rows, n)
      let (x, y) = (GuardedMatrix(input, columns: k), GuardedMatrix(before, columns: n))
      try kernels.call(
        linear,
        [.int(rows)] + Argument.matrix(x) + [.floats(words), .floats(hasBias ? bias : nil)]
          + Argument.matrix(y) + [.int(adds ? 1 : 0)])
      #expect(x.isIntact && y.isIntact)
      for row in 0..<rows {
        let expectedRow = products(input[row])
        try #require(expectedRow.count == n)
        for (column, product) in expectedRow.enumerated() {
          var (expected, tolerance) = product
          if hasBias { expected += Double(bias[column]) }
          if adds { expected += Double(before[row][column]) }
          tolerance += 1e-6 * (1 + abs(expected))
          guard abs(Double(y[row, column]) - expected) <= tolerance else {
            Issue.record(
              "\(n) × \(k), \(rows) rows, row \(row) column \(column): \(y[row, column]), not \(expected)")
            return false
          }
        }
      }
    }
    return true
  }

  @Test(arguments: Target.all, WeightType.allCases)
  func lstmStep(_ target: Target, _ weights: WeightType) throws {
    for hidden in TestInstances.wideHidden(weights) {
      var numbers = Numbers(hidden + 3)
      let matrix = WideMatrix(numbers.matrix(4 * hidden, hidden, 1 / Float(hidden).squareRoot()), weights)
      let step = KernelInstance(Kernel.wideLstmStep(weights), [hidden])
      // Where states are rounded, so are cells formed less exactly: 7e-5 of a sigmoid, 1.3e-4 of a hyperbolic tangent.
      let tolerance = target.set.isFor(weights) ? 6e-4 : 4e-6
      let agrees = try Self.checkStep(
        step, of: hidden, matrix.words, on: target, within: tolerance, &numbers
      ) { state in
        let state = matrix.multiplied(state, on: target.set, bound: 1)
        return (0..<4 * hidden).map { matrix.product(state, column: $0).value }
      }
      guard agrees else { return }
    }
  }

  /// The functions that form cells: as exact as elsewhere, or as near as the kernels say where states are rounded.
  @Test(arguments: Target.all, WeightType.allCases)
  func functionsOfCells(_ target: Target, _ weights: WeightType) throws {
    let hidden = try #require(TestInstances.wideHidden(weights).max())
    let step = KernelInstance(Kernel.wideLstmStep(weights), [hidden])
    let matrix = WideMatrix(Array(repeating: Array(repeating: 0, count: hidden), count: 4 * hidden), weights)
    let isNear = target.set.isFor(weights)
    let order = WideMatrix.gateOrder(hidden)
    let special: [Float] = [.infinity, -.infinity, 0, -0.0, 1e30, -1e30, Float.leastNonzeroMagnitude, -86]
    let inputs = special + (0..<4 * hidden).map { Float($0 - 2 * hidden) * 37 / Float(hidden) / 2 }
    /// The cell where gate i or g is given and the other one is open: c = σ(i) tanh(g).
    func cells(_ open: Int, _ values: [Float]) throws -> [Float] {
      var given = Array(repeating: Float(60), count: 4 * hidden)
      for (column, gate) in order.enumerated() where gate / hidden != open && gate / hidden != 3 {
        given[column] = values[gate % hidden]
      }
      let gates = GuardedMatrix([given], columns: 4 * hidden)
      let zeros = [Array(repeating: Float(0), count: hidden)]
      let c = GuardedMatrix(zeros, columns: hidden)
      let h = GuardedMatrix(zeros, columns: hidden)
      try target.kernels().call(
        step,
        [.int(1), .int(0), .int(0), .floats(matrix.words), .rows(gates)]
          + Argument.matrix(GuardedMatrix(zeros, columns: hidden)) + Argument.matrix(c) + Argument.matrix(h))
      return c.row(0)
    }
    for first in stride(from: 0, through: inputs.count - hidden, by: hidden) {
      let values = Array(inputs[first..<(first + hidden)])
      for (x, found) in zip(values, try cells(2, values)) {
        let expected = LstmTests.sigmoid(Double(x))
        #expect(
          abs(Double(found) - expected) <= (isNear ? 7e-5 : 4e-7) * expected + 2e-38, "σ(\(x)) = \(found)")
      }
      for (x, found) in zip(values, try cells(0, values)) {
        let expected = tanh(Double(x))
        #expect(abs(Double(found) - expected) <= (isNear ? 1.3e-4 : 4e-7), "tanh(\(x)) = \(found)")
      }
    }
    for found in try cells(2, Array(repeating: .nan, count: hidden)) { #expect(found.isNaN) }
  }

  /// A step against a model in double precision of the cell, for rows that go on and rows that begin; false after the first
  /// difference. `products` is what a previous state adds to the columns of the gates.
  static func checkStep(
    _ step: KernelInstance, of hidden: Int, _ words: GuardedBuffer<Float>, on target: Target,
    within tolerance: Double = 4e-6, _ numbers: inout Numbers, products: ([Float]) -> [Double]
  ) throws -> Bool {
    let kernels = try target.kernels()
    let order = WideMatrix.gateOrder(hidden)
    for (number, (rows, previous)) in [(1, 0), (1, 1), (2, 3), (5, 2), (7, 7), (30, 29), (0, 0)].enumerated()
    {
      let input = numbers.matrix(rows, 4 * hidden, 3)
      let before = numbers.matrix(max(rows, previous), hidden)
      let cellsBefore = numbers.matrix(rows, hidden, 2)
      // Rows may lie anywhere.
      let gates = GuardedMatrix(input.reversed(), columns: 4 * hidden)
      let hBefore = GuardedMatrix(before, columns: hidden)
      let c = GuardedMatrix(cellsBefore, columns: hidden)
      let h = GuardedMatrix(rows: rows, columns: hidden) { _, _ in 9 }
      try kernels.call(
        step,
        [.int(rows), .int(previous), .int(number), .floats(words), .rows(gates, (0..<rows).reversed())]
          + Argument.matrix(hBefore) + Argument.matrix(c) + Argument.matrix(h))
      #expect([gates, hBefore, c, h].allSatisfy { $0.isIntact })
      for row in 0..<rows {
        let goesOn = row < previous
        let added = goesOn ? products(before[row]) : []
        var pre = Array(repeating: 0.0, count: 4 * hidden)
        for (column, gate) in order.enumerated() {
          pre[gate] = Double(input[row][column]) + (goesOn ? added[column] : 0)
        }
        for unit in 0..<hidden {
          let i = LstmTests.sigmoid(pre[unit])
          let f = LstmTests.sigmoid(pre[hidden + unit])
          let o = LstmTests.sigmoid(pre[3 * hidden + unit])
          let cell = i * tanh(pre[2 * hidden + unit]) + (goesOn ? f * Double(cellsBefore[row][unit]) : 0)
          let expected = [cell, o * tanh(cell)]
          let found = [c[row, unit], h[row, unit]]
          guard zip(expected, found).allSatisfy({ abs($0 - Double($1)) <= tolerance }) else {
            Issue.record("H = \(hidden), row \(row) of \(rows), unit \(unit): \(found), not \(expected)")
            return false
          }
        }
      }
    }
    return true
  }

  /// Looked-up products give what the convolution of the embeddings gives.
  @Test(arguments: Target.all) func charTable(_ target: Target) throws {
    let kernels = try target.kernels()
    for (inputs, filters, width, relu) in TestInstances.conv {
      var numbers = Numbers(filters)
      let characters = 9
      let padded = (filters + 15) / 16 * 16
      let table = numbers.matrix(characters, width * padded).map { row in
        row.enumerated().map { $0.offset % padded < filters ? $0.element : 0 }
      }
      let bias = numbers.floats(filters)
      for lengths in [[1], [5, 3, 3, 1], [40] + Array(repeating: 2, count: 20), []] {
        let packing = TestPacking(lengths: lengths)
        let ids = (0..<packing.rows).map { _ in numbers.integer(characters) }
        let y = GuardedMatrix(rows: packing.lengths.count, columns: filters) { _, _ in 9 }
        try kernels.call(
          Kernel.charTable(filters, width, relu),
          [
            .int(packing.lengths.count), .integers(packing.buffer), .int(packing.steps),
            .integers(GuardedBuffer(ids.map(Int32.init))), .floats(GuardedBuffer(table.flatMap { $0 })),
            .floats(GuardedBuffer(bias)),
          ] + Argument.matrix(y))
        #expect(y.isIntact)
        for (form, length) in packing.lengths.enumerated() {
          for filter in 0..<filters {
            var best = -Double.infinity
            for position in 0..<length {
              let taps = (0..<width).map { (tap: $0, at: position + $0 - (width - 1) / 2) }
              best = max(
                best,
                taps.filter { (0..<length).contains($0.at) }.reduce(0) {
                  $0 + Double(table[ids[packing.row(form, $1.at)]][$1.tap * padded + filter])
                })
            }
            best += Double(bias[filter])
            if relu == 1 { best = max(0, best) }
            #expect(abs(Double(y[form, filter]) - best) <= 1e-5, "\(inputs), form \(form), filter \(filter)")
          }
        }
      }
    }
  }

  @Test(arguments: Target.all) func lookUp(_ target: Target) throws {
    let kernels = try target.kernels()
    var numbers = Numbers(5)
    for columns in [1, 5, 16, 100] {
      let table = numbers.matrix(7, columns)
      let index = [6, 0, 3, 3]
      let scales = numbers.floats(7)
      let narrow = table.map { $0.map { Int8(($0 * 127).rounded()) } }
      for weights in [WeightType.bf16, .int8] {
        let bytes: [UInt8] = table.indices.flatMap { row in
          weights == .int8
            ? narrow[row].map { UInt8(bitPattern: $0) }
            : table[row].flatMap { value in
              let bits = PackageSample.rounded(value).bitPattern
              return [UInt8(bits >> 16 & 0xFF), UInt8(bits >> 24)]
            }
        }
        let y = GuardedMatrix(rows: index.count, columns: columns) { _, _ in 9 }
        try kernels.call(
          KernelInstance(Kernel.lookUp(weights), []),
          [
            .int(index.count), .int(columns), .bytes(GuardedBuffer(bytes)),
            .floats(weights == .int8 ? GuardedBuffer(scales) : nil),
            .integers(GuardedBuffer(index.map(Int32.init))),
          ] + Argument.matrix(y))
        #expect(y.isIntact)
        for (row, from) in index.enumerated() {
          for column in 0..<columns {
            let expected =
              weights == .int8
              ? scales[from] * Float(narrow[from][column]) : PackageSample.rounded(table[from][column])
            #expect(y[row, column] == expected)
          }
        }
      }
    }
  }
}
