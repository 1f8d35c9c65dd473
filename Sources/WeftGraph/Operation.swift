/// One operation of the graph: its meaning.
///
/// An operation is two files of one name. This protocol is adopted in `Operations/X.swift`: the shape rule, the
/// double-precision reference, the gradient as further operations, and the cost. `WeftCodegen/Emission/X.swift`
/// holds how it becomes C. An operation's values are its attributes; what it reads and writes is in the `Node`.
public protocol Operation: Sendable {
  /// Name in error messages, in generated comments and in the test matrix, e.g. `linear`.
  static var kind: String { get }

  /// The types of the outputs, primary first; the others are kept for the gradient (gates, argmax, masks).
  func outputTypes(inputs: [ValueType], parameters: [Parameter]) throws(GraphError) -> [ValueType]

  /// The meaning, in double precision.
  func evaluate(_ context: inout ReferenceContext)

  /// Adds the nodes that turn the gradient of the primary output into contributions to the inputs' and parameters'
  /// gradients. Operations without a gradient (look-ups of integers, decoding) add none.
  func differentiate(_ node: Node, outputGradient: ValueID, into gradient: inout GradientBuilder)
    throws(GraphError)

  /// Multiply-adds of one forward evaluation, per row of each index set.
  func cost(inputs: [ValueType], parameters: [Parameter]) -> Cost

  /// What sets this use of the operation apart from others of its kind, e.g. `["width=3", "relu=true"]`; part of
  /// the graph's description, so stable and complete.
  var attributes: [String] { get }

  /// Runs in training only; in use the value of the first input passes through.
  var isTrainingOnly: Bool { get }
}

extension Operation {
  public func differentiate(
    _ node: Node, outputGradient: ValueID, into gradient: inout GradientBuilder
  ) throws(GraphError) {}
  public func cost(inputs: [ValueType], parameters: [Parameter]) -> Cost { Cost() }
  public var attributes: [String] { [] }
  public var isTrainingOnly: Bool { false }
}

/// An operation that draws random values in training.
public protocol RandomOperation: Operation {
  var site: RandomSite { get }
}

/// An operation that looks up rows of tables.
public protocol TableReading: Operation {
  /// The inputs that are rows of a table, each with the table.
  func tables(of node: Node) -> [(ids: ValueID, table: ParameterID)]
}

/// Multiply-adds per row of each index set.
public struct Cost: Sendable, Equatable {
  public var multiplyAdds: [IndexSet: Int] = [:]
  public init(_ multiplyAdds: [IndexSet: Int] = [:]) { self.multiplyAdds = multiplyAdds }
  public static func + (a: Cost, b: Cost) -> Cost {
    Cost(a.multiplyAdds.merging(b.multiplyAdds, uniquingKeysWith: +))
  }
}

/// A use of an operation.
public struct Node: Sendable {
  public let id: NodeID
  /// Unique and stable, from the spec: `encoder.0`, `heads.pos`, `gradient.encoder.0`.
  public let name: String
  public let operation: any Operation
  public let inputs: [ValueID]
  /// Parameters that are read.
  public let parameters: [ParameterID]
  /// Parameters whose gradient this node adds to, in an order that the operation defines.
  public let accumulates: [ParameterID]
  /// Primary output first. A gradient operation may leave out an output nobody needs: nil.
  public let outputs: [ValueID?]

  /// The input whose value stands for the primary output in use, if the node exists for training only.
  public var sourceInUse: ValueID? { operation.isTrainingOnly ? inputs.first : nil }
}

/// Why a graph cannot be built or is not well formed.
public struct GraphError: Error, Sendable, Equatable, CustomStringConvertible {
  public let message: String
  /// Name of the node or parameter at fault.
  public let subject: String
  public init(_ message: String, at subject: String) {
    self.message = message
    self.subject = subject
  }
  public var description: String { "\(subject): \(message)" }
}
