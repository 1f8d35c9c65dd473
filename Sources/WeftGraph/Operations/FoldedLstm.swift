/// An `Lstm` in use whose input comes in parts, so that look-ups need not be multiplied with the input weights each
/// time: rows of a table that are multiplied beforehand are looked up as gates.
public struct FoldedLstm: Operation {
  public static let kind = "foldedLstm"

  /// Some columns of the layer's input.
  public struct Part: Sendable, Hashable {
    /// The columns, in the order of the input weights.
    public var columns: [Range<Int>]
    /// Nil for a value; else the part is a look-up in a table, of which so many rows are multiplied beforehand.
    public var knownRows: Int?

    public init(columns: [Range<Int>], knownRows: Int? = nil) {
      self.columns = columns
      self.knownRows = knownRows
    }

    public var width: Int { columns.reduce(0) { $0 + $1.count } }
  }

  /// Units per direction.
  public var hidden: Int
  public var isBidirectional: Bool
  public var output: Lstm.Output
  public var parts: [Part]
  public var directions: Int { isBidirectional ? 2 : 1 }
  /// Columns of the layer's input.
  public var columns: Int { parts.reduce(0) { $0 + $1.width } }
  public var attributes: [String] {
    let parts = parts.map { part in
      part.columns.map { "\($0.lowerBound)..<\($0.upperBound)" }.joined(separator: "+")
        + (part.knownRows.map { ":\($0)" } ?? "")
    }
    return ["hidden=\(hidden)", "bidirectional=\(isBidirectional)", "output=\(output.rawValue)"]
      + ["parts=" + parts.joined(separator: ",")]
  }

  public init(_ lstm: Lstm, parts: [Part]) {
    hidden = lstm.hidden
    isBidirectional = lstm.isBidirectional
    output = lstm.output
    self.parts = parts
  }

  var lstm: Lstm { Lstm(hidden: hidden, isBidirectional: isBidirectional, output: output) }

  /// The parameter that holds the table of a part that is a look-up.
  public func table(ofPart part: Int, in node: Node) -> ParameterID? {
    guard parts[part].knownRows != nil else { return nil }
    return node.parameters[4 * directions + parts[..<part].count { $0.knownRows != nil }]
  }

  /// Inputs: for each part its value [P × width], or its ids [P × 1] index. Parameters: those of `Lstm`, then for each
  /// look-up its table [V × width]. Outputs: y as of `Lstm`.
  public func outputTypes(inputs: [ValueType], parameters: [Parameter]) throws(GraphError) -> [ValueType] {
    let tables = parts.count { $0.knownRows != nil }
    try Self.requireCounts(inputs: inputs, parts.count, parameters: parameters, 4 * directions + tables)
    let ranges = parts.flatMap(\.columns).sorted { $0.lowerBound < $1.lowerBound }
    try Self.require(
      zip([0] + ranges.map(\.upperBound), ranges.map(\.lowerBound)).allSatisfy(==) && !ranges.isEmpty,
      "the parts must be all columns of the input, each once")
    var table = 4 * directions
    for (part, input) in zip(parts, inputs) {
      guard let known = part.knownRows else {
        try Self.requireType(input, ValueType(inputs[0].rows, part.width), "a part of the input")
        continue
      }
      try Self.requireType(input, ValueType(inputs[0].rows, 1, .index), "ids")
      let rows = parameters[table].rows
      try Self.requireShape(parameters[table], [rows, part.width], "the table")
      try Self.require(known > 0 && known <= rows, "\(known) rows of \(rows) cannot be multiplied beforehand")
      table += 1
    }
    let types = try lstm.outputTypes(
      inputs: [ValueType(inputs[0].rows, columns)], parameters: Array(parameters[..<(4 * directions)]))
    return [types[0]]
  }

  public func evaluate(_ context: inout ReferenceContext) {
    var x = Matrix(rows: context.inputs[0].rows, columns: columns)
    var table = 4 * directions
    for (part, input) in zip(parts, context.inputs) {
      for row in 0..<x.rows {
        let values =
          part.knownRows == nil ? input.row(row) : context.parameters[table].row(Int(input[row, 0]))
        for (column, value) in zip(part.columns.joined(), values) { x[row, column] = value }
      }
      if part.knownRows != nil { table += 1 }
    }
    // The meaning is that of the layer over the whole input.
    var layer = context
    let positions = context.inputTypes[0].rows
    let states = ValueType(positions, directions * hidden)
    layer.inputs = [x]
    layer.inputTypes = [ValueType(positions, columns)]
    layer.parameters = Array(context.parameters[..<(4 * directions)])
    layer.outputTypes = [
      context.outputTypes[0], ValueType(positions, directions * 4 * hidden), states, states,
    ]
    lstm.evaluate(&layer)
    context.outputs = [layer.outputs[0]]
  }

  public func cost(inputs: [ValueType], parameters: [Parameter]) -> Cost {
    let multiplied = parts.reduce(0) { $0 + ($1.knownRows == nil ? $1.width : 0) }
    return Cost([inputs[0].rows: directions * 4 * hidden * (multiplied + hidden)])
  }
}

extension FoldedLstm: TableReading {
  public func tables(of node: Node) -> [(ids: ValueID, table: ParameterID)] {
    parts.indices.compactMap { part in table(ofPart: part, in: node).map { (node.inputs[part], $0) } }
  }
}
