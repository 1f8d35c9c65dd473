/// A `CharConv` in use over characters whose embeddings are multiplied with the filters beforehand: a table of
/// [characters × taps × filters] is looked up and added.
public struct FoldedCharConv: Operation {
  public static let kind = "foldedCharConv"
  public var width: Int
  public var relu: Bool
  public var attributes: [String] { ["width=\(width)", "relu=\(relu)"] }

  public init(width: Int, relu: Bool) {
    self.width = width
    self.relu = relu
  }

  /// Inputs: ids [scalar × 1] index. Parameters: table [V × E], weight [F × E × width], bias [F]. Outputs: y [form × F].
  public func outputTypes(inputs: [ValueType], parameters: [Parameter]) throws(GraphError) -> [ValueType] {
    try Self.requireCounts(inputs: inputs, 1, parameters: parameters, 3)
    try Self.requireType(inputs[0], ValueType(.scalar, 1, .index), "ids")
    let types = try CharConv(width: width, relu: relu).outputTypes(
      inputs: [ValueType(.scalar, parameters[0].columns)], parameters: Array(parameters[1...]))
    return [types[0]]
  }

  public func evaluate(_ context: inout ReferenceContext) {
    let (ids, table) = (context.inputs[0], context.parameters[0])
    var embeddings = Matrix(rows: ids.rows, columns: table.columns)
    for row in 0..<ids.rows { embeddings.setRow(row, table.row(Int(ids[row, 0]))) }
    // The meaning is that of the convolution over the embeddings.
    var convolution = context
    convolution.inputs = [embeddings]
    convolution.inputTypes = [ValueType(.scalar, table.columns)]
    convolution.parameters = Array(context.parameters[1...])
    convolution.outputTypes = [context.outputTypes[0], context.outputTypes[0]]
    convolution.outputs = [nil, nil]
    CharConv(width: width, relu: relu).evaluate(&convolution)
    context.outputs = [convolution.outputs[0]]
  }

  public func cost(inputs: [ValueType], parameters: [Parameter]) -> Cost {
    Cost([.scalar: parameters[1].rows * width])
  }
}

extension FoldedCharConv: TableReading {
  public func tables(of node: Node) -> [(ids: ValueID, table: ParameterID)] {
    [(node.inputs[0], node.parameters[0])]
  }
}
