/// Keeps the subspaces of a layer apart: λ Σ_W Σ_{s < s'} ‖G_s G_s'ᵀ‖²_F for the input weights W of its directions, where
/// G_s are the rows of W of the units of subspace s, for all four gates (Ruder et al. 2019, section 2, in row-per-unit
/// layout; the penalty is that of Bousmalis et al. 2016).
///
/// It is a function of parameters alone and part of no task's loss. It runs once in the backward pass of any task
/// whose loss reaches the layer, and adds its gradient to that of the loss.
public struct Orthogonality: Operation {
  public static let kind = "orthogonality"
  /// λ.
  public var weight: Double
  /// S: parts that the units are split in.
  public var subspaces: Int
  /// Adds the gradient at every so many updates of the parameters, as many times as strong.
  public var every: Int
  public var attributes: [String] { ["weight=\(weight)", "subspaces=\(subspaces)", "every=\(every)"] }

  public init(weight: Double, subspaces: Int, every: Int = 1) {
    self.weight = weight
    self.subspaces = subspaces
    self.every = every
  }

  /// Inputs: none. Parameters: W [4H × in] of each direction. Outputs: none. Accumulates: the same.
  public func outputTypes(inputs: [ValueType], parameters: [Parameter]) throws(GraphError) -> [ValueType] {
    try Self.requireCounts(inputs: inputs, 0, parameters: parameters, max(1, parameters.count))
    try Self.require(subspaces > 1, "needs two subspaces at least, has \(subspaces)")
    try Self.require(every > 0, "must be added at some update, not at every \(every)th")
    for parameter in parameters {
      try Self.require(
        parameter.shape.count == 2 && parameter.rows % (4 * subspaces) == 0,
        "\(parameter.name) of shape \(parameter.shape) has not the rows of four gates of \(subspaces) subspaces"
      )
    }
    return []
  }

  /// Rows of the units of a subspace, gate by gate.
  public static func rows(ofSubspace subspace: Int, of subspaces: Int, rows: Int) -> [Range<Int>] {
    let (hidden, width) = (rows / 4, rows / 4 / subspaces)
    return (0..<4).map { gate in
      let first = gate * hidden + subspace * width
      return first..<first + width
    }
  }

  private static func parts(_ weights: Matrix, subspaces: Int) -> [[Int]] {
    (0..<subspaces).map { Array(rows(ofSubspace: $0, of: subspaces, rows: weights.rows).joined()) }
  }

  private static func product(_ weights: Matrix, _ i: Int, _ j: Int) -> Double {
    (0..<weights.columns).reduce(0) { $0 + weights[i, $1] * weights[j, $1] }
  }

  /// Σ_{s < s'} ‖G_s G_s'ᵀ‖²_F of one direction's input weights [4H × in], without λ.
  public static func value(of weights: Matrix, subspaces: Int) -> Double {
    let parts = parts(weights, subspaces: subspaces)
    var sum = 0.0
    for s in parts.indices {
      for other in parts.indices where s < other {
        for i in parts[s] {
          for j in parts[other] {
            let product = product(weights, i, j)
            sum += product * product
          }
        }
      }
    }
    return sum
  }

  /// dW += λ · every · 2 (G_s G_s'ᵀ) G_s' at the rows of s, and likewise at those of s'.
  public func evaluate(_ context: inout ReferenceContext) {
    for (position, weights) in context.parameters.enumerated() {
      let parts = Self.parts(weights, subspaces: subspaces)
      for s in parts.indices {
        for other in parts.indices where s < other {
          for i in parts[s] {
            for j in parts[other] {
              let factor = 2 * weight * Double(every) * Self.product(weights, i, j)
              for column in 0..<weights.columns {
                context.accumulated[position][i, column] += factor * weights[j, column]
                context.accumulated[position][j, column] += factor * weights[i, column]
              }
            }
          }
        }
      }
    }
  }
}
