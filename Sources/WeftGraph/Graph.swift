/// The network as a typed graph: nodes in an order in which each reads only what is already written.
public struct Graph: Sendable {
  public private(set) var values: [Value] = []
  public private(set) var parameters: [Parameter] = []
  public private(set) var nodes: [Node] = []
  /// Values that the caller supplies, in the order of the batch's input table (`word`, `form`, `label.pos`, ...).
  public private(set) var inputs: [ValueID] = []
  /// The tasks, in the order of the spec.
  public var tasks: [TaskOutputs] = []
  /// Terms of the objective besides the tasks' losses.
  public internal(set) var penalties: [Penalty] = []
  /// What the group lasso shrinks after each update.
  public internal(set) var weightGroups: [WeightGroup] = []
  /// Nodes before this index are the forward pass; the others are gradients.
  public var forwardCount: Int { firstGradient ?? nodes.count }
  /// Where the gradient nodes begin, in a differentiated graph.
  var firstGradient: Int?
  public var isDifferentiated: Bool { firstGradient != nil }

  private var valueNames: Set<String> = []
  private var parameterNames: [String: ParameterID] = [:]

  public init() {}

  /// What one task gives.
  public struct TaskOutputs: Sendable {
    public var name: String
    /// Emission scores, [token × labels].
    public var scores: ValueID
    /// Mean loss of the batch, [one × 1].
    public var loss: ValueID
    /// Best label of each token (argmax or Viterbi), [token × 1] index.
    public var prediction: ValueID
    /// Softmax probabilities or CRF marginals, [token × labels].
    public var probabilities: ValueID
    /// Factor of the loss in backward, [one × 1]; input `seed.<task>`.
    public var seed: ValueID
    /// Parameters of the decoder (transitions, start, end) or empty.
    public var decoderParameters: [ParameterID]
    public var labelCount: Int
    public init(
      name: String, scores: ValueID, loss: ValueID, prediction: ValueID, probabilities: ValueID,
      seed: ValueID,
      decoderParameters: [ParameterID], labelCount: Int
    ) {
      self.name = name
      self.scores = scores
      self.loss = loss
      self.prediction = prediction
      self.probabilities = probabilities
      self.seed = seed
      self.decoderParameters = decoderParameters
      self.labelCount = labelCount
    }
  }

  public subscript(_ id: ValueID) -> Value { values[id.index] }
  public subscript(_ id: ParameterID) -> Parameter { parameters[id.index] }
  public subscript(_ id: NodeID) -> Node { nodes[id.index] }
  public func parameter(named name: String) -> ParameterID? { parameterNames[name] }

  /// Declares a value that the caller supplies.
  @discardableResult
  public mutating func addInput(_ name: String, _ type: ValueType) throws(GraphError) -> ValueID {
    let id = try addValue(name, type)
    inputs.append(id)
    return id
  }

  public mutating func addValue(
    _ name: String, _ type: ValueType, isSum: Bool = false, gradientOf: ValueID? = nil
  ) throws(GraphError)
    -> ValueID
  {
    guard valueNames.insert(name).inserted else { throw GraphError("two values have this name", at: name) }
    let id = ValueID(index: values.count)
    values.append(Value(id: id, name: name, type: type, isSum: isSum, gradientOf: gradientOf))
    return id
  }

  public mutating func addParameter(
    _ name: String, shape: [Int], initializer: Initializer, group: Parameter.Group, isPrunable: Bool = false,
    isRowSparse: Bool = false, isTrainable: Bool = true
  ) throws(GraphError) -> ParameterID {
    guard parameterNames[name] == nil else { throw GraphError("two parameters have this name", at: name) }
    guard !shape.isEmpty, shape.allSatisfy({ $0 > 0 }) else {
      throw GraphError("a parameter's sizes must be positive, are \(shape)", at: name)
    }
    let (_, overflows) = shape.reduce((1, false)) { product, extent in
      let (next, overflow) = product.0.multipliedReportingOverflow(by: extent)
      return (next, product.1 || overflow || next > Int(Int32.max))
    }
    guard !overflows else {
      throw GraphError("a parameter of shape \(shape) has more than \(Int32.max) numbers", at: name)
    }
    if case .values(let values) = initializer, values.count != shape.reduce(1, *) {
      throw GraphError("a parameter of shape \(shape) cannot start as \(values.count) numbers", at: name)
    }
    let id = ParameterID(index: parameters.count)
    parameters.append(
      Parameter(
        id: id, name: name, shape: shape, initializer: initializer, group: group, isPrunable: isPrunable,
        isRowSparse: isRowSparse, isTrainable: isTrainable))
    parameterNames[name] = id
    return id
  }

  /// Says which parameters masks may thin out; all others may not.
  mutating func setPrunable(_ ids: Set<ParameterID>) {
    for index in parameters.indices { parameters[index].isPrunable = ids.contains(parameters[index].id) }
  }

  /// Adds a node and the values it writes, named after it (`encoder.0`, `encoder.0.gates`, ...).
  ///
  /// - Parameter outputNames: names of the outputs; the primary output is called as the node if absent.
  /// - Returns: the outputs.
  @discardableResult
  public mutating func add(
    _ operation: any Operation, named name: String, inputs: [ValueID], parameters: [ParameterID] = [],
    outputNames: [String] = []
  ) throws(GraphError) -> [ValueID] {
    let types: [ValueType]
    do {
      types = try operation.outputTypes(
        inputs: inputs.map { self[$0].type }, parameters: parameters.map { self[$0] })
    } catch {
      throw GraphError("\(type(of: operation).kind): \(error.message)", at: name)
    }
    var outputs: [ValueID] = []
    for (position, type) in types.enumerated() {
      let suffix = position == 0 ? "" : ".\(position)"
      outputs.append(try addValue(position < outputNames.count ? outputNames[position] : name + suffix, type))
    }
    append(operation, named: name, inputs: inputs, parameters: parameters, accumulates: [], outputs: outputs)
    return outputs
  }

  /// Adds a node that writes values which exist already (gradients, which are sums).
  public mutating func append(
    _ operation: any Operation, named name: String, inputs: [ValueID], parameters: [ParameterID],
    accumulates: [ParameterID], outputs: [ValueID?]
  ) {
    nodes.append(
      Node(
        id: NodeID(index: nodes.count), name: name, operation: operation, inputs: inputs,
        parameters: parameters,
        accumulates: accumulates, outputs: outputs))
  }
}
