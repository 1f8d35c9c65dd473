/// Checks that the shape rules share. The subject of their errors is the kind of operation; `Graph.add` puts the
/// node's name in its place.
extension Operation {
  static func require(_ condition: Bool, _ message: @autoclosure () -> String) throws(GraphError) {
    guard condition else { throw GraphError(message(), at: kind) }
  }

  static func requireCounts(
    inputs: [ValueType], _ inputCount: Int, parameters: [Parameter], _ parameterCount: Int
  ) throws(GraphError) {
    try require(inputs.count == inputCount, "needs \(inputCount) inputs, has \(inputs.count)")
    try require(
      parameters.count == parameterCount, "needs \(parameterCount) parameters, has \(parameters.count)")
  }

  static func requireType(_ type: ValueType, _ expected: ValueType, _ role: String) throws(GraphError) {
    try require(type == expected, "\(role) must be \(expected), is \(type)")
  }

  static func requireFloat(_ type: ValueType, _ role: String) throws(GraphError) {
    try require(type.element == .float, "\(role) must hold floats, is \(type)")
  }

  static func requireShape(_ parameter: Parameter, _ shape: [Int], _ role: String) throws(GraphError) {
    try require(
      parameter.shape == shape,
      "\(role) (\(parameter.name)) must have shape \(shape), has \(parameter.shape)")
  }

  /// Labels of a task: [token × 1] index beside scores [token × L].
  static func requireScoresAndLabels(_ scores: ValueType, _ labels: ValueType) throws(GraphError) {
    try requireFloat(scores, "scores")
    try requireType(labels, ValueType(scores.rows, 1, .index), "labels")
  }
}
