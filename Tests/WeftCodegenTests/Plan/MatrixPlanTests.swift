import Testing
import WeftSpec

@testable import WeftCodegen

/// What a plan says of the forms of matrices, and for which instruction sets.
@Suite struct MatrixPlanTests {
  private static func sample(_ costs: CostTable) throws -> PackageSample {
    var sample = try PackageSample(
      name: "plan", isRich: false, instructionSets: [.avx512, .avx2, .neon, .portable]
    ) { $0.network.encoder = [LayerSpec(hidden: 40)] }
    try sample.maskWeights(costs: costs)
    return sample
  }

  /// Nanoseconds for each KiB of dense and of packed weights.
  private static func costs(_ sets: [InstructionSet: (dense: Double, packed: Double)]) -> CostTable {
    var table = CostTable()
    for (set, cost) in sets {
      table[set, .f32] = CostTable.Cost(perKiB: cost.dense, perVector: 0)
      table[set, .packed] = CostTable.Cost(perKiB: cost.packed, perVector: 0)
    }
    return table
  }

  private static func recurrent(_ plan: MatrixPlan) throws -> MatrixPlan.Entry {
    try #require(plan.entries.first { $0.names[0].contains("weight_hh") })
  }

  /// Bytes and times of packed weights are those of the windows that masks leave, of all groups and directions.
  @Test func packedBytesFollowFromMasks() throws {
    let sample = try Self.sample(Self.costs([.avx512: (4, 4)]))
    let entry = try Self.recurrent(try sample.generator.matrixPlan(sample.contents))
    let order = WideMatrix.gateOrder(40)
    var windows = 0
    for mask in sample.contents.masks.values {
      for name in entry.names {
        let bits = try #require(mask[name])
        let matrix = PackedMatrix(Array(repeating: Array(repeating: 1, count: 40), count: 160)) {
          bits[order[$0] * 40 + $1] != 0
        }
        windows += matrix.firstInputs.reduce(0) { $0 + $1.count }
      }
    }
    try #require(windows > 0)
    let packed = try #require(entry.candidates.first { $0.form == .packed })
    // Of a window 64 numbers of inputs, 64 weights, and its first input.
    #expect(packed.bytes == windows * (64 + 4 * 64 + 2))
    #expect(abs((packed.nanoseconds ?? 0) - 4 * Double(packed.bytes) / 1024) < 1e-6)
    #expect(entry.candidates[0] == packed)
  }

  /// Packed weights are chosen if they cost less than all weights, for those sets on which they do.
  @Test func packedWhereItPays() throws {
    let faster = try Self.sample(
      Self.costs([.avx512: (4, 5), .avx2: (4, 400), .portable: (10, 12)]))
    let plan = try faster.generator.matrixPlan(faster.contents)
    #expect(try Self.recurrent(plan).candidates[0].form == .packed)
    #expect(plan.windowSets == [.avx512, .portable])
    let slower = try Self.sample(Self.costs([.avx512: (4, 400)]))
    let dense = try slower.generator.matrixPlan(slower.contents)
    #expect(dense.entries.allSatisfy { $0.candidates[0].form == .f32 })
    // Sets without costs read all weights, and the code has kernels for what a set reads alone.
    let known = try Self.sample(Self.costs([.avx512: (4, 5)]))
    #expect(try known.generator.matrixPlan(known.contents).windowSets == [.avx512])
    let code = try known.generator.packageFiles(known.contents).map(\.contents).joined()
    #expect(code.contains("packed_lstm_step_f32_h40__avx512("))
    #expect(!code.contains("packed_lstm_step_f32_h40__avx2"))
    #expect(code.contains("k->packed_lstm_step_f32_h40 = wide_lstm_step_f32_h40__avx2;"))
    #expect(!code.contains("wide_lstm_step_f32_h40__avx512"))
  }
}
