import Foundation
import Synchronization

/// A run under way: its events, its end, and the way to stop it.
///
/// Training computes for minutes without a pause, so it has a thread of its own and takes none from Swift's
/// cooperative pool.
public final class TrainingRun<Result: Sendable>: Sendable {
  /// Everything that happens, in order; ends with the run. For one reader; cancelling its task cancels the run.
  public let events: AsyncStream<TrainingEvent>
  private let task: Task<Result, any Error>
  private let flag = CancellationFlag()

  /// Starts a run.
  ///
  /// - Parameter body: does the work; it hands on events and asks before each step whether it should stop.
  public init(
    name: String = "weft-training",
    _ body:
      @escaping @Sendable (
        _ emit: @escaping @Sendable (TrainingEvent) -> Void, _ isCancelled: @escaping @Sendable () -> Bool
      ) throws -> Result
  ) {
    let (events, continuation) = AsyncStream.makeStream(of: TrainingEvent.self)
    self.events = events
    let flag = self.flag
    continuation.onTermination = { end in
      if case .cancelled = end { flag.set() }
    }
    task = Task {
      try await withCheckedThrowingContinuation { (result: CheckedContinuation<Result, any Error>) in
        let thread = Thread {
          let outcome = Swift.Result { try body({ continuation.yield($0) }, { flag.isSet }) }
          continuation.finish()
          result.resume(with: outcome)
        }
        thread.name = name
        thread.stackSize = 8 << 20
        thread.start()
      }
    }
  }

  /// Asks the run to save its state and end. It does so after the step that it is in.
  public func cancel() { flag.set() }

  /// How the run ended. Cancelling the task that waits here cancels the run, and still waits until its state is saved.
  public var result: Result {
    get async throws {
      try await withTaskCancellationHandler {
        try await task.value
      } onCancel: {
        flag.set()
      }
    }
  }
}

/// A wish to stop that any thread can express; also from a signal's handler.
final class CancellationFlag: Sendable {
  private let value = Atomic<Bool>(false)
  func set() { value.store(true, ordering: .relaxed) }
  var isSet: Bool { value.load(ordering: .relaxed) }
}
