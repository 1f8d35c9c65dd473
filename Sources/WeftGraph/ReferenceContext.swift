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
    precondition(elements.count == rows * columns, "a matrix of \(rows) × \(columns) needs that many elements")
    self.rows = rows
    self.columns = columns
    self.elements = elements
  }

  public subscript(row: Int, column: Int) -> Double {
    get { elements[row * columns + column] }
    set { elements[row * columns + column] = newValue }
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
  /// Supplies the values of a random site: [rows × columns], see `RandomSites`.
  let random: (_ site: RandomSite, _ rows: IndexSet, _ columns: Int) -> Matrix
  /// Matrices by position in the node.
  public internal(set) var inputs: [Matrix] = []
  public internal(set) var parameters: [Matrix] = []
  /// What the operation writes; one entry an output.
  public var outputs: [Matrix?] = []
  /// What the operation adds to parameter gradients; one entry for each of `Node.accumulates`.
  public var accumulated: [Matrix] = []
  /// Types of the node's outputs, so that a reference need not derive them again.
  public internal(set) var outputTypes: [ValueType?] = []

  public func rowCount(_ set: IndexSet) -> Int { packing.count(set) }

  public func randomValues(_ site: RandomSite, rows: IndexSet, columns: Int) -> Matrix {
    random(site, rows, columns)
  }
}

/// A source of random numbers in the network.
public struct RandomSite: Sendable, Hashable {
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

  /// Positions of each sequence, longest sequence first.
  public func lengths(of positions: IndexSet) -> [Int] {
    let offsets = stepOffsets(of: positions)
    let sequences = positions.sequences.map(count) ?? 0
    return (0..<sequences).map { s in zip(offsets, offsets.dropFirst()).count { $1 - $0 > s } }
  }
}
