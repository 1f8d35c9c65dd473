/// What a mask leaves of each matrix, gate and unit, among the parameters that a task reaches.
public struct MaskStatistics: Sendable, Equatable, Codable {
  public struct Count: Sendable, Equatable, Codable {
    public var kept: Int
    public var total: Int
    public var density: Double

    init(kept: Int, total: Int) {
      self.kept = kept
      self.total = total
      density = total == 0 ? 1 : Double(kept) / Double(total)
    }
  }

  /// A prunable parameter.
  public struct Matrix: Sendable, Equatable, Codable {
    public var name: String
    public var shape: [Int]
    public var weights: Count
    /// Of an LSTM: the gates i, f, g, o.
    public var gates: [Count]?
  }

  /// The hidden units of one direction of a layer, or the filters of a convolution.
  public struct Units: Sendable, Equatable, Codable {
    /// `encoder.0`, `encoder.0 reverse`, `chars.conv`.
    public var name: String
    /// Of each unit: its rows in the masked matrices (four gate rows in W_ih and in W_hh).
    public var density: [Double]
    /// Units of whose rows nothing is left: what they compute no longer depends on any input or state.
    public var withoutInput: [Int]
    /// Units whose column in W_hh is empty: no unit, themselves included, reads their state from the step before. Nil
    /// where there is no W_hh that masks cover.
    public var withoutRecurrence: [Int]?
    /// Units that nothing leaves: besides, the columns of both directions of the next layer that read them are
    /// empty. Nil where heads read the layer, the highest that the task reaches, or the next layer is not masked.
    public var withoutOutput: [Int]?
  }

  public var weights: Count
  public var matrices: [Matrix]
  public var units: [Units]

  /// - Parameter reached: names of the parameters that the task reaches.
  public init(_ mask: Mask, reached: Set<String>) {
    let matrices = mask.layout.parameters.filter { reached.contains($0.name) }.map(MatrixStructure.init)
    func count(_ range: Range<Int>) -> Count { Count(kept: mask.keptCount(in: range), total: range.count) }
    weights = Count(kept: mask.keptCount(of: reached), total: mask.layout.count(of: reached))
    self.matrices = matrices.map { matrix in
      Matrix(
        name: matrix.parameter.name, shape: matrix.parameter.shape, weights: count(matrix.parameter.range),
        gates: matrix.gates == 4 ? (0..<4).map { count(matrix.rows(ofGate: $0)) } : nil)
    }
    var directions: [(name: String, matrices: [MatrixStructure])] = []
    for matrix in matrices {
      let name = MatrixStructure.direction(of: matrix.parameter.name)
      if let index = directions.firstIndex(where: { $0.name == name }) {
        directions[index].matrices.append(matrix)
      } else {
        directions.append((name, [matrix]))
      }
    }
    units = directions.map { Self.units(of: $0.name, $0.matrices, all: matrices, mask) }
  }

  private static func units(
    of name: String, _ matrices: [MatrixStructure], all: [MatrixStructure], _ mask: Mask
  ) -> Units {
    let count = matrices[0].units
    let kept = (0..<count).map { unit in
      matrices.reduce(0) { $0 + $1.rows(ofUnit: unit).reduce(0) { $0 + mask.keptCount(in: $1) } }
    }
    let size = matrices.reduce(0) { $0 + $1.gates * $1.columns }
    let recurrent = matrices.first { MatrixStructure.role(of: $0.parameter.name).hasPrefix("weight_hh_") }
    let silent = recurrent.map { matrix in (0..<count).filter { mask.isEmptyColumn($0, of: matrix) } }
    let readers = Self.readers(of: matrices[0], all)
    let offset = name.hasSuffix(" reverse") ? count : 0
    return Units(
      name: name, density: kept.map { Double($0) / Double(max(size, 1)) },
      withoutInput: kept.indices.filter { kept[$0] == 0 }, withoutRecurrence: silent,
      withoutOutput: readers.isEmpty
        ? nil
        : silent?.filter { unit in readers.allSatisfy { mask.isEmptyColumn(offset + unit, of: $0) } })
  }

  /// W_ih of both directions of the layer above an encoder's layer, whose columns are its forward, then its reverse
  /// units; empty if masks do not cover both.
  private static func readers(of matrix: MatrixStructure, _ all: [MatrixStructure]) -> [MatrixStructure] {
    let layer = Mask.layer(of: matrix.parameter.name)
    let parts = layer.split(separator: ".", omittingEmptySubsequences: false)
    guard matrix.gates == 4, parts.count >= 2, parts[parts.count - 2] == "encoder",
      let number = Int(parts.last ?? "")
    else { return [] }
    let next = (parts.dropLast() + ["\(number + 1)"]).joined(separator: ".")
    let readers = all.filter {
      Mask.layer(of: $0.parameter.name) == next && $0.columns == 2 * matrix.units
        && MatrixStructure.role(of: $0.parameter.name).hasPrefix("weight_ih_")
    }
    return readers.count == 2 ? readers : []
  }
}

extension Mask {
  func isEmptyColumn(_ column: Int, of matrix: MatrixStructure) -> Bool {
    let start = matrix.place(gate: 0, unit: 0, column: column)
    return stride(from: start, to: matrix.parameter.range.upperBound, by: matrix.columns).allSatisfy {
      !self[$0]
    }
  }
}
