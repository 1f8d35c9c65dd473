import Testing

@testable import WeftCodegen

@Suite struct CharConvTests {
  static let packings = [[], [1], [1, 1, 1], [7, 5, 5, 2, 1], Array(repeating: 3, count: 13) + [20, 1]]

  /// Values of one window before the maximum, by filter and position.
  static func sums(
    _ x: [[Float]], _ weight: [[Float]], _ packing: TestPacking, form: Int, inputs: Int, width: Int
  ) -> [[Double]] {
    let length = packing.lengths[form]
    return weight.map { filter in
      (0..<length).map { position in
        var sum = 0.0
        for tap in 0..<width {
          let step = position + tap - (width - 1) / 2
          guard step >= 0, step < length else { continue }
          let row = x[packing.row(form, step)]
          for input in 0..<inputs { sum += Double(row[input]) * Double(filter[input * width + tap]) }
        }
        return sum
      }
    }
  }

  @Test(arguments: Target.all) func maximumOverPositions(_ target: Target) throws {
    let kernels = try target.kernels()
    for (inputs, filters, width, relu) in TestInstances.conv {
      for lengths in Self.packings {
        var numbers = Numbers(inputs + filters + lengths.count)
        let packing = TestPacking(lengths: lengths)
        let values = numbers.matrix(packing.rows, inputs)
        let weight = numbers.matrix(filters, inputs * width)
        let bias = numbers.floats(filters)
        let x = GuardedMatrix(values, columns: inputs)
        let panels = GuardedBuffer<Float>(repeating: 7, count: (filters + 15) / 16 * 16 * inputs * width)
        _ = try kernels.call(
          named: "pack_conv_panels_f32",
          [
            .size(filters), .size(inputs), .size(width), .floats(GuardedBuffer(weight.flatMap { $0 })),
            .words(nil),
            .floats(panels),
          ])
        for keepsPositions in [true, false] {
          let y = GuardedMatrix(rows: lengths.count, columns: filters) { _, _ in 9 }
          let argmax = GuardedBuffer<Int32>(repeating: -7, count: lengths.count * filters)
          try kernels.call(
            Kernel.charConv(inputs, filters, width, relu),
            [.int(lengths.count), .integers(packing.buffer), .int(packing.steps)] + Argument.matrix(x)
              + [.floats(panels), .floats(GuardedBuffer(bias))] + Argument.matrix(y)
              + [.integers(keepsPositions ? argmax : nil), .size(filters)])
          #expect(y.isIntact && x.isIntact && argmax.isIntact)
          for form in lengths.indices {
            let sums = Self.sums(values, weight, packing, form: form, inputs: inputs, width: width)
            for filter in 0..<filters {
              let greatest = sums[filter].max() ?? 0
              let expected =
                relu == 1 ? max(0, greatest + Double(bias[filter])) : greatest + Double(bias[filter])
              #expect(abs(Double(y[form, filter]) - expected) <= 3e-6)
              guard keepsPositions else { continue }
              let position = Int(argmax[form * filters + filter])
              try #require(sums[filter].indices.contains(position))
              #expect(sums[filter][position] >= greatest - 3e-6)
            }
          }
        }
      }
    }
  }

  @Test(arguments: Target.all) func firstOfEqualPositions(_ target: Target) throws {
    let kernels = try target.kernels()
    let packing = TestPacking(lengths: [6, 4])
    let x = GuardedMatrix(rows: packing.rows, columns: 1) { _, _ in 1 }
    let y = GuardedMatrix(rows: 2, columns: 1) { _, _ in 9 }
    let argmax = GuardedBuffer<Int32>(repeating: -7, count: 2)
    let panels = GuardedBuffer<Float>([2] + Array(repeating: 0, count: 15))
    try kernels.call(
      Kernel.charConv(1, 1, 1, 0),
      [.int(2), .integers(packing.buffer), .int(6)] + Argument.matrix(x) + [
        .floats(panels), .floats(GuardedBuffer([0.5])),
      ]
        + Argument.matrix(y) + [.integers(argmax), .size(1)])
    #expect(argmax.elements == [0, 0])
    #expect(y.row(0) == [2.5])
  }

  @Test(arguments: Target.all) func gradient(_ target: Target) throws {
    let kernels = try target.kernels()
    for (inputs, filters, width, relu) in TestInstances.conv {
      for (number, lengths) in Self.packings.enumerated() {
        var numbers = Numbers(inputs + filters + lengths.count + 5)
        let packing = TestPacking(lengths: lengths)
        let forms = lengths.count
        let size = inputs * width
        let x = numbers.matrix(packing.rows, inputs)
        let weight = numbers.matrix(filters, size)
        let y = numbers.matrix(forms, filters)
        let dy = numbers.matrix(forms, filters)
        let positions = packing.lengths.map { length in
          (0..<filters).map { _ in Int32(numbers.integer(length)) }
        }
        let oldX = numbers.matrix(packing.rows, inputs)
        let oldWeight = numbers.floats(filters * size)
        var dx = oldX.map { $0.map(Double.init) }
        var dweight = oldWeight.map(Double.init)
        var dbias = Array(repeating: 0.25, count: filters)
        for form in 0..<forms {
          for filter in 0..<filters where relu == 0 || y[form][filter] > 0 {
            let slope = Double(dy[form][filter])
            dbias[filter] += slope
            for tap in 0..<width {
              let step = Int(positions[form][filter]) + tap - (width - 1) / 2
              guard step >= 0, step < packing.lengths[form] else { continue }
              let row = packing.row(form, step)
              for input in 0..<inputs {
                dweight[filter * size + input * width + tap] += slope * Double(x[row][input])
                dx[row][input] += slope * Double(weight[filter][input * width + tap])
              }
            }
          }
        }
        let keepsInput = number % 2 == 0
        let dxMatrix = GuardedMatrix(oldX, columns: inputs)
        let dweightBuffer = GuardedBuffer(oldWeight)
        let dbiasBuffer = GuardedBuffer<Float>(repeating: 0.25, count: filters)
        try kernels.call(
          Kernel.charConvGradient(inputs, filters, width, relu),
          [.int(forms), .integers(packing.buffer), .int(packing.steps)]
            + Argument.matrix(GuardedMatrix(x, columns: inputs)) + [
              .floats(GuardedBuffer(weight.flatMap { $0 }))
            ]
            + [.integers(GuardedBuffer(positions.flatMap { $0 })), .size(filters)]
            + Argument.matrix(GuardedMatrix(y, columns: filters))
            + Argument.matrix(GuardedMatrix(dy, columns: filters))
            + (keepsInput ? Argument.matrix(dxMatrix) : [.floats(nil), .size(0)])
            + [.floats(dweightBuffer), .floats(dbiasBuffer)])
        #expect(dxMatrix.isIntact && dweightBuffer.isIntact && dbiasBuffer.isIntact)
        #expect(zip(dweightBuffer.elements, dweight).allSatisfy { abs(Double($0) - $1) <= 1e-5 })
        #expect(zip(dbiasBuffer.elements, dbias).allSatisfy { abs(Double($0) - $1) <= 1e-5 })
        guard keepsInput else { continue }
        for row in 0..<packing.rows {
          #expect(zip(dxMatrix.row(row), dx[row]).allSatisfy { abs(Double($0) - $1) <= 1e-5 })
        }
      }
    }
  }
}
