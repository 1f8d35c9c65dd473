import Testing
import WeftCodegen

@testable import WeftPackage

struct EncodedMatrixTests {
  private func bf16(_ value: Float) -> UInt32 { UInt32(EncodedMatrix.upperHalf(value)) << 16 }

  @Test func halvesRoundToNearestEven() {
    #expect(bf16(1) == Float(1).bitPattern)
    #expect(bf16(-0.0) == Float(-0.0).bitPattern)
    // Halfway between two halves: the even one wins, upwards and downwards.
    #expect(bf16(Float(bitPattern: 0x3F80_8000)) == 0x3F80_0000)
    #expect(bf16(Float(bitPattern: 0x3F81_8000)) == 0x3F82_0000)
    #expect(bf16(Float(bitPattern: 0x3F80_8001)) == 0x3F81_0000)
    #expect(bf16(Float(bitPattern: 0xBF80_8001)) == 0xBF81_0000)
    // The smallest denormal vanishes.
    #expect(bf16(Float(bitPattern: 1)) == 0)
  }

  @Test func finiteStaysFinite() {
    #expect(bf16(.greatestFiniteMagnitude) == 0x7F7F_0000)
    #expect(bf16(-.greatestFiniteMagnitude) == 0xFF7F_0000)
  }

  @Test func rowsOfBytesHaveScalesOfTheirOwn() throws {
    let matrix = try EncodedMatrix([1, -0.5, 0.25, 100, 0, -100], columns: 3, encoding: .int8, name: "w")
    #expect(matrix.bytes.count == 64 + 8)
    #expect(matrix.bytes.prefix(6).map { Int8(bitPattern: $0) } == [127, -64, 32, 127, 0, -127])
    #expect(matrix.bytes[6..<64].allSatisfy { $0 == 0 })
    let scales = (0..<2).map { row in
      Float(
        bitPattern: (0..<4).reduce(UInt32(0)) { $0 | UInt32(matrix.bytes[64 + 4 * row + $1]) << (8 * $1) })
    }
    #expect(scales == [1.0 / 127, 100.0 / 127])
    #expect(
      matrix.values == [
        127 * scales[0], -64 * scales[0], 32 * scales[0], 127 * scales[1], 0, -127 * scales[1],
      ])
  }

  @Test func rowsOfZerosAndOfDenormalsAreSound() throws {
    let smallest = Float.leastNonzeroMagnitude
    let matrix = try EncodedMatrix([0, -0.0, smallest, -smallest], columns: 2, encoding: .int8, name: "w")
    #expect(matrix.values.allSatisfy { $0.isFinite && abs($0) <= 127 * smallest })
    #expect(matrix.values.prefix(2).allSatisfy { $0 == 0 })
  }

  @Test func roundingErrsByHalfAStepAtMost() throws {
    let weights = (0..<400).map { Float(($0 * 7919) % 1000 - 500) / 321 }
    let matrix = try EncodedMatrix(weights, columns: 40, encoding: .int8, name: "w")
    for row in 0..<10 {
      let range = row * 40..<(row + 1) * 40
      let step = weights[range].map { abs($0) }.max()! / 127
      for index in range { #expect(abs(matrix.values[index] - weights[index]) <= step * 0.5001) }
    }
  }

  @Test(arguments: [PackageLayout.Encoding.f32, .bf16, .int8])
  func numbersThatAreNoneAreRefused(encoding: PackageLayout.Encoding) {
    for bad in [Float.nan, .infinity, -.infinity] {
      #expect(throws: PackageError.self) {
        try EncodedMatrix([1, bad], columns: 2, encoding: encoding, name: "encoder.0.weight_ih_l0")
      }
    }
  }
}
