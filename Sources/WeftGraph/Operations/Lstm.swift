import Foundation

/// A bidirectional LSTM layer, as a one-layer `torch.nn.LSTM` (Hochreiter and Schmidhuber 1997; forget gates of Gers
/// et al. 2000; no peepholes).
///
/// In each direction, with [i f g o] = W_ih x_t + b_ih + W_hh h_{t−1} + b_hh after σ, σ, tanh, σ:
/// c_t = f ⊙ c_{t−1} + i ⊙ g, h_t = o ⊙ tanh(c_t); the state before the first position is 0.
public struct Lstm: Operation {
  public static let kind = "lstm"

  /// What the layer gives.
  public enum Output: String, Sendable, Hashable, Codable {
    /// The state at every position.
    case positions
    /// The last state of each direction: of the last position forward, of the first position in reverse.
    case final
  }

  /// Units per direction.
  public var hidden: Int
  public var isBidirectional: Bool
  public var output: Output
  public var directions: Int { isBidirectional ? 2 : 1 }
  public var attributes: [String] {
    ["hidden=\(hidden)", "bidirectional=\(isBidirectional)", "output=\(output.rawValue)"]
  }

  public init(hidden: Int, isBidirectional: Bool = true, output: Output = .positions) {
    self.hidden = hidden
    self.isBidirectional = isBidirectional
    self.output = output
  }

  /// Inputs: x [P × in], P a set of positions (token, scalar).
  /// Parameters: weight_ih [4H × in], weight_hh [4H × H], bias_ih [4H], bias_hh [4H], then those of the reverse
  /// direction. Outputs, with D = 2 (directions):
  /// - `.positions`: y [P × D·H], gates [P × D·4H], cells [P × D·H];
  /// - `.final`: y [sequences × D·H], gates, cells, states [P × D·H].
  ///
  /// Gates are after activation, i f g o forward and then i f g o in reverse.
  public func outputTypes(inputs: [ValueType], parameters: [Parameter]) throws(GraphError) -> [ValueType] {
    try Self.requireCounts(inputs: inputs, 1, parameters: parameters, 4 * directions)
    try Self.require(hidden > 0, "the hidden size must be positive, is \(hidden)")
    try Self.requireFloat(inputs[0], "the input")
    let positions = inputs[0].rows
    guard let sequences = positions.sequences else {
      throw GraphError("needs positions of sequences, \(positions) are none", at: Self.kind)
    }
    for direction in 0..<directions {
      let own = parameters[(4 * direction)..<(4 * direction + 4)]
      for (parameter, (shape, role)) in zip(
        own,
        [
          ([4 * hidden, inputs[0].columns], "weight_ih"), ([4 * hidden, hidden], "weight_hh"),
          ([4 * hidden], "bias_ih"), ([4 * hidden], "bias_hh"),
        ])
      {
        try Self.requireShape(parameter, shape, role)
      }
    }
    let states = ValueType(positions, directions * hidden)
    let gates = ValueType(positions, directions * 4 * hidden)
    switch output {
    case .positions: return [states, gates, states]
    case .final: return [ValueType(sequences, directions * hidden), gates, states, states]
    }
  }

  public func evaluate(_ context: inout ReferenceContext) {
    let x = context.inputs[0]
    let sequences = context.packing.sequences(of: context.inputTypes[0].rows)
    var gates = context.zeros(1)
    var cells = context.zeros(2)
    var states = Matrix(rows: x.rows, columns: directions * hidden)
    var final = Matrix(rows: sequences.count, columns: directions * hidden)
    for direction in 0..<directions {
      let own = context.parameters[(4 * direction)..<(4 * direction + 4)].map { $0 }
      let bias = zip(own[2].elements, own[3].elements).map(+)
      for (sequence, rows) in sequences.enumerated() {
        var (h, c) = ([Double](repeating: 0, count: hidden), [Double](repeating: 0, count: hidden))
        for row in direction == 0 ? rows : rows.reversed() {
          let (fromInput, fromState) = (own[0].times(x.row(row)), own[1].times(h))
          for unit in 0..<hidden {
            func gate(_ k: Int) -> Double {
              bias[k * hidden + unit] + fromInput[k * hidden + unit] + fromState[k * hidden + unit]
            }
            let (i, f, g, o) = (logistic(gate(0)), logistic(gate(1)), tanh(gate(2)), logistic(gate(3)))
            c[unit] = f * c[unit] + i * g
            let first = direction * 4 * hidden + unit
            for (k, value) in [i, f, g, o].enumerated() { gates[row, first + k * hidden] = value }
            cells[row, direction * hidden + unit] = c[unit]
            states[row, direction * hidden + unit] = o * tanh(c[unit])
          }
          h = Array(states.row(row)[(direction * hidden)..<((direction + 1) * hidden)])
        }
        for unit in 0..<hidden { final[sequence, direction * hidden + unit] = h[unit] }
      }
    }
    switch output {
    case .positions: context.outputs = [states, gates, cells]
    case .final: context.outputs = [final, gates, cells, states]
    }
  }

  public func differentiate(
    _ node: Node, outputGradient: ValueID, into gradient: inout GradientBuilder
  ) throws(GraphError) {
    guard let states = node.outputs[output == .positions ? 0 : 3], let gates = node.outputs[1],
      let cells = node.outputs[2]
    else { return }
    gradient.add(
      LstmGradient(hidden: hidden, isBidirectional: isBidirectional, output: output), for: node,
      inputs: [node.inputs[0], states, gates, cells, outputGradient],
      parameters: (0..<directions).flatMap { [node.parameters[4 * $0], node.parameters[4 * $0 + 1]] },
      accumulates: try gradient.trainableParameters(of: node),
      outputs: [try gradient.contribution(to: node.inputs[0])])
  }

  public func cost(inputs: [ValueType], parameters: [Parameter]) -> Cost {
    Cost([inputs[0].rows: directions * 4 * hidden * (inputs[0].columns + hidden)])
  }
}

/// Back-propagation through time of `Lstm`.
public struct LstmGradient: Operation {
  public static let kind = "lstmGradient"
  public var hidden: Int
  public var isBidirectional: Bool
  public var output: Lstm.Output
  public var directions: Int { isBidirectional ? 2 : 1 }
  public var attributes: [String] {
    ["hidden=\(hidden)", "bidirectional=\(isBidirectional)", "output=\(output.rawValue)"]
  }

  public init(hidden: Int, isBidirectional: Bool = true, output: Lstm.Output = .positions) {
    self.hidden = hidden
    self.isBidirectional = isBidirectional
    self.output = output
  }

  /// Inputs: x [P × in], states [P × D·H], gates [P × D·4H], cells [P × D·H], dy [P or sequences × D·H].
  /// Parameters: weight_ih and weight_hh of each direction. Outputs: dx [P × in] (may be left out).
  /// Accumulates: all parameters of the layer, in its order.
  public func outputTypes(inputs: [ValueType], parameters: [Parameter]) throws(GraphError) -> [ValueType] {
    try Self.requireCounts(inputs: inputs, 5, parameters: parameters, 2 * directions)
    let positions = inputs[0].rows
    guard let sequences = positions.sequences else {
      throw GraphError("needs positions of sequences, \(positions) are none", at: Self.kind)
    }
    try Self.requireFloat(inputs[0], "the input")
    let states = ValueType(positions, directions * hidden)
    try Self.requireType(inputs[1], states, "the states")
    try Self.requireType(inputs[2], ValueType(positions, directions * 4 * hidden), "the gates")
    try Self.requireType(inputs[3], states, "the cells")
    try Self.requireType(
      inputs[4], ValueType(output == .final ? sequences : positions, directions * hidden),
      "the output's gradient")
    for direction in 0..<directions {
      try Self.requireShape(parameters[2 * direction], [4 * hidden, inputs[0].columns], "weight_ih")
      try Self.requireShape(parameters[2 * direction + 1], [4 * hidden, hidden], "weight_hh")
    }
    return [inputs[0]]
  }

  public func evaluate(_ context: inout ReferenceContext) {
    let (x, states, gates) = (context.inputs[0], context.inputs[1], context.inputs[2])
    let (cells, dy) = (context.inputs[3], context.inputs[4])
    var dx = Matrix(rows: x.rows, columns: x.columns)
    for direction in 0..<directions {
      let (weightInput, weightState) = (
        context.parameters[2 * direction], context.parameters[2 * direction + 1]
      )
      let columns = (direction * hidden)..<((direction + 1) * hidden)
      for (sequence, packed) in context.packing.sequences(of: context.inputTypes[0].rows).enumerated() {
        let rows = direction == 0 ? packed : packed.reversed()
        let zero = [Double](repeating: 0, count: hidden)
        var (dhNext, dcNext) = (zero, zero)
        for step in rows.indices.reversed() {
          let row = rows[step]
          let previousCells = step == 0 ? zero : Array(cells.row(rows[step - 1])[columns])
          let previousStates = step == 0 ? zero : Array(states.row(rows[step - 1])[columns])
          var dGates = [Double](repeating: 0, count: 4 * hidden)
          for unit in 0..<hidden {
            func gate(_ k: Int) -> Double { gates[row, direction * 4 * hidden + k * hidden + unit] }
            let (i, f, g, o) = (gate(0), gate(1), gate(2), gate(3))
            let tanhCell = tanh(cells[row, columns.lowerBound + unit])
            var dh = dhNext[unit]
            switch output {
            case .positions: dh += dy[row, columns.lowerBound + unit]
            case .final where step == rows.count - 1: dh += dy[sequence, columns.lowerBound + unit]
            case .final: break
            }
            let dc = dcNext[unit] + dh * o * (1 - tanhCell * tanhCell)
            dcNext[unit] = dc * f
            dGates[unit] = dc * g * i * (1 - i)
            dGates[hidden + unit] = dc * previousCells[unit] * f * (1 - f)
            dGates[2 * hidden + unit] = dc * i * (1 - g * g)
            dGates[3 * hidden + unit] = dh * tanhCell * o * (1 - o)
          }
          dhNext = weightState.transposedTimes(dGates)
          for (column, value) in weightInput.transposedTimes(dGates).enumerated() {
            dx[row, column] += value
          }
          guard !context.accumulated.isEmpty else { continue }
          context.accumulated[4 * direction].addOuter(dGates, x.row(row))
          context.accumulated[4 * direction + 1].addOuter(dGates, previousStates)
          for (k, value) in dGates.enumerated() {
            context.accumulated[4 * direction + 2].elements[k] += value
            context.accumulated[4 * direction + 3].elements[k] += value
          }
        }
      }
    }
    if context.isNeeded[0] { context.outputs[0] = dx }
  }
}
