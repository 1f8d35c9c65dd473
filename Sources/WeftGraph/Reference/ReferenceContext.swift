import WeftCorpus

/// A row-major matrix in double precision.
public struct Matrix: Sendable, Equatable {
  public let rows: Int
  public let columns: Int
  public var elements: [Double]

  public init(rows: Int, columns: Int, repeating value: Double = 0) {
    self.rows = rows
    self.columns = columns
    elements = Array(repeating: value, count: rows * columns)
  }

  public init(rows: Int, columns: Int, elements: [Double]) {
    precondition(
      elements.count == rows * columns, "a matrix of \(rows) × \(columns) needs that many elements")
    self.rows = rows
    self.columns = columns
    self.elements = elements
  }

  public subscript(row: Int, column: Int) -> Double {
    get { elements[row * columns + column] }
    set { elements[row * columns + column] = newValue }
  }

  public func row(_ row: Int) -> [Double] { Array(elements[(row * columns)..<((row + 1) * columns)]) }

  public mutating func setRow(_ row: Int, _ values: [Double]) {
    elements.replaceSubrange((row * columns)..<((row + 1) * columns), with: values)
  }

  /// The matrix times a column vector.
  func times(_ vector: [Double]) -> [Double] {
    var result = [Double](repeating: 0, count: rows)
    for row in 0..<rows {
      let first = row * columns
      var sum = 0.0
      for column in 0..<columns { sum += elements[first + column] * vector[column] }
      result[row] = sum
    }
    return result
  }

  /// The transposed matrix times a column vector.
  func transposedTimes(_ vector: [Double]) -> [Double] {
    var result = [Double](repeating: 0, count: columns)
    for row in 0..<rows where vector[row] != 0 {
      let first = row * columns
      for column in 0..<columns { result[column] += elements[first + column] * vector[row] }
    }
    return result
  }

  /// Adds the outer product of a column vector and a row vector.
  mutating func addOuter(_ column: [Double], _ row: [Double]) {
    for i in 0..<rows where column[i] != 0 {
      let first = i * columns
      for j in 0..<columns { elements[first + j] += column[i] * row[j] }
    }
  }

  public static func += (a: inout Matrix, b: Matrix) {
    precondition(a.rows == b.rows && a.columns == b.columns)
    for i in a.elements.indices { a.elements[i] += b.elements[i] }
  }
}

/// What an operation's reference sees while it is evaluated: its inputs, parameters and places for its results.
///
/// Index values are integers stored as doubles, which represent them exactly.
public struct ReferenceContext {
  /// Row counts and the packing of the batch.
  public let packing: Packing
  public let isTraining: Bool
  /// Supplies the values of a random site: [rows × columns].
  let random: (_ site: RandomSite, _ rows: IndexSet, _ columns: Int) -> Matrix
  /// Matrices by position in the node.
  public internal(set) var inputs: [Matrix] = []
  public internal(set) var parameters: [Matrix] = []
  /// What the operation writes; one entry an output.
  public var outputs: [Matrix?] = []
  /// What the operation adds to parameter gradients; one entry for each of `Node.accumulates`.
  public var accumulated: [Matrix] = []
  /// Types of the node's inputs.
  public internal(set) var inputTypes: [ValueType] = []
  /// Types of the operation's outputs.
  public internal(set) var outputTypes: [ValueType] = []
  /// Whether somebody reads each of the outputs; the others need not be written.
  public internal(set) var isNeeded: [Bool] = []

  /// A context for an operation that reads one parameter, adds to its gradient, and reads nothing else.
  public init(_ parameter: Matrix) {
    packing = Packing(PackedBatch())
    isTraining = true
    random = { _, _, columns in Matrix(rows: 0, columns: columns) }
    parameters = [parameter]
    accumulated = [Matrix(rows: parameter.rows, columns: parameter.columns)]
  }

  init(
    packing: Packing, isTraining: Bool,
    random: @escaping (_ site: RandomSite, _ rows: IndexSet, _ columns: Int) -> Matrix
  ) {
    self.packing = packing
    self.isTraining = isTraining
    self.random = random
  }

  public func rowCount(_ set: IndexSet) -> Int { packing.count(set) }

  /// A matrix of zeros of an output's shape.
  public func zeros(_ output: Int) -> Matrix {
    Matrix(rows: rowCount(outputTypes[output].rows), columns: outputTypes[output].columns)
  }

  /// The values of a random site: [rows × columns].
  public func randomValues(_ site: RandomSite, rows: IndexSet, columns: Int) -> Matrix {
    random(site, rows, columns)
  }
}

/// A source of random numbers in the network.
public struct RandomSite: Sendable, Hashable, CustomStringConvertible {
  public enum Kind: Sendable, Hashable {
    /// 0 with probability p, else 1 / (1 − p).
    case dropout(Double)
    /// 1 with probability p, else 0; one column.
    case replacement(Double)
    /// Normal with this standard deviation.
    case gaussian(Double)
  }
  /// Key of the random stream, e.g. `dropout.input`.
  public var name: String
  public var kind: Kind
  public init(_ name: String, _ kind: Kind) {
    self.name = name
    self.kind = kind
  }

  /// The probability of a drop or a replacement; 0 for noise.
  public var probability: Double {
    switch kind {
    case .dropout(let probability), .replacement(let probability): probability
    case .gaussian: 0
    }
  }

  public var description: String {
    switch kind {
    case .dropout(let probability): "\(name): dropout \(probability)"
    case .replacement(let probability): "\(name): replacement \(probability)"
    case .gaussian(let deviation): "\(name): gaussian \(deviation)"
    }
  }
}

/// How many rows each index set has in a batch, and where each step's rows begin.
public struct Packing: Sendable, Equatable {
  private var counts: [IndexSet: Int]
  private var offsets: [IndexSet: [Int]]

  public init(_ batch: PackedBatch) {
    counts = [
      .one: 1, .sentence: batch.sentenceCount, .token: batch.tokenCount, .form: batch.formCount,
      .scalar: batch.scalarCount,
    ]
    offsets = [.token: batch.tokenOffsets.map(Int.init), .scalar: batch.scalarOffsets.map(Int.init)]
  }

  public func count(_ set: IndexSet) -> Int { counts[set] ?? 0 }

  /// First rows of the steps of a set of positions, with the total behind: rows of step t are
  /// `offsets[t] ..< offsets[t + 1]`, sequence s in row `offsets[t] + s`.
  public func stepOffsets(of positions: IndexSet) -> [Int] { offsets[positions] ?? [0] }

  /// The rows of each sequence in order of position, longest sequence first.
  public func sequences(of positions: IndexSet) -> [[Int]] {
    let offsets = stepOffsets(of: positions)
    var rows = [[Int]](repeating: [], count: positions.sequences.map(count) ?? 0)
    for (first, end) in zip(offsets, offsets.dropFirst()) {
      for row in first..<end { rows[row - first].append(row) }
    }
    return rows
  }

  /// Positions of each sequence, longest sequence first.
  public func lengths(of positions: IndexSet) -> [Int] {
    sequences(of: positions).map(\.count)
  }
}
