import Foundation
import Synchronization

/// Threads for work that computes for minutes, of which there are fewer than pieces of work.
enum WorkerThreads {
  private struct State<Result> {
    var next = 0
    var results: [Int: Result] = [:]
    var error: (any Error)?
  }

  /// Does the work on every item, at most `threads` of them at a time.
  ///
  /// - Parameter work: told whether another item has failed, in which case it should end soon.
  /// - Returns: results in the order of the items.
  /// - Throws: the first error, when all threads have ended.
  static func map<Item: Sendable, Result: Sendable>(
    _ items: [Item], threads: Int,
    _ work: @escaping @Sendable (_ item: Item, _ hasFailed: @escaping @Sendable () -> Bool) throws -> Result
  ) throws -> [Result] {
    let pool = Pool<Result>(count: items.count)
    if threads <= 1 || items.count <= 1 {
      return try items.map { try work($0) { false } }
    }
    let group = DispatchGroup()
    for _ in 0..<min(threads, items.count) {
      group.enter()
      let thread = Thread {
        while let index = pool.take() {
          pool.put(Swift.Result { try work(items[index]) { pool.hasFailed } }, at: index)
        }
        group.leave()
      }
      thread.name = "weft-worker"
      thread.stackSize = 8 << 20
      thread.start()
    }
    group.wait()
    return try pool.results()
  }

  private final class Pool<Result: Sendable>: Sendable {
    private let count: Int
    private let state = Mutex(State<Result>())

    init(count: Int) { self.count = count }

    var hasFailed: Bool { state.withLock { $0.error != nil } }

    /// The next item; nil if there is none, or one has failed.
    func take() -> Int? {
      state.withLock { state in
        guard state.next < count, state.error == nil else { return nil }
        defer { state.next += 1 }
        return state.next
      }
    }

    func put(_ result: Swift.Result<Result, any Error>, at index: Int) {
      state.withLock { state in
        switch result {
        case .success(let value): state.results[index] = value
        case .failure(let error): state.error = state.error ?? error
        }
      }
    }

    func results() throws -> [Result] {
      try state.withLock { state in
        if let error = state.error { throw error }
        return (0..<count).compactMap { state.results[$0] }
      }
    }
  }
}
