import CWeftABI
import Foundation
import Synchronization
import Testing

@testable import WeftRuntime

/// What parallel runs of these tests write to.
private final class Tally: Sendable {
  let hits: [Counter]
  let modes: [Counter]
  final class Counter: Sendable { let value = Atomic<UInt64>(0) }
  init(_ count: Int) {
    hits = (0..<count).map { _ in Counter() }
    modes = (0..<count).map { _ in Counter() }
  }
  var total: UInt64 { hits.reduce(0) { $0 + $1.value.load(ordering: .relaxed) } }
}

private func hit(_ argument: UnsafeMutableRawPointer?, _ index: Int32) {
  guard let argument else { return }
  let tally = Unmanaged<Tally>.fromOpaque(argument).takeUnretainedValue()
  tally.hits[Int(index)].value.wrappingAdd(1, ordering: .relaxed)
  tally.modes[Int(index)].value.store(weft_float_mode(), ordering: .relaxed)
}

private func run(_ team: ThreadTeam, _ tally: Tally, _ count: Int) {
  guard let threads = team.pointer else { return }
  threads.pointee.parallel(
    threads.pointee.context, hit, Unmanaged.passUnretained(tally).toOpaque(), Int32(count))
}

@Suite struct ThreadTeamTests {
  /// Short jobs in quick succession, and pauses long enough for workers to fall asleep.
  @Test(arguments: [2, 3, 5]) func everyIndexRunsOnce(threads: Int) throws {
    let team = try ThreadTeam(threads: threads)
    for round in 0..<3000 {
      let count = round % 7
      let tally = Tally(7)
      run(team, tally, count)
      #expect(tally.total == UInt64(count))
      #expect(tally.hits.prefix(count).allSatisfy { $0.value.load(ordering: .relaxed) == 1 })
      if round % 500 == 0 { Thread.sleep(forTimeInterval: 0.002) }
    }
  }

  @Test func oneThreadNeedsNoTeam() throws {
    #expect(try ThreadTeam(threads: 1).pointer == nil)
    #expect(runtimeError { _ = try ThreadTeam(threads: 0) }?.kind == .invalidInput)
  }

  @Test func workersTakeOverTheCallersFloatingPointMode() throws {
    let team = try ThreadTeam(threads: 2)
    let before = weft_flush_denormals()
    defer { weft_set_float_mode(before) }
    let mode = weft_float_mode()
    for _ in 0..<200 {
      let tally = Tally(4)
      run(team, tally, 4)
      #expect(tally.modes.allSatisfy { $0.value.load(ordering: .relaxed) == mode })
    }
  }

  /// A run that splits its own work gets it done in place.
  @Test func nestedCallsRunInPlace() throws {
    final class Nest {
      let team: UnsafeMutableRawPointer
      let tally = Tally(6)
      init(_ team: UnsafeMutableRawPointer) { self.team = team }
    }
    let team = try ThreadTeam(threads: 2)
    let threads = try #require(team.pointer)
    let nest = Nest(try #require(threads.pointee.context))
    withExtendedLifetime(nest) {
      threads.pointee.parallel(
        threads.pointee.context,
        { argument, _ in
          guard let argument else { return }
          let nest = Unmanaged<Nest>.fromOpaque(argument).takeUnretainedValue()
          weft_team_parallel(nest.team, hit, Unmanaged.passUnretained(nest.tally).toOpaque(), 6)
        }, Unmanaged.passUnretained(nest).toOpaque(), 4)
    }
    #expect(nest.tally.hits.allSatisfy { $0.value.load(ordering: .relaxed) == 4 })
  }
}

@Test func flushingDenormalsIsUndone() {
  let before = weft_float_mode()
  var tiny = Float.leastNormalMagnitude
  let saved = weft_flush_denormals()
  tiny /= 2
  weft_set_float_mode(saved)
  #if arch(x86_64) || arch(arm64)
    #expect(tiny == 0)
  #endif
  #expect(weft_float_mode() == before)
  #expect(Float.leastNormalMagnitude / 2 > 0)
}
