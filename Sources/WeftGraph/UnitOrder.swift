/// Another order of the hidden units of LSTMs, in which those that the same masks have removed lie side by side: what is
/// left of a matrix are then whole blocks of it, and the network computes the same.
///
/// A unit is removed by a mask that uses none of the weights of its four gates. Its gates are then their biases, so that
/// its state goes on to be what it was; but no weight has to be read for it.
public struct UnitOrder: Sendable {
  /// For parameters whose rows change places the old place of each row, by name.
  public private(set) var rows: [String: [Int]] = [:]
  /// The same for columns.
  public private(set) var columns: [String: [Int]] = [:]

  public var isIdentity: Bool { rows.isEmpty }

  /// - Parameters:
  ///   - graph: not differentiated.
  ///   - masks: each by the names of parameters, one byte a weight, row-major.
  public init(_ graph: Graph, masks: [[String: [UInt8]]]) {
    // Layers whose states reach an operation for which the place of a column matters keep their order.
    var fixed: Set<NodeID> = []
    while true {
      var attempt = Attempt(graph: graph, masks: masks, fixed: fixed)
      let conflicts = attempt.run()
      if conflicts.isEmpty {
        (rows, columns) = (attempt.named(attempt.rows), attempt.named(attempt.columns))
        return
      }
      fixed.formUnion(conflicts)
    }
  }

  /// The elements of a matrix, or of a vector of rows, in the new order.
  ///
  /// - Parameter values: row-major.
  public func reordered<Value>(_ values: [Value], of parameter: Parameter) -> [Value] {
    let (rows, columns) = (rows[parameter.name], columns[parameter.name])
    if rows == nil && columns == nil { return values }
    var result: [Value] = []
    result.reserveCapacity(values.count)
    for row in 0..<parameter.rows {
      let start = (rows?[row] ?? row) * parameter.columns
      for column in 0..<parameter.columns { result.append(values[start + (columns?[column] ?? column)]) }
    }
    return result
  }
}

/// One walk through the graph, in which every layer that is not fixed takes its new order.
private struct Attempt {
  let graph: Graph
  let masks: [[String: [UInt8]]]
  let fixed: Set<NodeID>
  /// The old place of each row and column; what is in its place is listed too, once it has been used.
  var rows: [ParameterID: [Int]] = [:]
  var columns: [ParameterID: [Int]] = [:]
  /// Layers that a parameter got its order from.
  private var origins: [ParameterID: Set<NodeID>] = [:]

  /// The old places of the columns of a value, and the layers that moved them.
  private struct Columns {
    var places: [Int]
    var origins: Set<NodeID> = []
    var areMoved: Bool { !origins.isEmpty }
  }

  init(graph: Graph, masks: [[String: [UInt8]]], fixed: Set<NodeID>) {
    (self.graph, self.masks, self.fixed) = (graph, masks, fixed)
  }

  /// Gives the layers that have to be fixed; none if all orders fit each other.
  mutating func run() -> Set<NodeID> {
    var values: [ValueID: Columns] = [:]
    func columns(_ value: ValueID) -> Columns {
      values[value] ?? Columns(places: Array(0..<graph[value].type.columns))
    }
    func give(_ columns: Columns, _ node: Node) {
      if columns.areMoved, let value = node.outputs[0] { values[value] = columns }
    }
    for node in graph.nodes {
      let inputs = node.inputs.map(columns)
      var conflicts: Set<NodeID> = []
      switch node.operation {
      case let lstm as Lstm:
        var output = Columns(places: [])
        for direction in 0..<lstm.directions {
          let own = Array(node.parameters[(4 * direction)..<(4 * direction + 4)])
          let order = fixed.contains(node.id) ? Array(0..<lstm.hidden) : unitOrder(own, lstm.hidden)
          if order != Array(0..<lstm.hidden) { output.origins.insert(node.id) }
          output.places += order.map { direction * lstm.hidden + $0 }
          let gates = (0..<4).flatMap { gate in order.map { gate * lstm.hidden + $0 } }
          for parameter in own { conflicts.formUnion(place(gates, [node.id], of: parameter, \.rows)) }
          conflicts.formUnion(place(order, [node.id], of: own[1], \.columns))
          conflicts.formUnion(place(inputs[0].places, inputs[0].origins, of: own[0], \.columns))
        }
        give(output, node)
      case is Linear:
        conflicts = place(inputs[0].places, inputs[0].origins, of: node.parameters[0], \.columns)
      case is Dropout, is Noise, is Gather, is Activate, is Copy:
        give(inputs[0], node)
      case is Concat:
        var output = Columns(places: [])
        for input in inputs {
          let offset = output.places.count
          output.places += input.places.map { $0 + offset }
          output.origins.formUnion(input.origins)
        }
        give(output, node)
      default: conflicts = inputs.reduce(into: []) { $0.formUnion($1.origins) }
      }
      if !conflicts.isEmpty { return conflicts }
    }
    return []
  }

  /// Orders rows or columns of a parameter; gives the layers to fix if another use of it wants another order.
  private mutating func place(
    _ places: [Int], _ layers: Set<NodeID>, of parameter: ParameterID,
    _ side: WritableKeyPath<Attempt, [ParameterID: [Int]]>
  ) -> Set<NodeID> {
    let before = self[keyPath: side][parameter]
    self[keyPath: side][parameter] = places
    origins[parameter, default: []].formUnion(layers)
    return before == nil || before == places ? [] : origins[parameter] ?? []
  }

  /// Units by the masks that have removed them: first those that no mask has.
  private func unitOrder(_ parameters: [ParameterID], _ hidden: Int) -> [Int] {
    let removed = (0..<hidden).map { unit in
      masks.map { mask in
        parameters.prefix(2).allSatisfy { id in
          guard let bytes = mask[graph[id].name] else { return false }
          let columns = graph[id].columns
          return (0..<4).allSatisfy { gate in
            let start = (gate * hidden + unit) * columns
            return !bytes[start..<start + columns].contains { $0 != 0 }
          }
        } ? 1 : 0
      }
    }
    return (0..<hidden).sorted {
      let (a, b) = (removed[$0], removed[$1])
      return a == b ? $0 < $1 : a.lexicographicallyPrecedes(b)
    }
  }

  /// Without what is in its place.
  func named(_ orders: [ParameterID: [Int]]) -> [String: [Int]] {
    Dictionary(
      uniqueKeysWithValues: orders.filter { $0.value != Array(0..<$0.value.count) }
        .map { (graph[$0.key].name, $0.value) })
  }
}
