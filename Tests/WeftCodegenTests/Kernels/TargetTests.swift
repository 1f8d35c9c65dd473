import Testing

@testable import WeftCodegen

/// Names the instruction sets that this machine leaves untested: the tests of kernels only run on `Target.all`.
@Suite struct TargetTests {
  private static func has(_ set: InstructionSet) -> Bool { Target.all.contains { $0.set == set } }

  private static func check(_ set: InstructionSet) throws {
    for target in Target.all where target.set == set {
      let x = GuardedBuffer<Float>([3, 4])
      #expect(try target.kernels().call(Kernel.sumOfSquares(), [.size(2), .floats(x)]) == 25)
    }
  }

  @Test(.enabled(if: has(.avx512), "needs clang and a processor with AVX-512")) func avx512() throws {
    try Self.check(.avx512)
  }
  @Test(
    .enabled(if: has(.avx512vnni), "needs clang and a processor with AVX-512, VNNI and BF16")
  ) func avx512vnni() throws {
    try Self.check(.avx512vnni)
  }
  @Test(.enabled(if: has(.avx512amx), "needs clang and a processor with AVX-512, VNNI and BF16"))
  func avx512amx() throws {
    try Self.check(.avx512amx)
  }
  @Test(.enabled(if: has(.avx2), "needs clang or gcc and a processor with AVX2 and FMA")) func avx2() throws {
    try Self.check(.avx2)
  }
  @Test(
    .enabled(
      if: has(.neon),
      "needs an AArch64 processor, or aarch64-linux-gnu-gcc with its C library and qemu-aarch64"))
  func neon() throws {
    try Self.check(.neon)
  }
  @Test(.enabled(if: has(.portable), "needs clang or gcc")) func portable() throws {
    try Self.check(.portable)
  }
}
