/// An `Lstm` in use whose input comes in parts, so that look-ups need not be multiplied with the input weights each
/// time: rows of a table that are multiplied beforehand are looked up as gates, those of words together with what the
/// characters of the word add to them.
public struct FoldedLstm: Operation {
  public static let kind = "foldedLstm"

  /// Some columns of the layer's input.
  public struct Part: Sendable, Hashable {
    /// What the columns hold.
    public enum Source: Sendable, Hashable {
      /// A value at each position.
      case value
      /// Rows of a table, of which so many, the first ones, are multiplied beforehand.
      case table(knownRows: Int)
      /// Rows of a value of the forms of words. For the first `knownRows` words of the table of part `words` those of the
      /// form that the vocabulary has are in the products of the word.
      case spelling(words: Int, knownRows: Int)
    }

    /// The columns, in the order of the input weights.
    public var columns: [Range<Int>]
    public var source: Source

    public init(columns: [Range<Int>], source: Source = .value) {
      self.columns = columns
      self.source = source
    }

    public var width: Int { columns.reduce(0) { $0 + $1.count } }

    /// For a look-up in a table: how many of its rows are multiplied beforehand.
    public var knownRows: Int? {
      if case .table(let rows) = source { rows } else { nil }
    }

    /// Values that the part reads: ids for a table, rows and their index for forms of words.
    var inputCount: Int {
      if case .spelling = source { 2 } else { 1 }
    }
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
        + part.source.suffix
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

  /// The first of the inputs that a part reads.
  public func firstInput(ofPart part: Int) -> Int { parts[..<part].reduce(0) { $0 + $1.inputCount } }

  /// Inputs: for each part its value [P × width], its ids [P × 1] index, or rows [S × width] and their index [P × 1]. Parameters: those of `Lstm`, then for each
  /// look-up its table [V × width]. Outputs: y as of `Lstm`.
  public func outputTypes(inputs: [ValueType], parameters: [Parameter]) throws(GraphError) -> [ValueType] {
    let tables = parts.count { $0.knownRows != nil }
    let inputCount = parts.reduce(0) { $0 + $1.inputCount }
    try Self.requireCounts(inputs: inputs, inputCount, parameters: parameters, 4 * directions + tables)
    let ranges = parts.flatMap(\.columns).sorted { $0.lowerBound < $1.lowerBound }
    try Self.require(
      zip([0] + ranges.map(\.upperBound), ranges.map(\.lowerBound)).allSatisfy(==) && !ranges.isEmpty,
      "the parts must be all columns of the input, each once")
    // The first part is none of forms, since words come before their forms.
    let positions = inputs[0].rows
    var table = 4 * directions
    for (number, part) in parts.enumerated() {
      let input = firstInput(ofPart: number)
      switch part.source {
      case .value:
        try Self.requireType(inputs[input], ValueType(positions, part.width), "a part of the input")
      case .table(let known):
        try Self.requireType(inputs[input], ValueType(positions, 1, .index), "ids")
        let rows = parameters[table].rows
        try Self.requireShape(parameters[table], [rows, part.width], "the table")
        try Self.require(
          known > 0 && known <= rows, "\(known) rows of \(rows) cannot be multiplied beforehand")
        table += 1
      case .spelling(let words, let known):
        try Self.requireType(
          inputs[input], ValueType(inputs[input].rows, part.width), "what is formed of characters")
        try Self.requireType(inputs[input + 1], ValueType(positions, 1, .index), "the index of forms")
        let rows = parts[..<number].indices.contains(words) ? parts[words].knownRows ?? 0 : 0
        try Self.require(
          known > 0 && known <= rows, "\(known) words of \(rows) cannot have their characters in them")
      }
    }
    let types = try lstm.outputTypes(
      inputs: [ValueType(positions, columns)], parameters: Array(parameters[..<(4 * directions)]))
    return [types[0]]
  }

  public func evaluate(_ context: inout ReferenceContext) {
    var x = Matrix(rows: context.inputs[0].rows, columns: columns)
    var table = 4 * directions
    for (number, part) in parts.enumerated() {
      let input = firstInput(ofPart: number)
      for row in 0..<x.rows {
        let values =
          switch part.source {
          case .value: context.inputs[input].row(row)
          case .table: context.parameters[table].row(Int(context.inputs[input][row, 0]))
          case .spelling: context.inputs[input].row(Int(context.inputs[input + 1][row, 0]))
          }
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
    let multiplied = parts.reduce(0) { $0 + ($1.source == .value ? $1.width : 0) }
    return Cost([inputs[0].rows: directions * 4 * hidden * (multiplied + hidden)])
  }
}

extension FoldedLstm: TableReading {
  public func tables(of node: Node) -> [(ids: ValueID, table: ParameterID)] {
    parts.indices.compactMap { part in
      table(ofPart: part, in: node).map { (node.inputs[firstInput(ofPart: part)], $0) }
    }
  }
}

extension FoldedLstm.Part.Source {
  /// In attributes of a node, behind the columns.
  fileprivate var suffix: String {
    switch self {
    case .value: ""
    case .table(let rows): ":\(rows)"
    case .spelling(let words, let rows): ":\(rows)of\(words)"
    }
  }
}
