import CWeftABI
import Testing
import WeftCodegen

@testable import WeftRuntime

private let avx512 =
  WEFT_CPU_AVX2 | WEFT_CPU_FMA | WEFT_CPU_AVX512F | WEFT_CPU_AVX512DQ | WEFT_CPU_AVX512BW | WEFT_CPU_AVX512VL

@Test(
  arguments: [
    (0, [.portable]),
    (WEFT_CPU_AVX2, [.portable]),
    (WEFT_CPU_AVX2 | WEFT_CPU_FMA, [.avx2, .portable]),
    (WEFT_CPU_AVX2 | WEFT_CPU_FMA | WEFT_CPU_AVX512F, [.avx2, .portable]),
    (avx512, [.avx512, .avx2, .portable]),
    (avx512 | WEFT_CPU_AVX512VNNI | WEFT_CPU_AVX512BF16, [.avx512, .avx2, .portable]),
    (
      avx512 | WEFT_CPU_AVX512VNNI | WEFT_CPU_AVX512BF16 | WEFT_CPU_FAST_BF16,
      [.avx512vnni, .avx512, .avx2, .portable]
    ),
    (
      avx512 | WEFT_CPU_AVX512VNNI | WEFT_CPU_AVX512BF16 | WEFT_CPU_AMX_BF16,
      [.avx512amx, .avx512vnni, .avx512, .avx2, .portable]
    ),
    (WEFT_CPU_NEON, [.neon, .portable]),
  ] as [(Int, [InstructionSet])])
func instructionSetsNeedAllTheirFeatures(bits: Int, sets: [InstructionSet]) {
  #expect(CPUFeatures(bits: UInt32(bits)).instructionSets == sets)
}

@Test func theHostRunsWhatItSaysItRuns() {
  #expect(CPUFeatures.host.instructionSets.last == .portable)
  #expect(CPUFeatures.host.best == CPUFeatures.host.instructionSets[0])
}
