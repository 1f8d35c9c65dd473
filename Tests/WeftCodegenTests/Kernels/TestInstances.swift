@testable import WeftCodegen

/// The kernel instances under test: every kernel of the registry, with odd and ordinary sizes.
enum TestInstances {
  static let linear = [(1, 1), (3, 5), (5, 17), (17, 13), (50, 200), (800, 130), (200, 800)]
  static let weightGradient = [(1, 1), (3, 5), (17, 13), (13, 16), (50, 33), (800, 130)]
  static let wide = [(1, 1), (3, 5), (17, 13), (65, 33), (100, 18), (112, 50), (800, 130), (9, 1025)]
  static let joint = [(1, 1), (17, 13), (65, 33), (100, 18), (112, 50), (800, 130)]
  static let jointHidden = [1, 13, 16, 200]
  static let pairs = [(1, 1), (3, 5), (17, 13), (50, 33), (65, 64), (800, 130)]
  static let hidden = [1, 5, 13, 16, 17, 200]
  /// Those of compiled taggers; of the last one weights in fp32 are read there and back.
  static func wideHidden(_ weights: WeightType) -> [Int] { hidden + (weights == .f32 ? [225] : []) }
  static let conv = [(1, 1, 1, 0), (5, 17, 3, 1), (30, 30, 3, 1), (7, 16, 5, 0)]
  static let labels = [1, 3, 17, 50]
  static let crfLabels = [1, 2, 5, 17]
  static let nbestLabels = [1, 2, 5]

  /// Those that an instruction set has.
  static func all(for set: InstructionSet) -> [KernelInstance] {
    all.filter { set.hasTiles || !$0.kernel.needsTiles }
  }

  static let all: [KernelInstance] = {
    var list: [KernelInstance] = []
    for (n, k) in linear { list += [Kernel.linear(n, k), Kernel.linearTransposed(n, k)] }
    for (n, k) in weightGradient { list.append(Kernel.weightGradient(n, k)) }
    for h in hidden { list += [Kernel.lstmStep(h), Kernel.lstmStepGradient(h)] }
    for (n, k) in pairs { list += [Kernel.pairLinear(n, k), Kernel.pairWeightGradient(n, k)] }
    for h in hidden { list.append(Kernel.pairLstmStep(h)) }
    for weights in WeightType.allCases {
      for (n, k) in wide { list.append(KernelInstance(Kernel.wideLinear(weights), [n, k])) }
      for h in wideHidden(weights) { list.append(KernelInstance(Kernel.wideLstmStep(weights), [h])) }
      // The same code, whatever the type.
      if weights != .f32 {
        list += [
          KernelInstance(.packedLinear(weights), [1, 1]), KernelInstance(.packedLstmStep(weights), [1]),
        ]
      }
      for (n, k) in joint { list.append(KernelInstance(Kernel.jointLinear(weights), [n, k, 4])) }
      for h in jointHidden { list.append(KernelInstance(Kernel.jointLstmStep(weights), [h, 4])) }
    }
    for (n, k) in wide {
      list += [Kernel.blockSparseLinear(n, k), KernelInstance(.packedLinear(.f32), [n, k])]
    }
    for h in hidden { list += [Kernel.blockSparseLstmStep(h), KernelInstance(.packedLstmStep(.f32), [h])] }
    for (n, k) in wide { list.append(Kernel.splitLinear(n, k)) }
    for h in hidden { list.append(Kernel.splitLstmStep(h)) }
    for (_, f, w, r) in conv { list.append(Kernel.charTable(f, w, r)) }
    for (e, f, w, r) in conv { list += [Kernel.charConv(e, f, w, r), Kernel.charConvGradient(e, f, w, r)] }
    for l in labels {
      list += [Kernel.crossEntropy(l), Kernel.crossEntropyGradient(l), Kernel.softmax(l), Kernel.argmax(l)]
    }
    for l in crfLabels {
      list += [Kernel.crfLoss(l), Kernel.crfGradient(l), Kernel.crfMarginals(l), Kernel.crfViterbi(l)]
    }
    for l in nbestLabels { list.append(Kernel.nbest(l)) }
    for kernel in Kernel.all where kernel.constants.isEmpty { list.append(KernelInstance(kernel, [])) }
    return list
  }()
}

/// Numbers for tests.
struct Numbers {
  private var state: UInt64
  init(_ seed: Int) { state = UInt64(truncatingIfNeeded: seed) &* 0x9E37_79B9_7F4A_7C15 }

  mutating func bits() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var x = state
    x = (x ^ x >> 30) &* 0xBF58_476D_1CE4_E5B9
    x = (x ^ x >> 27) &* 0x94D0_49BB_1331_11EB
    return x ^ x >> 31
  }

  /// Uniform in [−scale, scale).
  mutating func float(_ scale: Float = 1) -> Float { (Float(bits() >> 40) * 0x1p-23 - 1) * scale }
  mutating func floats(_ count: Int, _ scale: Float = 1) -> [Float] { (0..<count).map { _ in float(scale) } }
  mutating func matrix(_ rows: Int, _ columns: Int, _ scale: Float = 1) -> [[Float]] {
    (0..<rows).map { _ in floats(columns, scale) }
  }
  mutating func integer(_ count: Int) -> Int { Int(bits() % UInt64(count)) }
}

/// A value in double precision together with the sum of the magnitudes that went into it.
struct Bounded {
  var value = 0.0
  var magnitude = 0.0
  mutating func add(_ term: Double) {
    value += term
    magnitude += abs(term)
  }

  /// Whether a float result is as near as rounding allows: 1e-6 of the magnitudes.
  func allows(_ result: Float) -> Bool { abs(Double(result) - value) <= 1e-6 * magnitude + 1e-30 }
}

/// Sequences packed time-major, longest first.
struct TestPacking {
  let lengths: [Int]
  let offsets: [Int]

  init(lengths: [Int]) {
    self.lengths = lengths.sorted(by: >)
    var offsets = [0]
    for step in 0..<(self.lengths.first ?? 0) {
      offsets.append(offsets[step] + self.lengths.count { $0 > step })
    }
    self.offsets = offsets
  }

  var rows: Int { offsets.last ?? 0 }
  var steps: Int { offsets.count - 1 }
  func row(_ sequence: Int, _ step: Int) -> Int { offsets[step] + sequence }
  var buffer: GuardedBuffer<Int32> { GuardedBuffer(offsets.map(Int32.init)) }
}
