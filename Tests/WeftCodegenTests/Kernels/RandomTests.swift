import Foundation
import Testing

@testable import WeftCodegen

/// The random streams, written once more from their definition.
private enum Streams {
  static func splitmix64(_ value: UInt64) -> UInt64 {
    var x = value &+ 0x9E37_79B9_7F4A_7C15
    x = (x ^ x >> 30) &* 0xBF58_476D_1CE4_E5B9
    x = (x ^ x >> 27) &* 0x94D0_49BB_1331_11EB
    return x ^ x >> 31
  }

  static func lowbias32(_ value: UInt32) -> UInt32 {
    var x = value
    x ^= x >> 16
    x = x &* 0x7feb_352d
    x ^= x >> 15
    x = x &* 0x846c_a68b
    return x ^ x >> 16
  }

  static func bits(_ rowKey: UInt64, _ column: Int) -> UInt32 {
    let low = lowbias32(UInt32(truncatingIfNeeded: rowKey) &+ UInt32(column) &* 0x9E37_79B9)
    return lowbias32(low ^ UInt32(truncatingIfNeeded: rowKey >> 32))
  }

  static func uniform(_ rowKey: UInt64, _ column: Int) -> Float { Float(bits(rowKey, column) >> 8) * 0x1p-24 }
}

@Suite struct RandomTests {
  private static let keys: [UInt64] = (0..<7).map { Streams.splitmix64(UInt64($0)) } + [0, .max]

  /// Numbers that must never change: every trained model depends on them.
  @Test func knownAnswers() {
    #expect(Streams.splitmix64(0) == 0xE220_A839_7B1D_CDAF)
    #expect(Streams.lowbias32(1) == KnownRandom.lowbiasOfOne)
    #expect((0..<4).map { Streams.bits(0x0123_4567_89AB_CDEF, $0) } == KnownRandom.columns)
  }

  @Test(arguments: Target.all) func knownAnswersOfTheKernels(_ target: Target) throws {
    let u = GuardedBuffer<Float>([9])
    try target.kernels().call(
      Kernel.uniformColumn0(), [.int(1), .keys(GuardedBuffer([0x0123_4567_89AB_CDEF])), .floats(u)])
    #expect(u[0] == Float(KnownRandom.columns[0] >> 8) * 0x1p-24)
  }

  /// Rows are keyed by the sentence's number in its corpus and the position, not by where they lie in a batch.
  @Test(arguments: Target.all) func rowKeys(_ target: Target) throws {
    let kernels = try target.kernels()
    let packing = TestPacking(lengths: [3, 2, 2])
    let sentences: [Int32] = [40, 7, 1_000_000]
    let stream = 0x1234_5678_9ABC
    let positions = GuardedBuffer<UInt64>(repeating: 1, count: packing.rows)
    _ = try kernels.call(
      named: "random_position_keys",
      [
        .size(stream), .integers(GuardedBuffer(sentences)), .integers(packing.buffer), .int(3),
        .keys(positions),
      ])
    let whole = GuardedBuffer<UInt64>(repeating: 1, count: 3)
    _ = try kernels.call(
      named: "random_sentence_keys",
      [.size(stream), .integers(GuardedBuffer(sentences)), .int(3), .keys(whole)])
    #expect(positions.isIntact && whole.isIntact)
    for (sentence, id) in sentences.enumerated() {
      let folded = Streams.splitmix64(UInt64(stream) ^ UInt64(id))
      #expect(whole[sentence] == Streams.splitmix64(folded))
      for position in 0..<packing.lengths[sentence] {
        #expect(positions[packing.row(sentence, position)] == Streams.splitmix64(folded ^ UInt64(position)))
      }
    }
  }

  @Test(arguments: Target.all) func dropoutMask(_ target: Target) throws {
    for columns in [1, 5, 16, 50, 400] {
      for p in [0, 0.5, 0.3] as [Float] {
        let mask = GuardedMatrix(rows: Self.keys.count, columns: columns) { _, _ in 9 }
        try target.kernels().call(
          Kernel.dropoutMask(),
          [.int(Self.keys.count), .int(columns), .keys(GuardedBuffer(Self.keys)), .float(p)]
            + Argument.matrix(mask))
        #expect(mask.isIntact)
        for (row, key) in Self.keys.enumerated() {
          #expect(mask.row(row) == (0..<columns).map { Streams.uniform(key, $0) >= p ? 1 / (1 - p) : 0 })
        }
      }
    }
  }

  @Test(arguments: Target.all) func gaussian(_ target: Target) throws {
    for columns in [1, 3, 16, 50] {
      let y = GuardedMatrix(rows: Self.keys.count, columns: columns) { _, _ in 9 }
      try target.kernels().call(
        Kernel.gaussian(),
        [.int(Self.keys.count), .int(columns), .keys(GuardedBuffer(Self.keys)), .float(0.5)]
          + Argument.matrix(y))
      #expect(y.isIntact)
      for (row, key) in Self.keys.enumerated() {
        for column in 0..<columns {
          let radius = (-2 * log(1 - Double(Streams.uniform(key, 2 * column)))).squareRoot()
          let expected = 0.5 * radius * cos(2 * .pi * Double(Streams.uniform(key, 2 * column + 1)))
          #expect(abs(Double(y[row, column]) - expected) <= 2e-6)
        }
      }
    }
  }

  @Test(arguments: Target.all) func uniformColumn0(_ target: Target) throws {
    let u = GuardedBuffer<Float>(repeating: 9, count: Self.keys.count)
    try target.kernels().call(
      Kernel.uniformColumn0(), [.int(Self.keys.count), .keys(GuardedBuffer(Self.keys)), .floats(u)])
    #expect(u.elements == Self.keys.map { Streams.uniform($0, 0) })
  }
}
