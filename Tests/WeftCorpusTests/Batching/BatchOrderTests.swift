import Testing
import WeftCorpus

@Suite("Order of batches")
struct BatchOrderTests {
  private let lengths = (0..<2503).map { 1 + Int(splitmix64(UInt64($0)) % 60) }

  @Test func everySentenceOnceInBatchesOfSimilarLength() {
    let sentences = Array(0..<lengths.count)
    let batches = BatchOrder(seed: 1, task: 0, epoch: 0).batches(of: sentences, lengths: lengths, size: 10)
    #expect(batches.flatMap { $0 }.sorted() == sentences)
    #expect(batches.count == 251)
    #expect(batches.filter { $0.count != 10 }.map(\.count) == [3])
    let spread = batches.map { batch in
      (batch.map { lengths[$0] }.max() ?? 0) - (batch.map { lengths[$0] }.min() ?? 0)
    }
    #expect(spread.reduce(0, +) / spread.count <= 2)
    // The batches themselves are not in order of length.
    let firsts = batches.map { lengths[$0[0]] }
    #expect(firsts != firsts.sorted() && firsts != firsts.sorted(by: >))
  }

  @Test func aPureFunctionOfItsKey() {
    let sentences = Array(0..<lengths.count)
    func batches(_ seed: UInt64, _ task: Int, _ epoch: Int) -> [[Int]] {
      BatchOrder(seed: seed, task: task, epoch: epoch).batches(of: sentences, lengths: lengths, size: 32)
    }
    #expect(batches(1, 0, 5) == batches(1, 0, 5))
    #expect(batches(1, 0, 5) != batches(2, 0, 5))
    #expect(batches(1, 0, 5) != batches(1, 1, 5))
    #expect(batches(1, 0, 5) != batches(1, 0, 6))
  }

  @Test func smallOnes() {
    let order = BatchOrder(seed: 1, task: 0, epoch: 0)
    #expect(order.batches(of: [], lengths: [], size: 10).isEmpty)
    #expect(order.batches(of: [2], lengths: [1, 1, 1], size: 10) == [[2]])
    #expect(order.batches(of: [0, 1], lengths: [1, 1], size: 1).map(\.count) == [1, 1])
  }
}
