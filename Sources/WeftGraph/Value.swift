/// A declared index set: what the rows of a value stand for.
///
/// Columns are constants; rows are what varies from batch to batch. Sets nest with offsets (sentences of tokens,
/// forms of scalars), and a sequence set and its positions are packed time-major (see `PackedBatch`).
public struct IndexSet: Sendable, Hashable, Codable, CustomStringConvertible {
  public let name: String
  public init(_ name: String) { self.name = name }
  public var description: String { name }

  /// A single row: losses and their seeds.
  public static let one = IndexSet("one")
  /// Sentences of the batch, longest first.
  public static let sentence = IndexSet("sentence")
  /// Tokens, time-major over sentences.
  public static let token = IndexSet("token")
  /// Distinct spelled words of the batch, longest first.
  public static let form = IndexSet("form")
  /// Unicode scalars, time-major over forms.
  public static let scalar = IndexSet("scalar")

  /// All sets, in the order in which memory is laid out.
  public static let all: [IndexSet] = [.one, .sentence, .token, .form, .scalar]

  /// The set whose members are the positions of this set's sequences: tokens of sentences, scalars of forms.
  public var positions: IndexSet? {
    switch self {
    case .sentence: .token
    case .form: .scalar
    default: nil
    }
  }
  /// The set of sequences that these positions belong to.
  public var sequences: IndexSet? {
    switch self {
    case .token: .sentence
    case .scalar: .form
    default: nil
    }
  }
}

/// What a value's elements are: real numbers, or rows of some table.
public enum Element: String, Sendable, Hashable, Codable { case float, index }

/// The shape of a value: [rows of an index set × constant columns].
public struct ValueType: Sendable, Hashable, Codable, CustomStringConvertible {
  public var rows: IndexSet
  public var columns: Int
  public var element: Element
  public init(_ rows: IndexSet, _ columns: Int, _ element: Element = .float) {
    self.rows = rows
    self.columns = columns
    self.element = element
  }
  public var description: String { "[\(rows) × \(columns)]\(element == .index ? " index" : "")" }
}

public struct ValueID: Sendable, Hashable, Codable { public let index: Int }
public struct ParameterID: Sendable, Hashable, Codable { public let index: Int }
public struct NodeID: Sendable, Hashable, Codable { public let index: Int }

/// A matrix that flows between operations.
public struct Value: Sendable {
  public let id: ValueID
  /// Unique; becomes the name of the buffer in generated code.
  public let name: String
  public let type: ValueType
  /// A sum may be written by several nodes: the first that runs assigns and the others add. Gradients are sums;
  /// every other value has exactly one writer.
  public let isSum: Bool
  /// The value whose gradient this is.
  public let gradientOf: ValueID?
}

/// How a parameter starts.
public enum Initializer: Sendable, Hashable, Codable {
  case zero
  /// Uniform in ± bound; row 0 is zero (padding).
  case embedding(bound: Double)
  /// Uniform in ± √(6 / (fanIn + fanOut)) (Glorot and Bengio 2010).
  case xavier(fanIn: Int, fanOut: Int)
  /// Zero, but 1 in the second quarter: the forget gate of an LSTM (Jozefowicz et al. 2015).
  case forgetGateOne
  /// One value everywhere.
  case constant(Double)
  /// These numbers, row-major.
  case values([Double])
}

/// A tensor that training changes.
public struct Parameter: Sendable {
  public enum Group: String, Sendable, Codable {
    case embedding, convolution, recurrent, head
    /// α and β: how much of each task's and each layer's output goes where.
    case mixing
  }
  public let id: ParameterID
  /// Name in checkpoints, e.g. `encoder.0.weight_ih_l0`.
  public let name: String
  /// Row-major; the first extent is the number of rows, the product of the others the columns.
  public let shape: [Int]
  public let initializer: Initializer
  public let group: Group
  /// May a mask remove single weights of it?
  public var isPrunable: Bool
  /// Only the rows that a batch looks up have a gradient.
  public var isRowSparse: Bool
  /// False for frozen vectors.
  public var isTrainable: Bool

  public var count: Int { shape.reduce(1, *) }
  public var rows: Int { shape.first ?? 1 }
  public var columns: Int { shape.dropFirst().reduce(1, *) }
}
