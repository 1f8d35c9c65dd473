import WeftGraph

extension Lstm: Emitting {
  var isPieces: Bool { output == .positions }

  func emit(_ node: Node, into c: inout NodeWriter) {
    guard let y = c.output(0), let gates = c.output(1), let cells = c.output(2) else { return }
    let x = c.input(0)
    let directions = isBidirectional ? 2 : 1
    // With `.final` the states of all positions are a value of their own.
    let states = output == .final ? c.output(3) ?? y : y
    let name = LayerFunction.forward(hidden: hidden, input: x.columns, into: &c)
    let worker = "\(c.functionName)_direction"
    let p = node.parameters
    var body = CWriter()
    body.block("static void \(worker)(void *argument, int32_t direction)") { w in
      w.line("const struct run *r = argument;")
      w.line("const size_t d = (size_t)direction;")
      w.lines(c.table("input_panels", (0..<directions).map { c.packed(.panels, [p[4 * $0]]) }))
      w.lines(c.table("recurrent_panels", (0..<directions).map { c.packed(.lstmPanels, [p[4 * $0 + 1]]) }))
      w.lines(c.table("bias", (0..<directions).map { c.packed(.sum, [p[4 * $0 + 2], p[4 * $0 + 3]]) }))
      w.call(
        name,
        [
          "r->k", "direction", c.steps(of: x.rows), c.offsets(of: x.rows), x.pointer, x.stride,
          "input_panels[d]", "recurrent_panels[d]", "bias[d]", "\(gates.pointer) + d * \(4 * hidden)",
          gates.stride, "\(cells.pointer) + d * \(hidden)", cells.stride, "\(states.pointer) + d * \(hidden)",
          states.stride,
        ])
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
    let name = LayerFunction.gradient(hidden: hidden, input: x.columns, into: &c)
    let worker = "\(c.functionName)_direction"
    let weights = node.parameters
    let recurrent = (0..<directions).map { weights[2 * $0 + 1] }
    var body = CWriter()
    body.block("static void \(worker)(void *argument, int32_t direction)") { w in
      w.line("const struct run *r = argument;")
      w.line("const size_t d = (size_t)direction;")
      w.lines(c.table("recurrent", recurrent.map { c.raw($0) }))
      w.call(
        name,
        [
          "r->k", "direction", steps, offsets, states.pointer + " + d * \(hidden)", states.stride,
          "recurrent[d]", "\(gates.pointer) + d * \(4 * hidden)", gates.stride,
          "\(cells.pointer) + d * \(hidden)", cells.stride, "\(gradient) + d * \(hidden)", gradientStride,
          "\(c.scratch(0)) + d * \(hidden)", width, "\(c.scratch(1)) + d * \(hidden)", width,
          "\(c.scratch(2)) + d * \(hidden)", width,
        ])
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
      for (target, source) in [(0, x), (1, previous)] {
        w.call(
          c.kernel(.weightGradient, [4 * hidden, source.columns]),
          [
            rows, dGates, gates.stride, source.pointer, source.stride, "gradient_of(r, target[\(target)])",
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

  /// dx from the gradients of the gates of all directions.
  private func emitInputGradient(
    _ dx: Operand, gates: Operand, weights: [ParameterID], into c: inout NodeWriter
  ) {
    let directions = isBidirectional ? 2 : 1
    let worker = "\(c.functionName)_input"
    var body = CWriter()
    body.block("static void \(worker)(void *argument, int32_t index)") { w in
      w.line("const struct run *r = argument;")
      w.line("(void)index;")
      for d in 0..<directions {
        w.call(
          c.kernel(.linearTransposed, [dx.columns, 4 * hidden]),
          [
            "r->batch->extent.\(dx.rows.name)s", gates.pointer + (d == 0 ? "" : " + \(4 * hidden)"),
            gates.stride, c.raw(weights[2 * d]), dx.pointer, dx.stride, d == 0 ? c.addFlag(0) : "1",
          ])
      }
    }
    c.define(helper: worker, body.text)
    c.runPieces(worker, 1, isContested: c.addFlag(0) != "0")
  }
}

/// The functions that run a layer of given sizes over the steps of a batch; shared by layers of equal sizes.
enum LayerFunction {
  static func forward(hidden: Int, input: Int, into c: inout NodeWriter) -> String {
    let name = "lstm_h\(hidden)_k\(input)"
    let product = c.kernel(.linear, [4 * hidden, input])
    let step = c.kernel(.lstmStep, [hidden])
    c.define(
      template: "layers/lstm_layer", name: name,
      ["NAME": name, "HIDDEN": "\(hidden)", "PRODUCT": withoutTable(product), "STEP": withoutTable(step)])
    return name
  }

  static func gradient(hidden: Int, input: Int, into c: inout NodeWriter) -> String {
    let name = "lstm_gradient_h\(hidden)"
    let product = c.kernel(.linearTransposed, [hidden, 4 * hidden])
    let step = c.kernel(.lstmStepGradient, [hidden])
    _ = c.kernel(.copyRows)
    c.define(
      template: "layers/lstm_layer_gradient", name: name,
      ["NAME": name, "HIDDEN": "\(hidden)", "PRODUCT": withoutTable(product), "STEP": withoutTable(step)])
    return name
  }

  private static func withoutTable(_ call: String) -> String { call.replacing("r->k->", with: "") }
}
