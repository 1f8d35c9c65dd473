import CWeftABI

/// Threads that generated code splits its work over: the caller and `threads` − 1 workers, which wait
/// spinning for some microseconds and then asleep.
///
/// One thread at a time may run work on a team; a `Session` or `TrainerState` owns its own.
final class ThreadTeam {
  let threads: Int
  // Owned by this object from init to deinit, and touched by nobody else.
  private let team: OpaquePointer
  private let table: UnsafeMutablePointer<weft_threads>

  init(threads: Int) throws(RuntimeError) {
    guard (1...256).contains(threads) else {
      throw RuntimeError(.invalidInput, "The number of threads must be from 1 to 256, not \(threads).")
    }
    guard let team = weft_team_create(Int32(threads)) else {
      throw RuntimeError(.outOfMemory, "The system gives no \(threads) threads.")
    }
    self.threads = threads
    self.team = team
    table = .allocate(capacity: 1)
    table.initialize(to: weft_threads(parallel: weft_team_parallel, context: UnsafeMutableRawPointer(team)))
  }

  deinit {
    weft_team_destroy(team)
    table.deinitialize(count: 1)
    table.deallocate()
  }

  /// What generated code takes: null for one thread.
  var pointer: UnsafePointer<weft_threads>? { threads > 1 ? UnsafePointer(table) : nil }
}
