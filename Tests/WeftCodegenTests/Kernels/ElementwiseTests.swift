import Foundation
import Testing

@testable import WeftCodegen

@Suite struct ElementwiseTests {
  static let shapes = [(0, 5), (1, 1), (3, 17), (5, 50), (2, 200), (11, 33)]

  /// Calls a kernel of rows with float matrices and compares its last matrix with an expectation.
  private static func check(
    _ kernel: Kernel, on target: Target, inputs: Int, tolerance: Double = 1e-6,
    _ expected: (_ values: [Double], _ before: Double) -> Double
  ) throws {
    for (rows, columns) in shapes {
      var numbers = Numbers(rows * 100 + columns)
      let values = (0..<inputs).map { _ in numbers.matrix(rows, columns, 4) }
      let old = numbers.matrix(rows, columns)
      let matrices = values.map { GuardedMatrix($0, columns: columns) }
      let y = GuardedMatrix(old, columns: columns)
      try target.kernels().call(
        KernelInstance(kernel, []),
        [.int(rows), .int(columns)] + (matrices + [y]).flatMap { Argument.matrix($0) })
      #expect((matrices + [y]).allSatisfy { $0.isIntact })
      for row in 0..<rows {
        for column in 0..<columns {
          let value = expected(values.map { Double($0[row][column]) }, Double(old[row][column]))
          #expect(abs(Double(y[row, column]) - value) <= tolerance * max(1, abs(value)))
        }
      }
    }
  }

  @Test(arguments: Target.all) func rows(_ target: Target) throws {
    try Self.check(.multiply, on: target, inputs: 2) { values, _ in values[0] * values[1] }
    try Self.check(.addRows, on: target, inputs: 1) { $0[0] + $1 }
    try Self.check(.copyRows, on: target, inputs: 1, tolerance: 0) { values, _ in values[0] }
  }

  @Test(arguments: Target.all) func scaledRows(_ target: Target) throws {
    let kernels = try target.kernels()
    for (rows, columns) in Self.shapes {
      for (add, factor) in [(0, 0.3), (1, -1.7), (0, 1), (1, 0)] as [(Int, Float)] {
        var numbers = Numbers(rows * 100 + columns)
        let (values, old) = (numbers.matrix(rows, columns, 4), numbers.matrix(rows, columns))
        let (x, y) = (GuardedMatrix(values, columns: columns), GuardedMatrix(old, columns: columns))
        try kernels.call(
          Kernel.scaleRows(),
          [.int(rows), .int(columns), .float(factor)] + Argument.matrix(x) + Argument.matrix(y) + [.int(add)])
        #expect(x.isIntact && y.isIntact)
        for row in 0..<rows {
          // Times 1 changes no bit.
          if factor == 1 { #expect(y.row(row) == values[row]) }
          for column in 0..<columns {
            var expected = Bounded()
            expected.add(Double(factor) * Double(values[row][column]))
            if add == 1 { expected.add(Double(old[row][column])) }
            #expect(expected.allows(y[row, column]))
          }
        }
      }
    }
  }

  @Test(arguments: Target.all) func dotOfRows(_ target: Target) throws {
    for (rows, columns) in Self.shapes + [(700, 3)] {
      var numbers = Numbers(rows + 7 * columns)
      let (a, b) = (numbers.matrix(rows, columns), numbers.matrix(rows, columns))
      let (x, y) = (GuardedMatrix(a, columns: columns), GuardedMatrix(b, columns: columns))
      let found = try target.kernels().call(
        Kernel.dotRows(), [.int(rows), .int(columns)] + Argument.matrix(x) + Argument.matrix(y))
      #expect(x.isIntact && y.isIntact)
      #expect(ProductTests.dot(a.flatMap { $0 }, b.flatMap { $0 }).allows(Float(found)))
    }
  }

  @Test(arguments: Target.all) func activations(_ target: Target) throws {
    try Self.check(.relu, on: target, inputs: 1, tolerance: 0) { values, _ in max(values[0], 0) }
    try Self.check(.tanh, on: target, inputs: 1) { values, _ in tanh(values[0]) }
    try Self.check(.sigmoid, on: target, inputs: 1) { values, _ in 1 / (1 + exp(-values[0])) }
    try Self.check(.reluGradient, on: target, inputs: 2, tolerance: 0) { values, _ in
      values[0] > 0 ? values[1] : 0
    }
    try Self.check(.tanhGradient, on: target, inputs: 2) { values, _ in
      values[1] * (1 - values[0] * values[0])
    }
    try Self.check(.sigmoidGradient, on: target, inputs: 2) { values, _ in
      values[1] * values[0] * (1 - values[0])
    }
  }

  /// The greatest error of an activation over all magnitudes, in units of the last place of the true value.
  private static func error(
    of kernel: Kernel, on target: Target, from low: Float, to high: Float, _ function: (Double) -> Double
  ) throws -> Double {
    var inputs: [Float] = []
    for sign in [1, -1] as [Float] {
      for exponent in -30..<7 {
        for step in 0..<600 {
          let value = sign * (1 + Float(step) / 600) * Float(sign: .plus, exponent: exponent, significand: 1)
          if value >= low, value <= high { inputs.append(value) }
        }
      }
    }
    let x = GuardedMatrix([inputs], columns: inputs.count)
    let y = GuardedMatrix([inputs], columns: inputs.count)
    try target.kernels().call(
      KernelInstance(kernel, []), [.int(1), .int(inputs.count)] + Argument.matrix(x) + Argument.matrix(y))
    let found = y.row(0)
    return zip(inputs, found).reduce(0.0) { worst, pair in
      let expected = function(Double(pair.0))
      return max(worst, abs(Double(pair.1) - expected) / Double(Float(expected).ulp))
    }
  }

  @Test(arguments: Target.all) func errorsInUnitsOfTheLastPlace(_ target: Target) throws {
    let tanhError = try Self.error(of: .tanh, on: target, from: -100, to: 100) { tanh($0) }
    #expect(tanhError <= 3)
    let sigmoidError = try Self.error(of: .sigmoid, on: target, from: -86, to: 100) { 1 / (1 + exp(-$0)) }
    #expect(sigmoidError <= 3)
  }

  @Test(arguments: Target.all) func extremeInputs(_ target: Target) throws {
    let inputs: [Float] = [.infinity, -.infinity, .nan, 1e30, -1e30, 0, -0.0, Float.leastNonzeroMagnitude]
    for (kernel, expected) in [
      (Kernel.tanh, [1, -1, .nan, 1, -1, 0, -0.0, 0]), (.sigmoid, [1, 0, .nan, 1, 0, 0.5, 0.5, 0.5]),
    ] as [(Kernel, [Float])] {
      let x = GuardedMatrix([inputs], columns: 8)
      let y = GuardedMatrix([inputs], columns: 8)
      try target.kernels().call(
        KernelInstance(kernel, []), [.int(1), .int(8)] + Argument.matrix(x) + Argument.matrix(y))
      for (found, wanted) in zip(y.row(0), expected) {
        #expect(wanted.isNaN ? found.isNaN : abs(found - wanted) <= 1e-7)
      }
    }
  }

  @Test(arguments: Target.all) func gatherAndScatter(_ target: Target) throws {
    let kernels = try target.kernels()
    for columns in [1, 16, 30, 50] {
      var numbers = Numbers(columns)
      let index: [Int32] = [3, 0, -1, 3, 3, 1]
      let table = numbers.matrix(4, columns)
      let rows = numbers.matrix(6, columns)
      let x = GuardedMatrix(table, columns: columns)
      let y = GuardedMatrix(rows, columns: columns)
      try kernels.call(
        Kernel.gatherRows(),
        [.int(6), .int(columns)] + Argument.matrix(x) + [.integers(GuardedBuffer(index))] + Argument.matrix(y)
      )
      #expect(y.isIntact)
      for (row, from) in index.enumerated() {
        #expect(y.row(row) == (from < 0 ? Array(repeating: 0, count: columns) : table[Int(from)]))
      }
      let source = GuardedMatrix(rows, columns: columns)
      let sums = GuardedMatrix(table, columns: columns)
      try kernels.call(
        Kernel.scatterAddRows(),
        [.int(6), .int(columns)] + Argument.matrix(source) + [.integers(GuardedBuffer(index))]
          + Argument.matrix(sums))
      #expect(sums.isIntact)
      var expected = table
      for (row, to) in index.enumerated() where to >= 0 {
        for column in 0..<columns { expected[Int(to)][column] += rows[row][column] }
      }
      for row in 0..<4 { #expect(sums.row(row) == expected[row]) }
    }
  }

  @Test(arguments: Target.all) func columnSums(_ target: Target) throws {
    for (rows, columns) in Self.shapes {
      var numbers = Numbers(rows + columns)
      let values = numbers.matrix(rows, columns)
      let old = numbers.floats(columns)
      let sums = GuardedBuffer(old)
      try target.kernels().call(
        Kernel.columnSums(),
        [.int(rows), .int(columns)] + Argument.matrix(GuardedMatrix(values, columns: columns)) + [
          .floats(sums)
        ])
      #expect(sums.isIntact)
      for column in 0..<columns {
        let expected = values.reduce(Double(old[column])) { $0 + Double($1[column]) }
        #expect(abs(Double(sums[column]) - expected) <= 1e-5)
      }
    }
  }

  @Test(arguments: Target.all) func flatArrays(_ target: Target) throws {
    let kernels = try target.kernels()
    for count in [0, 1, 15, 16, 17, 33, 1023, 1024, 1025, 5000] {
      var numbers = Numbers(count)
      let x = numbers.floats(count)
      let y = numbers.floats(count)
      let xBuffer = GuardedBuffer(x)
      let yBuffer = GuardedBuffer(y)
      let squares = try kernels.call(Kernel.sumOfSquares(), [.size(count), .floats(xBuffer)])
      let products = try kernels.call(Kernel.dot(), [.size(count), .floats(xBuffer), .floats(yBuffer)])
      let expected = ProductTests.dot(x, y)
      #expect(abs(squares - ProductTests.dot(x, x).value) <= 1e-6 * Double(count))
      #expect(abs(products - expected.value) <= 1e-6 * expected.magnitude)
      try kernels.call(Kernel.axpy(), [.size(count), .float(0.3), .floats(xBuffer), .floats(yBuffer)])
      #expect(yBuffer.isIntact)
      for (found, terms) in zip(yBuffer.elements, zip(x, y)) {
        #expect(abs(Double(found) - (Double(0.3 as Float) * Double(terms.0) + Double(terms.1))) <= 2e-7)
      }
    }
  }
}

@Suite struct OptimiserTests {
  @Test(arguments: Target.all) func stochasticGradientDescent(_ target: Target) throws {
    let kernels = try target.kernels()
    for (number, count) in [0, 1, 16, 17, 100].enumerated() {
      for (momentum, nesterov, decay, clip) in [
        (0, 0, 0, .infinity), (0.9, 0, 0.01, .infinity), (0.9, 1, 0.01, 0.2), (0, 0, 0.1, 0.1),
      ] as [(Float, Int, Float, Float)] {
        var numbers = Numbers(number)
        let w = numbers.floats(count)
        let v = numbers.floats(count)
        let wBuffer = GuardedBuffer(w)
        let vBuffer = momentum == 0 ? nil : GuardedBuffer(v)
        var expectedW = w.map(Double.init)
        var expectedV = v.map(Double.init)
        for _ in 0..<3 {
          let g = numbers.floats(count)
          try kernels.call(
            Kernel.sgdUpdate(),
            [
              .size(count), .floats(wBuffer), .floats(GuardedBuffer(g)), .floats(vBuffer), .float(0.1),
              .float(momentum),
              .int(nesterov), .float(decay), .float(0.5), .float(clip), .bytes(nil),
            ])
          for i in 0..<count {
            var d = min(max(Double(g[i]) * 0.5, -Double(clip)), Double(clip)) + Double(decay) * expectedW[i]
            if momentum != 0 {
              expectedV[i] = Double(momentum) * expectedV[i] + d
              d = nesterov == 1 ? d + Double(momentum) * expectedV[i] : expectedV[i]
            }
            expectedW[i] -= Double(0.1 as Float) * d
          }
        }
        #expect(wBuffer.isIntact)
        #expect(zip(wBuffer.elements, expectedW).allSatisfy { abs(Double($0) - $1) <= 1e-6 })
        if let vBuffer {
          #expect(vBuffer.isIntact)
          #expect(zip(vBuffer.elements, expectedV).allSatisfy { abs(Double($0) - $1) <= 1e-6 })
        }
      }
    }
  }

  @Test(arguments: Target.all) func adam(_ target: Target) throws {
    let kernels = try target.kernels()
    for (count, decay, decoupled) in [(0, 0, 0), (1, 0.01, 0), (17, 0.01, 1), (100, 0, 1)]
      as [(Int, Float, Int)]
    {
      var numbers = Numbers(count)
      let w = numbers.floats(count)
      let wBuffer = GuardedBuffer(w)
      let mBuffer = GuardedBuffer<Float>(repeating: 0, count: count)
      let vBuffer = GuardedBuffer<Float>(repeating: 0, count: count)
      var expected = w.map(Double.init)
      var m = Array(repeating: 0.0, count: count)
      var v = m
      for step in 1...3 {
        let g = numbers.floats(count)
        let correction1 = 1 - pow(0.9, Double(step))
        let correction2 = 1 - pow(0.999, Double(step))
        try kernels.call(
          Kernel.adamUpdate(),
          [
            .size(count), .floats(wBuffer), .floats(GuardedBuffer(g)), .floats(mBuffer), .floats(vBuffer),
            .float(0.01),
            .float(0.9), .float(0.999), .float(1e-8), .float(decay), .int(decoupled),
            .float(Float(correction1)),
            .float(Float(correction2)), .float(1), .float(.infinity), .bytes(nil),
          ])
        for i in 0..<count {
          if decoupled == 1 { expected[i] *= 1 - 0.01 * Double(decay) }
          let d = Double(g[i]) + (decoupled == 1 ? 0 : Double(decay) * expected[i])
          m[i] = 0.9 * m[i] + 0.1 * d
          v[i] = 0.999 * v[i] + 0.001 * d * d
          expected[i] -= 0.01 / correction1 * m[i] / ((v[i] / correction2).squareRoot() + 1e-8)
        }
      }
      #expect([wBuffer, mBuffer, vBuffer].allSatisfy { $0.isIntact })
      #expect(zip(wBuffer.elements, expected).allSatisfy { abs(Double($0) - $1) <= 3e-6 })
    }
  }
}

@Suite struct MaskedUpdateTests {
  private static let counts = [0, 1, 3, 4, 5, 8, 15, 16, 17, 31, 33, 100]

  /// Bytes of which about half are 0; the others need not be 1.
  private static func mask(_ count: Int, _ numbers: inout Numbers) -> [UInt8] {
    (0..<count).map { _ in numbers.integer(2) == 0 ? 0 : UInt8(1 + numbers.integer(255)) }
  }

  /// Bits, so that NaNs and the sign of zero count.
  private static func bits(_ buffer: GuardedBuffer<Float>) -> [UInt32] { buffer.elements.map(\.bitPattern) }

  @Test(arguments: Target.all) func gradientsOutsideAreZero(_ target: Target) throws {
    for count in Self.counts {
      var numbers = Numbers(count)
      var g = numbers.floats(count)
      for index in g.indices where index % 5 == 0 { g[index] = index % 2 == 0 ? .nan : -.infinity }
      let mask = Self.mask(count, &numbers)
      let buffer = GuardedBuffer(g)
      try target.kernels().call(
        Kernel.maskGradient(), [.size(count), .bytes(GuardedBuffer(mask)), .floats(buffer)])
      #expect(buffer.isIntact)
      #expect(Self.bits(buffer) == zip(g, mask).map { $1 == 0 ? 0 : $0.bitPattern })
    }
  }

  /// A masked update is the dense one where the mask has a nonzero byte, and nothing elsewhere, to the bit.
  private static func check(
    _ kernel: Kernel, on target: Target, states: Int, count: Int,
    arguments: (_ w: GuardedBuffer<Float>, _ g: GuardedBuffer<Float>, _ state: [GuardedBuffer<Float>?]) ->
      [Argument]
  ) throws {
    var numbers = Numbers(count)
    let mask = mask(count, &numbers)
    var before = (0...states).map { _ in numbers.floats(count).map(abs) }
    if count > 2 { before[0][2] = -0.0 }
    let g = GuardedBuffer(numbers.floats(count))
    func run(_ mask: [UInt8]?) throws -> [[UInt32]] {
      let buffers = before.map { GuardedBuffer($0) }
      let all =
        arguments(buffers[0], g, Array(buffers.dropFirst())) + [.bytes(mask.map { GuardedBuffer($0) })]
      try target.kernels().call(KernelInstance(kernel, []), all)
      #expect(buffers.allSatisfy { $0.isIntact })
      return buffers.map(bits)
    }
    let dense = try run(nil)
    let masked = try run(mask)
    #expect(try run(Array(repeating: 1, count: count)) == dense)
    for (found, (old, new)) in zip(masked, zip(before, dense)) {
      #expect(found == zip(mask, zip(old, new)).map { $0 == 0 ? $1.0.bitPattern : $1.1 })
    }
  }

  @Test(arguments: Target.all) func stochasticGradientDescent(_ target: Target) throws {
    for count in Self.counts {
      for (hasMomentum, nesterov) in [(false, 0), (true, 0), (true, 1)] {
        try Self.check(.sgdUpdate, on: target, states: hasMomentum ? 1 : 0, count: count) { w, g, state in
          [
            .size(count), .floats(w), .floats(g), .floats(state.first ?? nil), .float(0.1),
            .float(hasMomentum ? 0.9 : 0), .int(nesterov), .float(0.01), .float(0.5), .float(0.3),
          ]
        }
      }
    }
  }

  @Test(arguments: Target.all) func adam(_ target: Target) throws {
    for count in Self.counts {
      for decoupled in [0, 1] {
        try Self.check(.adamUpdate, on: target, states: 2, count: count) { w, g, state in
          [
            .size(count), .floats(w), .floats(g), .floats(state[0]), .floats(state[1]), .float(0.01),
            .float(0.9), .float(0.999), .float(1e-8), .float(0.01), .int(decoupled), .float(0.1),
            .float(0.001),
            .float(1), .float(.infinity),
          ]
        }
      }
    }
  }
}
