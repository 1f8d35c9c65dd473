import Foundation
import Testing

@testable import WeftCodegen

/// Products of groups with masks of their own over one matrix, against sums in double precision.
@Suite struct JointTests {
  enum Users: CaseIterable {
    case all, none, random, oneGroup

    func uses(_ group: Int, _ column: Int, _ input: Int) -> Bool {
      switch self {
      case .all: true
      case .none: false
      case .random: (column &* 2_654_435_761 ^ input &* 40_503 ^ group &* 97_003) >> 7 & 1 == 0
      case .oneGroup: group == 1
      }
    }
  }

  /// Groups that take part: all, some, and one, not in their order.
  private static let chosen = [[0, 1, 2, 3], [2, 0, 3], [1, 2], [3], []]

  @Test(arguments: Target.all, WeightType.allCases) func linear(_ target: Target, _ weights: WeightType)
    throws
  {
    let kernels = try target.kernels()
    for (number, (n, k)) in TestInstances.joint.enumerated() {
      var numbers = Numbers(n + k)
      let users = Users.allCases[number % Users.allCases.count]
      let matrix = JointMatrix(numbers.matrix(n, k), weights, uses: users.uses)
      for groups in Self.chosen {
        let input = numbers.matrix(4, k, 2)
        let x = GuardedMatrix(input, columns: k)
        let y = GuardedMatrix(rows: 4, columns: n) { _, _ in 9 }
        try kernels.call(
          KernelInstance(Kernel.jointLinear(weights), [n, k, 4]),
          [.int(groups.count), .integers(GuardedBuffer(groups.map(Int32.init)))] + Argument.matrix(x)
            + [.floats(matrix.words), .floats(matrix.users)] + Argument.matrix(y))
        #expect(x.isIntact && y.isIntact)
        for group in 0..<4 {
          let own = matrix.ofGroup[group]
          let multiplied = own.multiplied(input[group], on: target.set)
          for column in 0..<n {
            guard groups.contains(group) else {
              #expect(y[group, column] == 9)
              continue
            }
            var (expected, tolerance) = own.product(multiplied, column: column)
            tolerance += 1e-6 * (1 + abs(expected))
            guard abs(Double(y[group, column]) - expected) <= tolerance else {
              Issue.record(
                "\(n) × \(k), \(users), \(groups), group \(group) column \(column): \(y[group, column]), not \(expected)"
              )
              return
            }
          }
        }
      }
    }
  }

  /// What a step computes for a group is what the step of that group's matrix alone computes: the same to rounding, and
  /// exactly the same where sums are integers.
  @Test(arguments: Target.all, WeightType.allCases)
  func lstmStep(_ target: Target, _ weights: WeightType) throws {
    let kernels = try target.kernels()
    for hidden in TestInstances.jointHidden {
      for (users, groups) in zip(Users.allCases, Self.chosen) {
        var numbers = Numbers(hidden + groups.count)
        let scale = 1 / Float(hidden).squareRoot()
        let matrix = JointMatrix(numbers.matrix(4 * hidden, hidden, scale), weights, uses: users.uses)
        for goesOn in [true, false] {
          let gates = GuardedMatrix(numbers.matrix(4, 4 * hidden, 3), columns: 4 * hidden)
          let before = GuardedMatrix(numbers.matrix(4, hidden), columns: hidden)
          let cells = numbers.matrix(4, hidden, 2)
          let (c, expectedC) = (GuardedMatrix(cells, columns: hidden), GuardedMatrix(cells, columns: hidden))
          let h = GuardedMatrix(rows: 4, columns: hidden) { _, _ in 9 }
          let expectedH = GuardedMatrix(rows: 4, columns: hidden) { _, _ in 9 }
          try kernels.call(
            KernelInstance(Kernel.jointLstmStep(weights), [hidden, 4]),
            [.int(groups.count), .integers(GuardedBuffer(groups.map(Int32.init))), .int(goesOn ? 3 : 0)]
              + [.floats(matrix.words), .floats(matrix.users), .rows(gates, groups)]
              + Argument.matrix(before) + Argument.matrix(c) + Argument.matrix(h))
          #expect([gates, before, c, h].allSatisfy { $0.isIntact })
          for group in groups {
            func row(_ m: GuardedMatrix) -> GuardedMatrix {
              GuardedMatrix([(0..<m.columns).map { m[group, $0] }], columns: m.columns)
            }
            let (ownC, ownH) = (row(expectedC), row(expectedH))
            try kernels.call(
              KernelInstance(Kernel.wideLstmStep(weights), [hidden]),
              [.int(1), .int(goesOn ? 1 : 0), .int(0), .floats(matrix.ofGroup[group].words)]
                + [.rows(row(gates))] + Argument.matrix(row(before)) + Argument.matrix(ownC)
                + Argument.matrix(ownH))
            let isExact = weights == .int8 && target.set.isFor(weights)
            for unit in 0..<hidden {
              let differences = [c[group, unit] - ownC[0, unit], h[group, unit] - ownH[0, unit]]
              guard differences.allSatisfy({ abs($0) <= (isExact ? 0 : 4e-6) }) else {
                Issue.record(
                  "H = \(hidden), \(users), \(groups), group \(group), unit \(unit): \(differences)")
                return
              }
            }
          }
        }
      }
    }
  }
}

/// A matrix of which each of four groups uses some weights, as kernels read it, made by itself from its description.
struct JointMatrix {
  /// What each group multiplies with.
  let ofGroup: [WideMatrix]
  let words: GuardedBuffer<Float>
  let users: GuardedBuffer<Float>

  /// - Parameter uses: whether a group uses the weight of a column and an input.
  init(_ rows: [[Float]], _ weights: WeightType, uses: (Int, Int, Int) -> Bool) {
    let (n, k) = (rows.count, rows.first?.count ?? 0)
    let perWord = weights.perWord
    let (padded, count) = ((n + 15) / 16 * 16, (k + perWord - 1) / perWord)
    let all = WideMatrix(rows, weights)
    words = all.words
    // Scales are those of all weights.
    ofGroup = (0..<4).map { group in
      all.masked { uses(group, $0, $1) }
    }
    var floats: [Float] = []
    if weights == .int8 {
      var bytes = Array(repeating: UInt32(0), count: padded * count)
      for column in 0..<n {
        let first = column / 64 * 64
        let vectors = min((n - first + 15) / 16, 4)
        for input in 0..<k {
          let (word, field) = input.quotientAndRemainder(dividingBy: 4)
          let groups = (0..<4).filter { uses($0, column, input) }.reduce(0) { $0 | 4 << $1 }
          bytes[first * count + word * 16 * vectors + column % 64] |= UInt32(groups | field) << (8 * field)
        }
      }
      floats = bytes.map { Float(bitPattern: $0) }
      for own in ofGroup { floats += (0..<padded).map { own.words[own.words.count - padded + $0] } }
    } else {
      for group in 0..<4 {
        var bits = Array(repeating: UInt32(0), count: (n + 63) / 64 * count * 2 * perWord)
        for column in 0..<n {
          for input in 0..<k where uses(group, column, input) {
            let (word, field) = input.quotientAndRemainder(dividingBy: perWord)
            let bit = ((column / 64 * count + word) * 64 + column % 64) * perWord + field
            bits[bit / 32] |= 1 << UInt32(bit % 32)
          }
        }
        floats += bits.map { Float(bitPattern: $0) }
      }
    }
    users = GuardedBuffer(floats)
  }
}
