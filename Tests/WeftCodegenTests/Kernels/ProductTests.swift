import Testing

@testable import WeftCodegen

@Suite struct ProductTests {
  static let rows = [0, 1, 2, 3, 5, 6, 7, 10, 11, 37]

  /// Σ a[i] b[i] with a bound, on raw memory since debug builds check every index.
  static func dot(_ a: [Float], _ b: [Float]) -> Bounded {
    var sum = Bounded()
    a.withUnsafeBufferPointer { a in
      b.withUnsafeBufferPointer { b in
        var value = 0.0
        var magnitude = 0.0
        for i in 0..<a.count {
          let term = Double(a[i]) * Double(b[i])
          value += term
          magnitude += abs(term)
        }
        sum = Bounded(value: value, magnitude: magnitude)
      }
    }
    return sum
  }

  struct LinearCase {
    let n: Int, k: Int
    let x: [[Float]], weight: [[Float]], bias: [Float]
    let products: [[Bounded]]

    init(_ n: Int, _ k: Int) {
      var numbers = Numbers(n * 1000 + k)
      self.n = n
      self.k = k
      x = numbers.matrix(37, k)
      weight = numbers.matrix(n, k)
      bias = numbers.floats(n)
      let (x, weight) = (x, weight)
      products = x.map { row in weight.map { ProductTests.dot(row, $0) } }
    }
  }
  static let linearCases = TestInstances.linear.map { LinearCase($0.0, $0.1) }

  @Test(arguments: Target.all) func linear(_ target: Target) throws {
    let kernels = try target.kernels()
    for sample in Self.linearCases {
      let weight = GuardedBuffer(sample.weight.flatMap { $0 })
      let panels = GuardedBuffer<Float>(repeating: 7, count: (sample.n + 15) / 16 * 16 * sample.k)
      _ = try kernels.call(
        named: "pack_panels_f32",
        [.size(sample.n), .size(sample.k), .floats(weight), .words(nil), .floats(panels)])
      for (number, rows) in Self.rows.enumerated() {
        let adds = number % 2 == 1
        let hasBias = number % 3 != 0
        let x = GuardedMatrix(Array(sample.x.prefix(rows)), columns: sample.k)
        let y = GuardedMatrix(rows: rows, columns: sample.n) { Float($0) - Float($1 % 5) }
        let before = y.buffer.elements
        try kernels.call(
          Kernel.linear(sample.n, sample.k),
          [.int(rows)] + Argument.matrix(x) + [
            .floats(panels), .floats(hasBias ? GuardedBuffer(sample.bias) : nil),
          ]
            + Argument.matrix(y) + [.int(adds ? 1 : 0)])
        #expect(y.isIntact && x.isIntact && panels.isIntact)
        for row in 0..<rows {
          for column in 0..<sample.n {
            var expected = sample.products[row][column]
            if hasBias { expected.add(Double(sample.bias[column])) }
            if adds { expected.add(Double(before[row * y.stride + column])) }
            guard expected.allows(y[row, column]) else {
              Issue.record(
                "\(sample.n)×\(sample.k), \(rows) rows: y[\(row), \(column)] = \(y[row, column]), not \(expected)"
              )
              return
            }
          }
        }
      }
    }
  }

  @Test(arguments: Target.all) func linearTransposed(_ target: Target) throws {
    let kernels = try target.kernels()
    for sample in Self.linearCases {
      // W [K × N]: the transpose of what the sample's products are of.
      let weight = GuardedBuffer((0..<sample.k).flatMap { k in sample.weight.map { $0[k] } })
      for (number, rows) in Self.rows.enumerated() {
        let adds = number % 2 == 1
        let x = GuardedMatrix(Array(sample.x.prefix(rows)), columns: sample.k)
        let y = GuardedMatrix(rows: rows, columns: sample.n) { Float($0) - Float($1 % 5) }
        let before = y.buffer.elements
        try kernels.call(
          Kernel.linearTransposed(sample.n, sample.k),
          [.int(rows)] + Argument.matrix(x) + [.floats(weight), .words(nil)] + Argument.matrix(y)
            + [.int(adds ? 1 : 0)])
        #expect(y.isIntact && x.isIntact && weight.isIntact)
        for row in 0..<rows {
          for column in 0..<sample.n {
            var expected = sample.products[row][column]
            if adds { expected.add(Double(before[row * y.stride + column])) }
            guard expected.allows(y[row, column]) else {
              Issue.record("\(sample.n)×\(sample.k), \(rows) rows: y[\(row), \(column)] is not \(expected)")
              return
            }
          }
        }
      }
    }
  }

  /// Under a mask a product is what it is with zeros in the place of the weights that the mask leaves out: to the bit,
  /// even where those are not numbers.
  @Test(arguments: Target.all) func linearTransposedUnderMask(_ target: Target) throws {
    let kernels = try target.kernels()
    for sample in Self.linearCases {
      let (n, k) = (sample.n, sample.k)
      var numbers = Numbers(n * 7 + k)
      let weight = (0..<k).flatMap { k in sample.weight.map { $0[k] } }
      let mask = weight.map { _ in UInt8(numbers.integer(2)) }
      let thinned = zip(weight, mask).map { $1 == 0 ? 0 : $0 }
      let spoilt = zip(weight, mask).map { $1 == 0 ? Float.nan : $0 }
      for (number, rows) in Self.rows.enumerated() {
        let x = GuardedMatrix(Array(sample.x.prefix(rows)), columns: k)
        func product(_ weight: [Float], _ words: GuardedBuffer<UInt16>?) throws -> [Float] {
          let y = GuardedMatrix(rows: rows, columns: n) { Float($0) - Float($1 % 5) }
          try kernels.call(
            Kernel.linearTransposed(n, k),
            [.int(rows)] + Argument.matrix(x) + [.floats(GuardedBuffer(weight)), .words(words)]
              + Argument.matrix(y) + [.int(number % 2)])
          #expect(y.isIntact)
          return y.buffer.elements
        }
        let expected = try product(thinned, nil)
        let result = try product(spoilt, MaskWords.buffer(mask, columns: n))
        #expect(result.map(\.bitPattern) == expected.map(\.bitPattern), "\(n)×\(k), \(rows) rows")
      }
    }
  }

  @Test(arguments: Target.all) func weightGradient(_ target: Target) throws {
    let kernels = try target.kernels()
    for (n, k) in TestInstances.weightGradient {
      for rows in n == 800 ? [37] : Self.rows {
        let add = rows % 2 == 1
        var numbers = Numbers(n + k + rows)
        let dy = numbers.matrix(rows, n)
        let x = numbers.matrix(rows, k)
        let old = numbers.floats(n * k)
        let dweight = GuardedBuffer(old)
        let dyMatrix = GuardedMatrix(dy, columns: n)
        let xMatrix = GuardedMatrix(x, columns: k)
        let isMasked = rows % 3 == 1
        let mask = (0..<n * k).map { _ in UInt8(numbers.integer(2)) }
        try kernels.call(
          Kernel.weightGradient(n, k),
          [.int(rows)] + Argument.matrix(dyMatrix) + Argument.matrix(xMatrix) + [
            .floats(dweight), .words(isMasked ? MaskWords.buffer(mask, columns: k) : nil),
            .int(add ? 1 : 0),
          ])
        #expect(dweight.isIntact && dyMatrix.isIntact && xMatrix.isIntact)
        let result = dweight.elements
        let dyColumns = (0..<n).map { i in dy.map { $0[i] } }
        let xColumns = (0..<k).map { j in x.map { $0[j] } }
        for i in 0..<n {
          for j in 0..<k {
            var expected = Self.dot(dyColumns[i], xColumns[j])
            if add { expected.add(Double(old[i * k + j])) }
            // To the bit: what is left out has no gradient.
            if isMasked && mask[i * k + j] == 0 { expected = Bounded() }
            guard expected.allows(result[i * k + j]) else {
              Issue.record("\(n)×\(k), \(rows) rows: dW[\(i), \(j)] = \(result[i * k + j]), not \(expected)")
              return
            }
          }
        }
      }
    }
  }
}
