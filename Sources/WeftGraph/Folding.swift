/// How much may be multiplied beforehand.
public struct FoldingBudget: Sendable, Equatable {
  /// Bytes of the products of words and other looked-up features with the input weights of LSTM layers.
  public var bytes: Int
  /// Networks that the products are kept for: groups of tasks with masks of their own.
  public var copies: Int

  public init(bytes: Int, copies: Int = 1) {
    self.bytes = bytes
    self.copies = copies
  }

  /// Rows of a table of products for `rows` rows, of `rowBytes` bytes each, within a share of the budget. A beginning of
  /// a table is worth its while only if it covers some of the words.
  fileprivate func knownRows(of rows: Int, rowBytes: Int, share: Int) -> Int? {
    let known = min(rows, share / max(1, rowBytes * copies))
    return known == rows || known >= 64 ? known : nil
  }
}

/// A look-up, and the part that it becomes of the input of an LSTM.
struct LookUp {
  var part: Int
  var ids: ValueID
  var table: ParameterID
  var rowBytes: Int
}

extension Graph {
  /// The graph for use with every product of constants that pays done beforehand.
  ///
  /// - A product of a concatenation with a matrix is the sum of products of its columns. Where some columns are a look-up
  ///   in a table, the product with the rows of that table is known, as far as the budget allows.
  /// - A convolution over looked-up characters is a sum of looked-up products, if the table of these is small.
  /// - What the characters of a word add to such a known product is in it too, for the form that the vocabulary has: see
  ///   `Graph.spellings`.
  ///
  /// Names, inputs and parameters stay; what nobody reads any more is gone. Results are the same up to rounding.
  ///
  /// - Precondition: the graph is specialised for use.
  public func folded(within budget: FoldingBudget) throws(GraphError) -> Graph {
    var result = Graph()
    for value in values {
      if inputs.contains(value.id) {
        try result.addInput(value.name, value.type)
      } else {
        _ = try result.addValue(value.name, value.type, isSum: value.isSum)
      }
    }
    for parameter in parameters {
      _ = try result.addParameter(
        parameter.name, shape: parameter.shape, initializer: parameter.initializer, group: parameter.group,
        isPrunable: parameter.isPrunable, isRowSparse: parameter.isRowSparse,
        isTrainable: parameter.isTrainable)
    }
    var writers: [ValueID: Node] = [:]
    for node in nodes { for case let output? in node.outputs { writers[output] = node } }
    let shares = budgetShares(writers, budget)
    let spelled = spellings(writers) { lstm, node, lookUp in
      budget.knownRows(
        of: self[lookUp.table].rows, rowBytes: lookUp.rowBytes, share: shares[node.id]?[lookUp.part] ?? 0)
    }
    for node in nodes {
      if let lstm = node.operation as? Lstm {
        try fold(lstm, node, writers, budget, share: shares, spelled, into: &result)
      } else if let convolution = node.operation as? CharConv, let embed = writers[node.inputs[0]],
        embed.operation is Embed, isSmall(convolution, node, table: self[embed.parameters[0]])
      {
        result.append(
          FoldedCharConv(width: convolution.width, relu: convolution.relu), named: node.name,
          inputs: embed.inputs, parameters: embed.parameters + node.parameters, accumulates: [],
          outputs: [node.outputs[0]])
      } else {
        result.append(
          node.operation, named: node.name, inputs: node.inputs, parameters: node.parameters, accumulates: [],
          outputs: node.outputs)
      }
    }
    result.tasks = tasks
    return try result.specialized(for: .use)
  }

  /// A table of characters that leaves room for other things in the second-level cache.
  func isSmall(_ convolution: CharConv, _ node: Node, table: Parameter) -> Bool {
    table.rows * convolution.width * ((self[node.parameters[0]].rows + 15) / 16 * 16) <= 1 << 18
  }

  /// The values that make up the input of an LSTM, with those that are look-ups.
  func pieces(
    of lstm: Lstm, _ node: Node, _ writers: [ValueID: Node]
  ) -> (values: [ValueID], lookUps: [LookUp]) {
    let x = node.inputs[0]
    let joined = writers[x]
    let values = joined.flatMap { $0.operation is Concat ? $0.inputs : nil } ?? [x]
    var lookUps: [LookUp] = []
    for (part, value) in values.enumerated() {
      if let writer = writers[value], writer.operation is Embed {
        lookUps.append(
          LookUp(
            part: part, ids: writer.inputs[0], table: writer.parameters[0],
            rowBytes: lstm.directions * 4 * lstm.hidden * 4))
      }
    }
    return (values, lookUps)
  }

  /// Bytes for each look-up: what small tables need, the rest divided among the large ones.
  private func budgetShares(_ writers: [ValueID: Node], _ budget: FoldingBudget) -> [NodeID: [Int: Int]] {
    var wanted: [(node: NodeID, part: Int, bytes: Int)] = []
    for node in nodes {
      guard let lstm = node.operation as? Lstm else { continue }
      for lookUp in pieces(of: lstm, node, writers).lookUps {
        wanted.append((node.id, lookUp.part, self[lookUp.table].rows * lookUp.rowBytes * budget.copies))
      }
    }
    var shares: [NodeID: [Int: Int]] = [:]
    var (left, open) = (budget.bytes, wanted.count)
    for want in wanted.sorted(by: { ($0.bytes, $0.node.index, $0.part) < ($1.bytes, $1.node.index, $1.part) })
    {
      let share = min(want.bytes, left / open)
      shares[want.node, default: [:]][want.part] = share
      (left, open) = (left - share, open - 1)
    }
    return shares
  }

  private func fold(
    _ lstm: Lstm, _ node: Node, _ writers: [ValueID: Node], _ budget: FoldingBudget,
    share: [NodeID: [Int: Int]], _ spelled: Spellings?, into result: inout Graph
  ) throws(GraphError) {
    let (values, lookUps) = pieces(of: lstm, node, writers)
    var parts: [(part: FoldedLstm.Part, inputs: [ValueID], table: ParameterID?)] = []
    var forms: [(values: [ValueID], columns: Range<Int>)] = []
    var rest: [(value: ValueID, columns: Range<Int>)] = []
    var column = 0
    for (position, value) in values.enumerated() {
      let columns = column..<(column + self[value].type.columns)
      column = columns.upperBound
      if let lookUp = lookUps.first(where: { $0.part == position }),
        let known = budget.knownRows(
          of: self[lookUp.table].rows, rowBytes: lookUp.rowBytes, share: share[node.id]?[position] ?? 0)
      {
        let part = FoldedLstm.Part(columns: [columns], source: .table(knownRows: known))
        parts.append((part, [lookUp.ids], lookUp.table))
      } else if spelled != nil, let gather = writers[value], isOfForms(gather) {
        forms.append((gather.inputs, columns))
      } else {
        rest.append((value, columns))
      }
    }
    if parts.isEmpty {
      parts.append((FoldedLstm.Part(columns: [0..<column]), [node.inputs[0]], nil))
    } else if let first = rest.first {
      var value = first.value
      if rest.count > 1 {
        value = try result.add(Concat(), named: node.name + ".input", inputs: rest.map(\.value))[0]
      }
      parts.append((FoldedLstm.Part(columns: rest.map(\.columns)), [value], nil))
    }
    if let spelled, let words = parts.firstIndex(where: { $0.inputs == [spelled.words] }) {
      for form in forms {
        let source = FoldedLstm.Part.Source.spelling(words: words, knownRows: spelled.rows)
        parts.append((FoldedLstm.Part(columns: [form.columns], source: source), form.values, nil))
      }
    }
    result.append(
      FoldedLstm(lstm, parts: parts.map(\.part)), named: node.name, inputs: parts.flatMap(\.inputs),
      parameters: node.parameters + parts.compactMap(\.table), accumulates: [], outputs: [node.outputs[0]])
  }
}
