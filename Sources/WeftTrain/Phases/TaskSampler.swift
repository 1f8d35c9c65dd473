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
  /// Share of the steps that each stream has, in the long run.
  public let probabilities: [Double]
  private let cumulative: [Double]
  /// The streams of an epoch or of a round, over and over; empty where streams are drawn by chance.
  private let turns: [Int]
  private let seed: UInt64
  private let phase: UInt64

  /// - Parameters:
  ///   - sizes: training sentences of each stream; at least one is positive.
  ///   - steps: steps that one pass over each stream takes; the steps of an epoch are their sum.
  ///   - phase: number of the phase, so that equal steps of different phases draw independently.
  public init(_ sampling: SamplingSpec, sizes: [Int], steps: [Int], seed: UInt64, phase: Int) {
    precondition(steps.count == sizes.count, "\(steps.count) numbers of steps for \(sizes.count) streams")
    let weights = sizes.indices.map { stream in
      guard sizes[stream] > 0 else { return 0.0 }
      switch sampling {
      case .proportional: return Double(sizes[stream])
      case .temperature(let exponent): return pow(Double(sizes[stream]), exponent)
      case .uniform, .roundRobin: return 1
      case .roundRobinUntilExhausted: return Double(steps[stream])
      }
    }
    let filled = sizes.indices.filter { sizes[$0] > 0 }
    turns =
      switch sampling {
      case .proportional, .temperature, .uniform: []
      case .roundRobin: filled
      case .roundRobinUntilExhausted:
        (0..<(steps.max() ?? 0)).flatMap { round in filled.filter { round < steps[$0] } }
      }
    let total = weights.reduce(0, +)
    precondition(total > 0, "no stream has a sentence")
    probabilities = weights.map { $0 / total }
    var sum = 0.0
    cumulative = probabilities.map { probability in
      sum += probability
      return sum
    }
    self.seed = seed
    self.phase = UInt64(phase)
  }

  /// The stream of a step, counted from the start of the phase.
  public func stream(at step: Int) -> Int {
    if probabilities.count == 1 { return 0 }
    if !turns.isEmpty { return turns[step % turns.count] }
    let row = RandomStream(seed: seed, site: "sampling", task: phase, step: UInt64(step)).row(
      sentence: 0, position: 0)
    let draw = Double(row.integer(below: 1 << 53, 0)) * 0x1p-53
    // Rounding may leave the last sum a little below 1; the last stream with a positive probability takes the rest.
    return cumulative.firstIndex { draw < $0 } ?? (probabilities.lastIndex { $0 > 0 } ?? 0)
  }
}
