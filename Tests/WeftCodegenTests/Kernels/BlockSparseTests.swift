import Foundation
import Testing

@testable import WeftCodegen

/// Products with kept blocks, against sums in double precision: all blocks, none, some, and whole columns without any.
@Suite struct BlockSparseTests {
  enum Kept: CaseIterable {
    case all, none, random, fewColumns

    func isKept(_ vector: Int, _ input: Int) -> Bool {
      switch self {
      case .all: true
      case .none: false
      case .random: (vector * 31 + input * 17 + input / 7) % 4 == 0
      case .fewColumns: vector % 3 == 1 && input % 5 != 2
      }
    }
  }

  @Test(arguments: Target.all, Kept.allCases) func linear(_ target: Target, _ kept: Kept) throws {
    for (n, k) in TestInstances.wide {
      var numbers = Numbers(n * k)
      let matrix = BlockSparseMatrix(numbers.matrix(n, k), isKept: kept.isKept)
      let agrees = try WideTests.checkLinear(
        Kernel.blockSparseLinear(n, k), n, k, matrix.words, on: target, &numbers
      ) { input in
        (0..<n).map { matrix.product(input, column: $0) }
      }
      guard agrees else { return }
    }
  }

  @Test(arguments: Target.all, Kept.allCases) func lstmStep(_ target: Target, _ kept: Kept) throws {
    for hidden in TestInstances.hidden {
      var numbers = Numbers(hidden + 3)
      let matrix = BlockSparseMatrix(
        numbers.matrix(4 * hidden, hidden, 1 / Float(hidden).squareRoot()), isKept: kept.isKept)
      let step = Kernel.blockSparseLstmStep(hidden)
      let agrees = try WideTests.checkStep(step, of: hidden, matrix.words, on: target, &numbers) { state in
        (0..<4 * hidden).map { matrix.product(state, column: $0).value }
      }
      guard agrees else { return }
    }
  }
}
