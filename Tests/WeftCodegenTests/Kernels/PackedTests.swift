import Foundation
import Testing

@testable import WeftCodegen

/// Products with packed weights, against sums in double precision: all weights, none, some by chance, and one column
/// with all of them among columns with few.
@Suite struct PackedTests {
  enum Kept: CaseIterable {
    case all, none, tenth, quarter, half, oneColumn

    func isKept(_ column: Int, _ input: Int) -> Bool {
      let chance = ((column &* 2_654_435_761) ^ (input &* 40_503) &* (column + 7)) >> 5 & 0xFF
      return switch self {
      case .all: true
      case .none: false
      case .tenth: chance < 26
      case .quarter: chance < 64
      case .half: chance < 115
      case .oneColumn: column % 16 == 3 || input % 50 == column % 16
      }
    }
  }

  /// Every word of a small matrix: four columns of 34 inputs.
  @Test func layout() {
    let kept = [[0, 1, 2, 3, 33], [5], [], [33]]
    let matrix = PackedMatrix((0..<4).map { column in (0..<34).map { Float(100 * column + $0) } }) {
      kept[$0].contains($1)
    }
    // The fifth weight of the first column has to wait for a window of its own, which ends with the last input, and
    // so does that of the last column, which is behind the first window.
    #expect(matrix.firstInputs == [[0, 2]])
    let words = (0..<matrix.words.count).map { matrix.words[$0] }
    let bits = words.map(\.bitPattern)
    #expect(Array(bits[..<16]) == [0, 2] + Array(repeating: 0, count: 14))
    #expect(Array(bits[16..<32]) == [2 << 16] + Array(repeating: 0, count: 15))
    let numbers = bits[32..<64].flatMap { word in (0..<4).map { Int(word >> UInt32(8 * $0) & 0xFF) } }
    let first = [[0, 5, 0, 0], [1, 0, 0, 0], [2, 0, 0, 0], [3, 0, 0, 0]]
    let second = [[31, 0, 0, 31], [0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]]
    let left = Array(repeating: 0, count: 12)
    #expect(numbers == (first + second).flatMap { $0 + left })
    let weights: [[Float]] = [[0, 105, 0, 0], [1, 0, 0, 0], [2, 0, 0, 0], [3, 0, 0, 0], [33, 0, 0, 333]]
    #expect(
      Array(words[64...])
        == (weights + second.dropFirst().map { $0.map(Float.init) }).flatMap { $0 + left.map(Float.init) })
  }

  /// What a plan counts is what the layout has, with all weights and when some of them are zero.
  @Test(arguments: Kept.allCases) func windowsAreCounted(_ kept: Kept) {
    for (n, k) in TestInstances.wide {
      let matrix = PackedMatrix(
        Array(repeating: Array(repeating: 1, count: k), count: n), isKept: kept.isKept)
      for (vector, firsts) in matrix.firstInputs.enumerated() {
        let columns = (16 * vector..<min(16 * vector + 16, n)).map { column in
          (0..<k).filter { kept.isKept(column, $0) }
        }
        let count = PackedWindows.count(columns, depth: k)
        #expect(count == firsts.count)
        let fewer = columns.map { inputs in inputs.filter { $0 % 3 != 1 } }
        #expect(PackedWindows.count(fewer, depth: k) <= count)
        // As many as the fullest column needs at least.
        #expect(4 * count >= columns.map(\.count).max() ?? 0)
      }
      let windows = matrix.firstInputs.reduce(0) { $0 + $1.count }
      #expect(SparseForm.windows(windows).words(columns: n) == matrix.words.count)
    }
  }

  @Test(arguments: Target.all, Kept.allCases) func linear(_ target: Target, _ kept: Kept) throws {
    for (n, k) in TestInstances.wide {
      var numbers = Numbers(n * k)
      let matrix = PackedMatrix(numbers.matrix(n, k), isKept: kept.isKept)
      let agrees = try WideTests.checkLinear(
        KernelInstance(.packedLinear(.f32), [n, k]), n, k, matrix.words, on: target, &numbers
      ) { input in
        (0..<n).map { matrix.product(input, column: $0) }
      }
      guard agrees else { return }
    }
  }

  @Test(arguments: Target.all, Kept.allCases) func lstmStep(_ target: Target, _ kept: Kept) throws {
    for hidden in TestInstances.hidden {
      var numbers = Numbers(hidden + 3)
      let matrix = PackedMatrix(
        numbers.matrix(4 * hidden, hidden, 1 / Float(hidden).squareRoot()), isKept: kept.isKept)
      let step = KernelInstance(.packedLstmStep(.f32), [hidden])
      let agrees = try WideTests.checkStep(step, of: hidden, matrix.words, on: target, &numbers) { state in
        (0..<4 * hidden).map { matrix.product(state, column: $0).value }
      }
      guard agrees else { return }
    }
  }
}
