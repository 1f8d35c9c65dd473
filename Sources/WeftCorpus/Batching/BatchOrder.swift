/// The mini-batches of one pass over a task's sentences, as a pure function of the seed, the task and the pass.
///
/// The sentences are shuffled, cut into chunks of 100 batches, each chunk sorted by length (so that a batch holds
/// sentences of similar length), cut into batches, and the batches shuffled. Nothing depends on passes before, so a
/// resumed run has the batches of the run that was stopped.
public struct BatchOrder: Sendable, Equatable {
  public let seed: UInt64
  /// Number of the task in the spec.
  public let task: Int
  /// Passes that the task has made before.
  public let epoch: Int

  /// Batches a chunk that is sorted by length.
  public static let chunk = 100

  public init(seed: UInt64, task: Int, epoch: Int) {
    self.seed = seed
    self.task = task
    self.epoch = epoch
  }

  /// The batches.
  ///
  /// - Parameters:
  ///   - sentences: indices of the sentences, in any fixed order; each comes up exactly once.
  ///   - lengths: tokens of every sentence of the corpus.
  ///   - size: sentences a batch, at least 1; one batch may hold fewer.
  public func batches(of sentences: [Int], lengths: [Int], size: Int) -> [[Int]] {
    let size = max(1, size)
    let stream = RandomStream(
      seed: seed, site: "batches", task: UInt64(truncatingIfNeeded: task),
      step: UInt64(truncatingIfNeeded: epoch))
    var shuffled = sentences
    stream.row(sentence: 0, position: 0).shuffle(&shuffled)
    var batches: [[Int]] = []
    for start in stride(from: 0, to: shuffled.count, by: size * Self.chunk) {
      let chunk = shuffled[start..<min(start + size * Self.chunk, shuffled.count)].enumerated().sorted {
        let (left, right) = (lengths[$0.element], lengths[$1.element])
        return left == right ? $0.offset < $1.offset : left > right
      }
      for first in stride(from: 0, to: chunk.count, by: size) {
        batches.append(chunk[first..<min(first + size, chunk.count)].map(\.element))
      }
    }
    stream.row(sentence: 1, position: 0).shuffle(&batches)
    return batches
  }
}
