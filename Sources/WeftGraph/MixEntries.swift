/// A matrix of mixture weights of which some are constants, and some one number in several places.
///
/// The parameter that goes with it is the row of the distinct numbers that are trained, [1 × `learnedCount`].
public struct MixEntries: Sendable, Hashable {
  public enum Entry: Sendable, Hashable {
    case constant(Double)
    /// A number of the parameter.
    case learned(Int)
  }
  public let columns: Int
  /// Row-major.
  public let entries: [Entry]
  public var rows: Int { entries.count / max(1, columns) }
  /// Numbers of the parameter.
  public let learnedCount: Int

  /// - Precondition: `columns` divides the number of entries.
  public init(columns: Int, entries: [Entry]) {
    precondition(columns > 0 && entries.count % columns == 0, "a matrix has rows of equal length")
    self.columns = columns
    self.entries = entries
    learnedCount =
      entries.reduce(0) { count, entry in
        if case .learned(let index) = entry { max(count, index + 1) } else { count }
      }
  }

  /// Is the entry the constant 0?
  func isZero(_ row: Int, _ column: Int) -> Bool { entries[row * columns + column] == .constant(0) }

  /// The matrix that numbers of the parameter stand for.
  public func matrix(of learned: [Double]) -> Matrix {
    Matrix(
      rows: rows, columns: columns,
      elements: entries.map { entry in
        switch entry {
        case .constant(let value): value
        case .learned(let index): learned[index]
        }
      })
  }

  /// The parameter's share in a gradient of the matrix: places of one number add up.
  func gather(_ gradient: Matrix) -> Matrix {
    var result = Matrix(rows: 1, columns: learnedCount)
    for (entry, value) in zip(entries, gradient.elements) {
      if case .learned(let index) = entry { result.elements[index] += value }
    }
    return result
  }
}

extension Graph {
  /// The full matrix of a mixture, α over the subspaces of tasks or β over layers, that a parameter stands for.
  ///
  /// - Parameter values: of the parameter, row-major.
  public func mixingMatrix(of id: ParameterID, values: [Float]) -> Matrix {
    for node in nodes where node.parameters == [id] {
      if let entries = (node.operation as? Mix)?.entries {
        return entries.matrix(of: values.map(Double.init))
      }
    }
    return Matrix(rows: self[id].rows, columns: self[id].columns, elements: values.map(Double.init))
  }
}
