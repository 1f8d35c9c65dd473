import Dispatch
import Foundation
import Synchronization

/// Catches Ctrl-C and `kill`: the first asks the work to stop, the second ends the process at once.
final class StopSignals: Sendable {
  private struct State {
    var received: ExitStatus?
    var stop: @Sendable () -> Void
  }
  private let state: Mutex<State>
  /// Sound: set once in `init`, and dispatch sources may be used from any thread.
  nonisolated(unsafe) private let sources: [any DispatchSourceSignal]

  init(_ stop: @escaping @Sendable () -> Void) {
    state = Mutex(State(stop: stop))
    let pairs: [(Int32, ExitStatus)] = [(SIGINT, .interrupted), (SIGTERM, .terminated)]
    sources = pairs.map { number, _ in
      // The source sees the signal only if it has no other effect.
      signal(number, SIG_IGN)
      return DispatchSource.makeSignalSource(signal: number, queue: .global())
    }
    for (source, (_, status)) in zip(sources, pairs) {
      source.setEventHandler { [weak self] in self?.receive(status) }
      source.activate()
    }
  }

  deinit { for source in sources { source.cancel() } }

  /// What has been received.
  var received: ExitStatus? { state.withLock { $0.received } }

  /// From now on, a signal stops something else. If one came before, that is stopped at once.
  func onStop(_ stop: @escaping @Sendable () -> Void) {
    let isLate = state.withLock { state in
      state.stop = stop
      return state.received != nil
    }
    if isLate { stop() }
  }

  private func receive(_ status: ExitStatus) {
    let stop = state.withLock { state -> (@Sendable () -> Void)? in
      guard state.received == nil else { return nil }
      state.received = status
      return state.stop
    }
    guard let stop else { exit(status.rawValue) }
    StandardError.write("\nstopping after this step; once more to end at once without saving")
    stop()
  }
}
