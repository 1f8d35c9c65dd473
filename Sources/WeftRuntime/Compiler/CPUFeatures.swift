import CWeftABI
import WeftCodegen

/// What the processor of this machine can do.
public struct CPUFeatures: Sendable, Hashable {
  /// Instruction sets that generated code can use here, best first; ends with `portable`.
  public let instructionSets: [InstructionSet]
  /// Processor family and features, as they enter the key of the library cache.
  public let description: String

  public var best: InstructionSet { instructionSets.first ?? .portable }

  public static let host = CPUFeatures(bits: weft_cpu_features())

  init(bits: UInt32) {
    func has(_ features: Int...) -> Bool { features.allSatisfy { bits & UInt32($0) != 0 } }
    var sets: [InstructionSet] = []
    if has(
      Int(WEFT_CPU_AVX512F), Int(WEFT_CPU_AVX512DQ), Int(WEFT_CPU_AVX512BW), Int(WEFT_CPU_AVX512VL),
      Int(WEFT_CPU_FMA))
    {
      sets.append(.avx512)
      // What multiplies pairs only where it is faster than to multiply floats.
      if has(Int(WEFT_CPU_AVX512VNNI), Int(WEFT_CPU_AVX512BF16)) {
        if has(Int(WEFT_CPU_FAST_BF16)) || has(Int(WEFT_CPU_AMX_BF16)) { sets.insert(.avx512vnni, at: 0) }
        if has(Int(WEFT_CPU_AMX_BF16)) { sets.insert(.avx512amx, at: 0) }
      }
    }
    if has(Int(WEFT_CPU_AVX2), Int(WEFT_CPU_FMA)) { sets.append(.avx2) }
    if has(Int(WEFT_CPU_NEON)) { sets.append(.neon) }
    instructionSets = sets + [.portable]
    #if arch(x86_64)
      let family = "x86_64"
    #elseif arch(arm64)
      let family = "arm64"
    #else
      let family = "other"
    #endif
    description = "\(family) features \(bits)"
  }
}
