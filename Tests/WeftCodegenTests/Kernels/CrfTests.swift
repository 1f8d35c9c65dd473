import Foundation
import Testing

@testable import WeftCodegen

/// Everything about one sentence's paths, by looking at every path.
struct PathEnumeration {
  var paths: [(labels: [Int], score: Double)] = []

  init(scores: [[Float]], crf: TestCrf, known: [Int32]) {
    let labels = crf.labels
    var path = Array(repeating: 0, count: scores.count)
    while true {
      if crf.allows(path), zip(path, known).allSatisfy({ $1 < 0 || $0 == Int($1) }) {
        paths.append((path, crf.score(path, scores)))
      }
      var digit = 0
      while digit < path.count {
        path[digit] += 1
        if path[digit] < labels { break }
        path[digit] = 0
        digit += 1
      }
      if digit == path.count { break }
    }
  }

  var logSum: Double {
    let peak = paths.map(\.score).max() ?? -.infinity
    return peak + log(paths.reduce(0) { $0 + exp($1.score - peak) })
  }

  /// Calls back with each path and its probability.
  func visit(_ body: ([Int], Double) -> Void) {
    let total = logSum
    for path in paths { body(path.labels, exp(path.score - total)) }
  }
}

struct TestCrf {
  let labels: Int
  var transitions: [Float]
  var start: [Float]?
  var end: [Float]?
  var allowed: [UInt8]?
  var allowedStart: [UInt8]?
  var allowedEnd: [UInt8]?

  init(_ labels: Int, full: Bool, scale: Float, seed: Int) {
    var numbers = Numbers(seed)
    self.labels = labels
    transitions = numbers.floats(labels * labels, scale)
    guard full else { return }
    start = numbers.floats(labels, scale)
    end = numbers.floats(labels, scale)
    // The first label may follow and be followed by all, so that there always is a path.
    allowed = (0..<labels * labels).map { $0 < labels || $0 % labels == 0 ? 1 : UInt8(numbers.integer(2)) }
    allowedStart = (0..<labels).map { $0 == 0 ? 1 : UInt8(numbers.integer(2)) }
    allowedEnd = (0..<labels).map { $0 == 0 ? 1 : UInt8(numbers.integer(2)) }
  }

  func allows(_ path: [Int]) -> Bool {
    guard let first = path.first, let last = path.last else { return true }
    return (allowedStart?[first] ?? 1) != 0 && (allowedEnd?[last] ?? 1) != 0
      && zip(path, path.dropFirst()).allSatisfy { (allowed?[$0 * labels + $1] ?? 1) != 0 }
  }

  func score(_ path: [Int], _ scores: [[Float]]) -> Double {
    guard let first = path.first, let last = path.last else { return 0 }
    var score = Double(start?[first] ?? 0) + Double(end?[last] ?? 0)
    for (token, label) in path.enumerated() { score += Double(scores[token][label]) }
    for (from, to) in zip(path, path.dropFirst()) { score += Double(transitions[from * labels + to]) }
    return score
  }

  var buffers: CRFBuffers {
    CRFBuffers(
      transitions: GuardedBuffer(transitions), start: start.map { GuardedBuffer($0) },
      end: end.map { GuardedBuffer($0) }, allowed: allowed.map { GuardedBuffer($0) },
      allowedStart: allowedStart.map { GuardedBuffer($0) }, allowedEnd: allowedEnd.map { GuardedBuffer($0) })
  }
}

/// A batch of sentences with scores and labels, some of them unknown.
struct CrfSample {
  let crf: TestCrf
  let packing: TestPacking
  let scores: [[Float]]
  let labels: [Int32]

  init(labels count: Int, full: Bool, scale: Float, lengths: [Int]) {
    var numbers = Numbers(count + lengths.count + (full ? 100 : 0))
    crf = TestCrf(count, full: full, scale: scale / 3, seed: count)
    packing = TestPacking(lengths: lengths)
    scores = numbers.matrix(packing.rows, count, scale)
    // One sentence known throughout, one in part, one not at all, and so on; known labels lie on an allowed path.
    var labels = Array(repeating: Int32(-1), count: packing.rows)
    for sentence in packing.lengths.indices where sentence % 3 != 2 {
      let rows = (0..<packing.lengths[sentence]).map { [packing] in packing.row(sentence, $0) }
      let paths = PathEnumeration(
        scores: rows.map { [scores] in scores[$0] }, crf: crf, known: rows.map { _ in -1 })
      let path = paths.paths[numbers.integer(paths.paths.count)].labels
      for (token, row) in rows.enumerated() where sentence % 3 == 0 || numbers.integer(2) == 0 {
        labels[row] = Int32(path[token])
      }
    }
    self.labels = labels
  }

  static let all: [CrfSample] = TestInstances.crfLabels.flatMap { labels in
    [false, true].flatMap { full in
      ([[], [1], labels == 17 ? [3, 2, 2] : [5, 4, 4, 2, 1, 1]]).flatMap { lengths in
        ([2, 40] as [Float]).map { CrfSample(labels: labels, full: full, scale: $0, lengths: lengths) }
      }
    }
  }

  func rows(of sentence: Int) -> [Int] { (0..<packing.lengths[sentence]).map { packing.row(sentence, $0) } }

  func paths(of sentence: Int, known: Bool) -> PathEnumeration {
    let rows = rows(of: sentence)
    return PathEnumeration(
      scores: rows.map { scores[$0] }, crf: crf, known: rows.map { known ? labels[$0] : -1 })
  }

  var hasLabels: [Bool] { packing.lengths.indices.map { rows(of: $0).contains { labels[$0] >= 0 } } }

  /// The leading arguments of all CRF kernels, with the scores in guarded memory.
  var arguments: [Argument] {
    [.int(packing.lengths.count), .integers(packing.buffer), .int(packing.steps)]
      + Argument.matrix(GuardedMatrix(scores, columns: crf.labels))
  }

  var work: GuardedBuffer<Float> {
    GuardedBuffer(repeating: 7, count: KernelWork.crf(labels: crf.labels, tokens: packing.steps))
  }
}

@Suite struct CrfTests {
  @Test(arguments: Target.all) func loss(_ target: Target) throws {
    let kernels = try target.kernels()
    for sample in CrfSample.all {
      let count = GuardedBuffer<Int32>([-1])
      let work = sample.work
      let loss = try kernels.call(
        Kernel.crfLoss(sample.crf.labels),
        sample.arguments
          + [
            .integers(GuardedBuffer(sample.labels)), .crf(sample.crf.buffers), .floats(work),
            .integers(count),
          ])
      let expected = sample.packing.lengths.indices.filter { sample.hasLabels[$0] }.reduce(0.0) {
        $0 + sample.paths(of: $1, known: false).logSum - sample.paths(of: $1, known: true).logSum
      }
      #expect(abs(loss - expected) <= 2e-6 * max(1, abs(expected)))
      #expect(count[0] == sample.hasLabels.count { $0 })
      #expect(work.isIntact)
    }
  }

  @Test(arguments: Target.all) func gradient(_ target: Target) throws {
    let kernels = try target.kernels()
    for sample in CrfSample.all {
      for adds in [false, true] {
        let labels = sample.crf.labels
        let start: Float = adds ? 0.5 : 0
        let d = GuardedMatrix(rows: sample.packing.rows, columns: labels) { _, _ in 0.5 }
        let dTransitions = GuardedBuffer<Float>(repeating: 0.5, count: labels * labels)
        let dStart = sample.crf.start.map { _ in GuardedBuffer<Float>(repeating: 0.5, count: labels) }
        let dEnd = sample.crf.end.map { _ in GuardedBuffer<Float>(repeating: 0.5, count: labels) }
        let work = sample.work
        try kernels.call(
          Kernel.crfGradient(labels),
          sample.arguments
            + [
              .integers(GuardedBuffer(sample.labels)), .crf(sample.crf.buffers), .floats(work), .float(0.25),
            ]
            + Argument.matrix(d) + [
              .int(adds ? 1 : 0), .floats(dTransitions), .floats(dStart), .floats(dEnd),
            ])
        #expect(d.isIntact && dTransitions.isIntact && work.isIntact)

        var expected = Array(
          repeating: Array(repeating: Double(start), count: labels), count: sample.packing.rows)
        var transitions = Array(repeating: 0.5, count: labels * labels)
        var starts = Array(repeating: 0.5, count: labels)
        var ends = starts
        for sentence in sample.packing.lengths.indices where sample.hasLabels[sentence] {
          for (known, factor) in [(false, 0.25), (true, -0.25)] {
            let rows = sample.rows(of: sentence)
            sample.paths(of: sentence, known: known).visit { path, probability in
              for (token, label) in path.enumerated() { expected[rows[token]][label] += factor * probability }
              for (a, b) in zip(path, path.dropFirst()) {
                transitions[a * labels + b] += factor * probability
              }
              starts[path[0]] += factor * probability
              ends[path[path.count - 1]] += factor * probability
            }
          }
        }
        for row in 0..<sample.packing.rows {
          #expect(zip(d.row(row), expected[row]).allSatisfy { abs(Double($0) - $1) <= 2e-6 })
        }
        #expect(zip(dTransitions.elements, transitions).allSatisfy { abs(Double($0) - $1) <= 3e-6 })
        if let dStart { #expect(zip(dStart.elements, starts).allSatisfy { abs(Double($0) - $1) <= 3e-6 }) }
        if let dEnd { #expect(zip(dEnd.elements, ends).allSatisfy { abs(Double($0) - $1) <= 3e-6 }) }
      }
    }
  }

  @Test(arguments: Target.all) func marginalsAndViterbi(_ target: Target) throws {
    let kernels = try target.kernels()
    for sample in CrfSample.all {
      let labels = sample.crf.labels
      let p = GuardedMatrix(rows: sample.packing.rows, columns: labels) { _, _ in 9 }
      let best = GuardedBuffer<Int32>(repeating: -1, count: sample.packing.rows)
      let work = sample.work
      try kernels.call(
        Kernel.crfMarginals(labels),
        sample.arguments + [.crf(sample.crf.buffers), .floats(work)] + Argument.matrix(p))
      try kernels.call(
        Kernel.crfViterbi(labels),
        sample.arguments + [.crf(sample.crf.buffers), .floats(work), .integers(best)])
      #expect(p.isIntact && best.isIntact && work.isIntact)
      for sentence in sample.packing.lengths.indices {
        let rows = sample.rows(of: sentence)
        let paths = sample.paths(of: sentence, known: false)
        var expected = Array(repeating: Array(repeating: 0.0, count: labels), count: rows.count)
        paths.visit { path, probability in
          for (token, label) in path.enumerated() { expected[token][label] += probability }
        }
        for (token, row) in rows.enumerated() {
          #expect(zip(p.row(row), expected[token]).allSatisfy { abs(Double($0) - $1) <= 1e-6 })
        }
        let found = rows.map { Int(best[$0]) }
        let greatest = paths.paths.map(\.score).max() ?? 0
        #expect(sample.crf.allows(found))
        #expect(sample.crf.score(found, rows.map { sample.scores[$0] }) >= greatest - 1e-4)
      }
    }
  }

  @Test(arguments: Target.all) func viterbiTakesTheSmallestOfEqualLabels(_ target: Target) throws {
    let packing = TestPacking(lengths: [4, 1])
    var crf = TestCrf(5, full: false, scale: 1, seed: 1)
    crf.transitions = Array(repeating: 0, count: 25)
    let scores = GuardedMatrix(rows: packing.rows, columns: 5) { _, column in
      column == 1 || column == 3 ? 1 : 0
    }
    let best = GuardedBuffer<Int32>(repeating: -1, count: packing.rows)
    let work = GuardedBuffer<Float>(repeating: 7, count: KernelWork.crf(labels: 5, tokens: 4))
    try target.kernels().call(
      Kernel.crfViterbi(5),
      [.int(2), .integers(packing.buffer), .int(4)] + Argument.matrix(scores)
        + [.crf(crf.buffers), .floats(work), .integers(best)])
    #expect(best.elements == [1, 1, 1, 1, 1])
  }

  /// Scores so far apart that probabilities in single precision would vanish.
  @Test(arguments: Target.all) func farApartScores(_ target: Target) throws {
    let packing = TestPacking(lengths: [6])
    var crf = TestCrf(2, full: false, scale: 1, seed: 1)
    crf.transitions = [0, -1000, -1000, 0]
    crf.allowed = [1, 0, 0, 1]
    // Label 1 falls behind by 100 at each of three tokens and catches up at the others.
    let values: [[Float]] = (0..<6).map { $0 < 3 ? [100, 0] : [0, 100] }
    let work = GuardedBuffer<Float>(repeating: 7, count: KernelWork.crf(labels: 2, tokens: 6))
    let p = GuardedMatrix(rows: 6, columns: 2) { _, _ in 9 }
    try target.kernels().call(
      Kernel.crfMarginals(2),
      [.int(1), .integers(packing.buffer), .int(6)] + Argument.matrix(GuardedMatrix(values, columns: 2))
        + [.crf(crf.buffers), .floats(work)] + Argument.matrix(p))
    for row in 0..<6 { #expect(abs(p[row, 0] - 0.5) < 1e-5 && abs(p[row, 1] - 0.5) < 1e-5) }
  }

  @Test(arguments: Target.all) func nbest(_ target: Target) throws {
    let kernels = try target.kernels()
    for labels in TestInstances.nbestLabels {
      for tokens in [0, 1, 2, 4] {
        for (number, wanted) in [1, 3, 10, 700].enumerated() {
          for crf in [
            nil, TestCrf(labels, full: false, scale: 1, seed: number),
            TestCrf(labels, full: true, scale: 1, seed: number),
          ] {
            var numbers = Numbers(labels + tokens)
            let scores = numbers.matrix(tokens, labels, 3)
            let paths = GuardedBuffer<Int32>(repeating: -1, count: wanted * tokens)
            let logs = GuardedBuffer<Float>(repeating: 9, count: wanted)
            let work = GuardedBuffer<Float>(
              repeating: 7, count: KernelWork.nbest(labels: labels, tokens: tokens, paths: wanted))
            let count = Int(
              try kernels.call(
                Kernel.nbest(labels),
                [
                  .int(tokens), .floats(GuardedBuffer(scores.flatMap { $0 })), .crf(crf?.buffers),
                  .int(wanted),
                  .integers(paths), .floats(logs), .floats(work),
                ]))
            #expect(paths.isIntact && logs.isIntact && work.isIntact)
            guard tokens > 0 else {
              #expect(count == 0)
              continue
            }
            var reference = crf ?? TestCrf(labels, full: false, scale: 0, seed: 0)
            if crf == nil { reference.transitions = Array(repeating: 0, count: labels * labels) }
            let all = PathEnumeration(scores: scores, crf: reference, known: scores.map { _ in -1 })
            let sorted = all.paths.sorted { $0.score > $1.score }
            let total = all.logSum
            #expect(count == min(wanted, sorted.count))
            for rank in 0..<min(count, sorted.count) {
              #expect(abs(Double(logs[rank]) - (sorted[rank].score - total)) <= 1e-5)
              let path = (0..<tokens).map { Int(paths[rank * tokens + $0]) }
              #expect(reference.allows(path))
              #expect(abs(reference.score(path, scores) - sorted[rank].score) <= 1e-5)
            }
            let distinct = Set((0..<count).map { rank in (0..<tokens).map { paths[rank * tokens + $0] } })
            #expect(distinct.count == count)
          }
        }
      }
    }
  }
}
