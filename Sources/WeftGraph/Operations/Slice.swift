/// Some adjacent columns of a value; one for each input makes the gradient of `Concat`.
public struct Slice: Operation {
  public static let kind = "slice"
  /// First column taken.
  public var offset: Int
  /// Number of columns taken.
  public var columns: Int
  public var attributes: [String] { ["offset=\(offset)", "columns=\(columns)"] }

  public init(offset: Int, columns: Int) {
    self.offset = offset
    self.columns = columns
  }

  /// Inputs: x [R × D]. Outputs: [R × columns].
  public func outputTypes(inputs: [ValueType], parameters: [Parameter]) throws(GraphError) -> [ValueType] {
    try Self.requireCounts(inputs: inputs, 1, parameters: parameters, 0)
    try Self.requireFloat(inputs[0], "the input")
    try Self.require(
      offset >= 0 && columns > 0 && offset + columns <= inputs[0].columns,
      "columns \(offset) ..< \(offset + columns) do not lie in \(inputs[0])")
    return [ValueType(inputs[0].rows, columns)]
  }

  public func evaluate(_ context: inout ReferenceContext) {
    let x = context.inputs[0]
    var y = context.zeros(0)
    for row in 0..<y.rows {
      for column in 0..<columns { y[row, column] = x[row, offset + column] }
    }
    context.outputs[0] = y
  }
}
