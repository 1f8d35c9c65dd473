import Foundation
import WeftCorpus
import WeftGraph

/// A CRF by enumeration of all paths, straight from the definition.
struct CRFFixture {
  var scores: [[Double]]
  var transitions: Matrix
  var start: [Double]
  var end: [Double]
  var constraints: CRFConstraints?

  var labels: Int { transitions.rows }

  /// Label 0 may not follow the last label, nor begin; the last label may not end; legal for every length.
  static func constraints(_ labels: Int) -> CRFConstraints {
    var result = CRFConstraints(
      allowed: Array(repeating: true, count: labels * labels),
      allowedStart: Array(repeating: true, count: labels), allowedEnd: Array(repeating: true, count: labels))
    if labels > 2 {
      result.allowed[(labels - 1) * labels] = false
      result.allowedStart[0] = false
      result.allowedEnd[labels - 1] = false
    }
    return result
  }

  /// The batch with label 1 in place of those that `constraints(_:)` could forbid.
  static func legal(_ batch: PackedBatch, labels: Int) -> PackedBatch {
    var batch = batch
    guard labels > 2 else { return batch }
    batch.inputs["label.t"] = batch.inputs["label.t"]?.map { $0 == 0 || $0 == Int32(labels - 1) ? 1 : $0 }
    return batch
  }

  /// Every labelling that the constraints allow and that agrees with the known labels (−1: unknown).
  func paths(known: [Int]? = nil) -> [[Int]] {
    var paths: [[Int]] = [[]]
    for position in scores.indices {
      paths = paths.flatMap { path in (0..<labels).map { path + [$0] } }
      if let label = known?[position], label >= 0 { paths = paths.filter { $0[position] == label } }
    }
    guard let constraints else { return paths }
    return paths.filter { path in
      guard let first = path.first, let last = path.last else { return true }
      return constraints.allowedStart[first] && constraints.allowedEnd[last]
        && zip(path, path.dropFirst()).allSatisfy(constraints.allows)
    }
  }

  func score(_ path: [Int]) -> Double {
    guard let first = path.first, let last = path.last else { return 0 }
    return start[first] + end[last] + path.enumerated().reduce(0) { $0 + scores[$1.offset][$1.element] }
      + zip(path, path.dropFirst()).reduce(0) { $0 + transitions[$1.0, $1.1] }
  }

  func partition(known: [Int]? = nil) -> Double { paths(known: known).reduce(0) { $0 + exp(score($1)) } }

  func loss(known: [Int]) -> Double { -log(partition(known: known) / partition()) }

  func marginal(_ position: Int, _ label: Int) -> Double {
    paths().filter { $0[position] == label }.reduce(0) { $0 + exp(score($1)) } / partition()
  }

  /// The best path; its score is unique for random parameters.
  func best() -> [Int] { paths().max { score($0) < score($1) } ?? [] }
}
