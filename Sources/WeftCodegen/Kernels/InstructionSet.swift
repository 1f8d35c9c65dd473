/// An instruction set that kernels are compiled for, by function attributes: no `-march` flag is needed.
public enum InstructionSet: String, Sendable, Hashable, CaseIterable, Codable {
  /// AVX-512 with tiles that multiply bf16 and eight-bit numbers (AMX): an addition to `avx512vnni` for training in bf16
  /// and for packages with narrow weights.
  case avx512amx
  /// AVX-512 with the instructions for products of bf16 and of eight-bit numbers, and for tables of bytes (VBMI): an
  /// addition to `avx512` for packages with narrow weights.
  case avx512vnni
  /// x86-64 with AVX-512 F, DQ, BW, VL and FMA.
  case avx512
  /// x86-64 with AVX2 and FMA.
  case avx2
  /// The AArch64 baseline.
  case neon
  /// Any target, with the vector extension of GCC and clang.
  case portable

  /// The preprocessor condition under which a compiler can translate this set's kernels; nil for all targets.
  public var condition: String? {
    switch self {
    // Additions where the compiler knows their instructions.
    case .avx512amx: "defined(__x86_64__) && (__clang_major__ >= 12 || __GNUC__ >= 11)"
    case .avx512vnni: "defined(__x86_64__) && (__clang_major__ >= 9 || __GNUC__ >= 10)"
    case .avx512, .avx2: "defined(__x86_64__)"
    case .neon: "defined(__aarch64__)"
    case .portable: nil
    }
  }

  /// Code that asks the processor, with the operator behind it; empty where the target says it all.
  var presence: String {
    switch self {
    case .avx512amx: "has_avx512amx() && "
    case .avx512vnni: "has_avx512vnni() && "
    case .avx512: "has_avx512() && "
    case .avx2: "has_avx2() && "
    case .neon, .portable: ""
    }
  }

  /// The instruction set that this one is an addition to: kernels that it has no better way for are taken from there.
  public var base: InstructionSet? {
    switch self {
    case .avx512amx: .avx512vnni
    case .avx512vnni: .avx512
    case .avx512, .avx2, .neon, .portable: nil
    }
  }

  /// What its kernels are taken from, from the one that has them all to itself.
  public var layers: [InstructionSet] { (base?.layers ?? []) + [self] }

  /// The set whose vector layer its kernels are written in.
  var vectors: InstructionSet { base?.vectors ?? self }

  /// Whether it has instructions for weights of this type, as additions do.
  func isFor(_ weights: WeightType) -> Bool { base != nil && weights != .f32 }

  /// Whether it multiplies pairs of numbers, or fours, in tiles.
  var hasTiles: Bool { self == .avx512amx }
}

extension [InstructionSet] {
  /// Puts what adds instructions for narrow numbers in front of the sets that it adds to.
  mutating func addAdditions() {
    for addition in [InstructionSet.avx512vnni, .avx512amx] where !contains(addition) {
      if let base = firstIndex(where: { $0 == addition.base }) { insert(addition, at: base) }
    }
  }
}

/// A register block of a kernel: `width` vectors (or panels) side by side and at most `rows` rows.
struct RegisterBlock: Sendable {
  let width: Int
  let rows: Int
}

/// Shapes of the register blocks, widest first. They fill the register file without spilling: sums, the weights of one
/// step and one broadcast value.
extension InstructionSet {
  /// Blocks of a matrix product; the width counts panels of 16 columns.
  var productBlocks: [RegisterBlock] {
    switch self {
    case .avx512amx: [8, 4, 2, 1].map { RegisterBlock(width: $0, rows: 32) }
    // Few rows read a matrix as it lies, almost a whole row of it at a time.
    case .avx512vnni, .avx512:
      [(12, 2), (8, 3), (6, 4), (4, 6), (2, 12), (1, 12)].map { RegisterBlock(width: $0.0, rows: $0.1) }
    case .avx2: [.init(width: 2, rows: 2), .init(width: 1, rows: 6)]
    case .neon: [.init(width: 2, rows: 2), .init(width: 1, rows: 6)]
    case .portable: [.init(width: 1, rows: 2)]
    }
  }

  /// Blocks of a recurrent step; the width counts vectors of units, each with four gates. Weights lie in vectors of 16
  /// units, which are read whole.
  var lstmBlocks: [RegisterBlock] {
    switch self {
    case .avx512amx: [.init(width: 1, rows: 16)]
    case .avx512vnni, .avx512:
      [.init(width: 4, rows: 1), .init(width: 2, rows: 3), .init(width: 1, rows: 6)]
    case .avx2: [.init(width: 2, rows: 6), .init(width: 1, rows: 6)]
    case .neon: [.init(width: 4, rows: 6), .init(width: 1, rows: 6)]
    case .portable: [.init(width: 4, rows: 3), .init(width: 1, rows: 3)]
    }
  }

  /// Most rows of a block of a product with a wide matrix.
  var wideRows: Int { self == .portable ? 3 : 6 }

  /// Registers for the sums of a recurrent step, and of products with wide matrices.
  var denseSums: Int {
    switch self {
    case .avx512amx, .avx512vnni, .avx512, .neon: 24
    case .avx2, .portable: 12
    }
  }

  /// How many of `all` vectors that lie side by side are summed at the same time, where each takes so many registers:
  /// as many as there is room for, and always the same number.
  func together(of all: Int, registers: Int) -> Int {
    (1...all).last { all % $0 == 0 && $0 * registers <= denseSums } ?? 1
  }

  /// Registers for the sums of products with what masks keep.
  var sparseSums: Int {
    switch self {
    case .avx512amx, .avx512vnni, .avx512, .avx2, .portable: 8
    case .neon: 16
    }
  }

  /// Rows of products with kept blocks that are formed at the same time, and with packed weights, where those of a row are
  /// in two registers more.
  var sparseRows: Int { sparseSums * width / 16 }
  var packedRows: Int { vectors == .avx512 ? 6 : sparseRows }

  /// Floats in a vector.
  var width: Int {
    switch self {
    case .avx512amx, .avx512vnni, .avx512: 16
    case .avx2: 8
    case .neon, .portable: 4
    }
  }
}
