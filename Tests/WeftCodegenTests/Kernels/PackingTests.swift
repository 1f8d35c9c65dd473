import Testing

@testable import WeftCodegen

@Suite struct PackingTests {
  /// Weights and masks of a canonical matrix.
  private static func sample(_ count: Int) -> (weight: [Float], mask: [UInt8]) {
    var numbers = Numbers(count)
    return (numbers.floats(count), (0..<count).map { _ in UInt8(numbers.integer(3)) })
  }

  /// Calls a packing function with and without a mask and compares with `source`: the canonical place of each packed
  /// weight, nil for padding. `columns` are those of the canonical matrix.
  private static func check(
    _ name: String, on target: Target, sizes: [Int], weights: Int, columns: Int, packed: Int,
    source: (_ at: Int) -> Int?
  ) throws {
    let (weight, mask) = sample(weights)
    for isMasked in [false, true] {
      let panels = GuardedBuffer<Float>(repeating: 7, count: packed)
      let words = isMasked ? MaskWords.buffer(mask, columns: columns) : nil
      _ = try target.kernels().call(
        named: name,
        sizes.map { .size($0) } + [.floats(GuardedBuffer(weight)), .words(words), .floats(panels)])
      #expect(panels.isIntact)
      let expected = (0..<packed).map { at in
        source(at).map { !isMasked || mask[$0] != 0 ? weight[$0] : 0 } ?? 0
      }
      #expect(panels.elements == expected, "\(name) \(sizes)")
    }
  }

  private static let matrices = [(1, 1), (3, 5), (16, 4), (17, 13), (50, 33), (5, 48)]

  @Test(arguments: Target.all) func panels(_ target: Target) throws {
    for (n, k) in Self.matrices {
      try Self.check(
        "pack_panels_f32", on: target, sizes: [n, k], weights: n * k, columns: k,
        packed: (n + 15) / 16 * 16 * k
      ) { at in
        let row = at / (16 * k) * 16 + at % 16
        let column = at / 16 % k
        return row < n ? row * k + column : nil
      }
      try Self.check(
        "pack_panels_transposed_f32", on: target, sizes: [n, k], weights: n * k, columns: k,
        packed: (k + 15) / 16 * 16 * n
      ) { at in
        let column = at / (16 * n) * 16 + at % 16
        let row = at / 16 % n
        return column < k ? row * k + column : nil
      }
    }
  }

  @Test(arguments: Target.all) func asItIs(_ target: Target) throws {
    for (n, k) in Self.matrices + [(1, 64), (3, 90), (270, 1)] {
      try Self.check(
        "pack_canonical_f32", on: target, sizes: [n, k], weights: n * k, columns: k, packed: n * k
      ) { $0 }
    }
  }

  @Test(arguments: Target.all) func recurrentPanels(_ target: Target) throws {
    for hidden in [1, 5, 16, 17, 50] {
      try Self.check(
        "pack_lstm_panels_f32", on: target, sizes: [hidden], weights: 4 * hidden * hidden, columns: hidden,
        packed: (hidden + 15) / 16 * 64 * hidden
      ) { at in
        let unit = at / (64 * hidden) * 16 + at % 16
        let gate = at / 16 % 4
        let k = at / 64 % hidden
        return unit < hidden ? (gate * hidden + unit) * hidden + k : nil
      }
    }
  }

  @Test(arguments: Target.all) func convolutionPanels(_ target: Target) throws {
    for (filters, inputs, width) in [(1, 1, 1), (17, 5, 3), (30, 30, 3)] {
      try Self.check(
        "pack_conv_panels_f32", on: target, sizes: [filters, inputs, width],
        weights: filters * inputs * width, columns: inputs * width,
        packed: (filters + 15) / 16 * 16 * inputs * width
      ) { at in
        let filter = at / (16 * inputs * width) * 16 + at % 16
        let tap = at / (16 * inputs) % width
        let input = at / 16 % inputs
        return filter < filters ? (filter * inputs + input) * width + tap : nil
      }
    }
  }
}
