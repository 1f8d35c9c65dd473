import WeftGraph

extension Lstm: Emitting {
  var isPieces: Bool { output == .positions }

  /// Each direction makes its own pairs, so that directions may run at the same time.
  func pairScratch(for node: Node, in graph: Graph) -> [Scratch] {
    let directions = isBidirectional ? 2 : 1
    let x = graph[node.inputs[0]].type
    return [
      Scratch(name: "pairs of the input", rows: x.rows, width: directions * PairStride.columns(x.columns)),
      Scratch(name: "pairs of the states", rows: x.rows, width: directions * PairStride.columns(hidden)),
    ]
  }

  func emit(_ node: Node, into c: inout NodeWriter) {
    guard let y = c.output(0), let gates = c.output(1), let cells = c.output(2) else { return }
    let x = c.input(0)
    let directions = isBidirectional ? 2 : 1
    // With `.final` the states of all positions are a value of their own.
    let states = output == .final ? c.output(3) ?? y : y
    let isPairs = c.multipliesPairs(node.parameters[0])
    let name = LayerFunction.forward(hidden: hidden, input: x.columns, isPairs: isPairs, into: &c)
    let worker = "\(c.functionName)_direction"
    let p = node.parameters
    var body = CWriter()
    body.block("static void \(worker)(void *argument, int32_t direction)") { w in
      w.line("const struct run *r = argument;")
      w.line("const size_t d = (size_t)direction;")
      let (inputForm, recurrentForm): (PackedForm, PackedForm) =
        isPairs ? (.pairPanels, .pairLstmPanels) : (.panels, .lstmPanels)
      w.lines(c.table("input_panels", (0..<directions).map { c.packed(inputForm, [p[4 * $0]]) }))
      w.lines(c.table("recurrent_panels", (0..<directions).map { c.packed(recurrentForm, [p[4 * $0 + 1]]) }))
      w.lines(c.table("bias", (0..<directions).map { c.packed(.sum, [p[4 * $0 + 2], p[4 * $0 + 3]]) }))
      let (inputWidth, stateWidth) = (PairStride.columns(x.columns), PairStride.columns(hidden))
      var input = [x.pointer, x.stride]
      if isPairs {
        input = ["\(c.scratch(0)) + d * \(inputWidth)", "\(directions * inputWidth)"]
        w.call(
          c.kernel(.pairColumns),
          ["\(c.offsets(of: x.rows))[\(c.steps(of: x.rows))]", "\(x.columns)", x.pointer, x.stride] + input)
      }
      let pairs = isPairs ? ["\(c.scratch(1)) + d * \(stateWidth)", "\(directions * stateWidth)"] : []
      w.call(
        name,
        ["r->k", "direction", c.steps(of: x.rows), c.offsets(of: x.rows)] + input + [
          "input_panels[d]", "recurrent_panels[d]", "bias[d]", "\(gates.pointer) + d * \(4 * hidden)",
          gates.stride, "\(cells.pointer) + d * \(hidden)", cells.stride,
        ] + pairs + ["\(states.pointer) + d * \(hidden)", states.stride])
    }
    c.define(helper: worker, body.text)
    c.runPieces(worker, directions)
    if output == .final {
      c.define(template: "runtime/final_states", name: "copy_final_states", [:])
      c.call(
        "copy_final_states",
        [
          c.steps(of: x.rows), c.offsets(of: x.rows), "\(hidden)", "\(directions)", states.pointer,
          states.stride, y.pointer, y.stride,
        ])
    }
  }
}

extension LstmGradient: Emitting {
  var isPieces: Bool { output == .positions }

  func scratch(for node: Node, in graph: Graph, purpose: Purpose) -> [Scratch] {
    let positions = graph[node.inputs[0]].type.rows
    let sequences = positions.sequences ?? positions
    let width = MemoryPlan.stride(columns: (isBidirectional ? 2 : 1) * hidden)
    var requests = [
      Scratch(name: "gradient of the recurrent state", rows: sequences, width: width),
      Scratch(name: "gradient of the cell", rows: sequences, width: width),
      Scratch(name: "previous states", rows: positions, width: width),
    ]
    if output == .final {
      requests.append(Scratch(name: "gradient of all states", rows: positions, width: width))
    }
    return requests
  }

  /// Each direction makes its own pairs. Those of rows are half as many rows, rounded up.
  func pairScratch(for node: Node, in graph: Graph) -> [Scratch] {
    let directions = isBidirectional ? 2 : 1
    let x = graph[node.inputs[0]].type
    func ofRows(_ name: String, _ columns: Int) -> Scratch {
      let width = directions * PairStride.rows(columns)
      return Scratch(name: name, rows: x.rows, width: width / 2, constant: width / 2)
    }
    return [
      Scratch(
        name: "pairs of the gates' columns", rows: x.rows,
        width: directions * PairStride.columns(4 * hidden)),
      ofRows("pairs of the gates' rows", 4 * hidden), ofRows("pairs of the input's rows", x.columns),
      ofRows("pairs of the previous states' rows", hidden),
    ]
  }

  func emit(_ node: Node, into c: inout NodeWriter) {
    let (x, states, gates, cells, dy) = (c.input(0), c.input(1), c.input(2), c.input(3), c.input(4))
    let directions = isBidirectional ? 2 : 1
    let width = "\(MemoryPlan.stride(columns: directions * hidden))"
    let (steps, offsets) = (c.steps(of: x.rows), c.offsets(of: x.rows))
    var (gradient, gradientStride) = (dy.pointer, dy.stride)
    if output == .final {
      c.define(template: "runtime/final_gradients", name: "spread_final_gradients", [:])
      c.call(
        "spread_final_gradients",
        [
          steps, offsets, "\(hidden)", "\(directions)", dy.pointer, dy.stride, c.scratch(3), width,
        ])
      (gradient, gradientStride) = (c.scratch(3), width)
    }
    let isPairs = c.multipliesPairs(node.parameters[0])
    let gatePairs = PairStride.columns(4 * hidden)
    let name = LayerFunction.gradient(hidden: hidden, input: x.columns, isPairs: isPairs, into: &c)
    let worker = "\(c.functionName)_direction"
    let weights = node.parameters
    let recurrent = (0..<directions).map { weights[2 * $0 + 1] }
    var body = CWriter()
    body.block("static void \(worker)(void *argument, int32_t direction)") { w in
      w.line("const struct run *r = argument;")
      w.line("const size_t d = (size_t)direction;")
      w.lines(
        c.table(
          "recurrent",
          recurrent.map { isPairs ? c.packed(.pairTransposedPanels, [$0]) : c.rawUnderMask($0)[0] }))
      if !isPairs { w.lines(c.table("kept", type: "uint16_t", recurrent.map { c.kept($0) })) }
      w.call(
        name,
        [
          "r->k", "direction", steps, offsets, states.pointer + " + d * \(hidden)", states.stride,
          "recurrent[d]",
        ] + (isPairs ? [] : ["kept[d]"]) + [
          "\(gates.pointer) + d * \(4 * hidden)", gates.stride,
          "\(cells.pointer) + d * \(hidden)", cells.stride, "\(gradient) + d * \(hidden)", gradientStride,
          "\(c.scratch(0)) + d * \(hidden)", width, "\(c.scratch(1)) + d * \(hidden)", width,
          "\(c.scratch(2)) + d * \(hidden)", width,
        ] + (isPairs ? ["\(c.scratch(firstPairs)) + d * \(gatePairs)", "\(directions * gatePairs)"] : []))
      // Frozen layers have no gradients to collect.
      guard node.accumulates.count == 4 * directions else { return }
      let targets = (0..<directions).map { d in
        "{" + (0..<4).map { c.number(node.accumulates[4 * d + $0]) }.joined(separator: ", ") + "}"
      }
      w.list("static const int targets[\(directions)][4] = {", targets, closing: "};")
      w.line("const int *target = targets[d];")
      let rows = "\(offsets)[\(steps)]"
      let previous = Operand(
        pointer: "\(c.scratch(2)) + d * \(hidden)", stride: width, rows: x.rows, columns: hidden)
      let dGates = "\(gates.pointer) + d * \(4 * hidden)"
      let operands = [
        Operand(pointer: dGates, stride: gates.stride, rows: x.rows, columns: 4 * hidden), x, previous,
      ].enumerated().map { isPairs ? pairs(of: $1, rows, number: $0, &c, &w) : $1 }
      for (target, source) in operands.dropFirst().enumerated() {
        w.call(
          c.kernel(isPairs ? .pairWeightGradient : .weightGradient, [4 * hidden, source.columns]),
          [
            rows, operands[0].pointer, operands[0].stride, source.pointer, source.stride,
            "gradient_of(r, target[\(target)])", "kept_of(r, target[\(target)])",
            "begin_gradient(r, target[\(target)])",
          ])
      }
      w.call("add_bias_gradient", ["r", "target[2]", rows, "\(4 * hidden)", dGates, gates.stride])
      w.call("add_bias_gradient", ["r", "target[3]", rows, "\(4 * hidden)", dGates, gates.stride])
    }
    c.define(helper: worker, body.text)
    c.runPieces(worker, directions)
    if let dx = c.output(0) { emitInputGradient(dx, gates: gates, weights: weights, into: &c) }
  }

  /// dx from the gradients of the gates of all directions: the upper and the lower half of its rows, or all at once
  /// where it is a sum, whose contributions are counted.
  private func emitInputGradient(
    _ dx: Operand, gates: Operand, weights: [ParameterID], into c: inout NodeWriter
  ) {
    let directions = isBidirectional ? 2 : 1
    let worker = "\(c.functionName)_input"
    let gatePairs = PairStride.columns(4 * hidden)
    let flag = c.addFlag(0)
    let parts = flag == "0" ? 2 : 1
    var body = CWriter()
    body.block("static void \(worker)(void *argument, int32_t part)") { w in
      w.line("const struct run *r = argument;")
      w.line("const int32_t rows = r->batch->extent.\(dx.rows.name)s;")
      w.line("const int32_t first = part * rows / \(parts), count = (part + 1) * rows / \(parts) - first;")
      for d in 0..<directions {
        let add = d == 0 ? flag : "1"
        func from(_ pointer: String, _ stride: String, _ width: Int = 0) -> String {
          pointer + (d == 0 ? "" : " + \(width)") + " + (size_t)first * \(stride)"
        }
        let isPairs = c.multipliesPairs(weights[2 * d])
        let source =
          isPairs
          ? (pointer: c.scratch(firstPairs), stride: "\(directions * gatePairs)", width: gatePairs)
          : (pointer: gates.pointer, stride: gates.stride, width: 4 * hidden)
        let operands =
          isPairs
          ? [c.packed(.pairTransposedPanels, [weights[2 * d]]), "NULL"] : c.rawUnderMask(weights[2 * d])
        w.call(
          c.kernel(isPairs ? .pairLinear : .linearTransposed, [dx.columns, 4 * hidden]),
          ["count", from(source.pointer, source.stride, d * source.width), source.stride] + operands + [
            "\(dx.pointer) + (size_t)first * \(dx.stride)", dx.stride, add,
          ])
      }
    }
    c.define(helper: worker, body.text)
    c.runPieces(worker, parts, isContested: flag != "0")
  }
}

extension LstmGradient {
  /// Scratch of pairs follows the other.
  private var firstPairs: Int { output == .final ? 4 : 3 }

  /// Pairs of a matrix's rows, made by the direction `d` for itself; `number` counts those of `pairScratch`.
  private func pairs(
    of matrix: Operand, _ rows: String, number: Int, _ c: inout NodeWriter, _ w: inout CWriter
  ) -> Operand {
    let width = PairStride.rows(matrix.columns)
    let pairs = Operand(
      pointer: "\(c.scratch(firstPairs + 1 + number)) + d * \(width)",
      stride: "\((isBidirectional ? 2 : 1) * width)", rows: matrix.rows, columns: matrix.columns)
    w.call(
      c.kernel(.pairRows),
      [rows, "\(matrix.columns)", matrix.pointer, matrix.stride, pairs.pointer, pairs.stride])
    return pairs
  }
}

/// Words from one row of pairs to the next.
enum PairStride {
  /// Of pairs of columns.
  static func columns(_ columns: Int) -> Int { MemoryPlan.stride(columns: (columns + 1) / 2) }
  /// Of pairs of rows.
  static func rows(_ columns: Int) -> Int { (columns + 15) / 16 * 16 }
}

/// The functions that run a layer of given sizes over the steps of a batch; shared by layers of equal sizes.
enum LayerFunction {
  static func forward(hidden: Int, input: Int, isPairs: Bool, into c: inout NodeWriter) -> String {
    let name = (isPairs ? "pair_" : "") + "lstm_h\(hidden)_k\(input)"
    let product = c.kernel(isPairs ? .pairLinear : .linear, [4 * hidden, input])
    let step = c.kernel(isPairs ? .pairLstmStep : .lstmStep, [hidden])
    if isPairs { _ = c.kernel(.pairColumns) }
    c.define(
      template: isPairs ? "layers/pair_lstm_layer" : "layers/lstm_layer", name: name,
      ["NAME": name, "HIDDEN": "\(hidden)", "PRODUCT": withoutTable(product), "STEP": withoutTable(step)])
    return name
  }

  static func gradient(hidden: Int, input: Int, isPairs: Bool, into c: inout NodeWriter) -> String {
    let name = (isPairs ? "pair_" : "") + "lstm_gradient_h\(hidden)"
    let product = c.kernel(isPairs ? .pairLinear : .linearTransposed, [hidden, 4 * hidden])
    let step = c.kernel(.lstmStepGradient, [hidden])
    _ = c.kernel(.copyRows)
    if isPairs { _ = c.kernel(.pairColumns) }
    var values = [
      "NAME": name, "HIDDEN": "\(hidden)", "PRODUCT": withoutTable(product), "STEP": withoutTable(step),
    ]
    if isPairs { values["GATES"] = "\(4 * hidden)" }
    c.define(
      template: isPairs ? "layers/pair_lstm_layer_gradient" : "layers/lstm_layer_gradient", name: name, values
    )
    return name
  }

  private static func withoutTable(_ call: String) -> String { call.replacing("r->k->", with: "") }
}
