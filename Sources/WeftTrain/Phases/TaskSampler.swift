import WeftCorpus
import WeftSpec

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Which stream a step draws from: a function of (seed, phase, step) alone.
public struct TaskSampler: Sendable {
  /// Probability of each stream; equal for round-robin.
  public let probabilities: [Double]
  private let cumulative: [Double]
  private let isRoundRobin: Bool
  private let seed: UInt64
  private let phase: UInt64

  /// - Parameters:
  ///   - sizes: training sentences of each stream; at least one is positive.
  ///   - phase: number of the phase, so that equal steps of different phases draw independently.
  public init(_ sampling: SamplingSpec, sizes: [Int], seed: UInt64, phase: Int) {
    let weights = sizes.map { size in
      guard size > 0 else { return 0.0 }
      switch sampling {
      case .proportional: return Double(size)
      case .temperature(let exponent): return pow(Double(size), exponent)
      case .uniform, .roundRobin: return 1
      }
    }
    let total = weights.reduce(0, +)
    precondition(total > 0, "no stream has a sentence")
    probabilities = weights.map { $0 / total }
    var sum = 0.0
    cumulative = probabilities.map { probability in
      sum += probability
      return sum
    }
    isRoundRobin = sampling == .roundRobin
    self.seed = seed
    self.phase = UInt64(phase)
  }

  /// The stream of a step, counted from the start of the phase.
  public func stream(at step: Int) -> Int {
    if probabilities.count == 1 { return 0 }
    if isRoundRobin { return step % probabilities.count }
    let row = RandomStream(seed: seed, site: "sampling", task: phase, step: UInt64(step)).row(
      sentence: 0, position: 0)
    let draw = Double(row.integer(below: 1 << 53, 0)) * 0x1p-53
    // Rounding may leave the last sum a little below 1; the last stream with a positive probability takes the rest.
    return cumulative.firstIndex { draw < $0 } ?? (probabilities.lastIndex { $0 > 0 } ?? 0)
  }
}
