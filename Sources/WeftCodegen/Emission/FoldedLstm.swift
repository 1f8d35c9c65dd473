import WeftGraph

extension FoldedLstm: Emitting {
  var isPieces: Bool { output == .positions }

  /// Rows of a table that are looked up and multiplied at a time because their products are not known.
  static let waiting = 24

  enum Piece: Int {
    case cells, gates, placesForward, placesBackward, waitingRows, waitingGates, states
  }

  /// Columns of the widest part some of whose rows have to be multiplied by themselves.
  private func widestUnknown(_ node: Node, in graph: Graph) -> Int {
    parts.indices.map { parts[$0].source == .value || isKnown($0, node, in: graph) ? 0 : parts[$0].width }
      .max() ?? 0
  }

  func isKnown(_ part: Int, _ node: Node, in graph: Graph) -> Bool {
    guard let known = parts[part].knownRows, let table = table(ofPart: part, in: node) else { return false }
    return known == graph[table].rows
  }

  /// Rows whose gates are formed at a time, if a step has no more: as many as 256 KiB hold.
  private var inputRows: Int { min(256, max(16, (1 << 18) / (16 * hidden) / 16 * 16)) }

  /// When the recurrent weights of both directions fit a second-level cache of 1 MiB with all else: code that follows a
  /// condition, nil if they never do.
  private func fittingCache(_ node: Node, _ c: NodeWriter) -> String? {
    func fits(_ words: (ParameterID) -> Int) -> Bool {
      (0..<directions).reduce(0) { $0 + 4 * words(node.parameters[4 * $1 + 1]) } <= 3 << 18
    }
    func dense(_ id: ParameterID) -> Int { 4 * hidden * hidden / c.weights(of: id).perWord }
    func form(_ id: ParameterID) -> SparseForm? { c.program.matrices.sparseForm(id, []) }
    guard fits({ form($0)?.words(columns: 4 * hidden) ?? dense($0) }) else { return nil }
    // Windows are not read by every instruction set.
    guard case .windows = form(node.parameters[1]), !fits(dense) else { return "" }
    return " && r->k->reads_windows"
  }

  func scratch(for node: Node, in graph: Graph, purpose: Purpose) -> [Scratch] {
    let positions = graph[node.inputs[0]].type.rows
    let sequences = positions.sequences ?? positions
    let states = MemoryPlan.stride(columns: directions * hidden)
    let gates = MemoryPlan.stride(columns: directions * 4 * hidden)
    let formed = areAllKnown(node, in: graph) ? 0 : gates
    let unknown = widestUnknown(node, in: graph)
    var requests = [
      Scratch(name: "cells", rows: sequences, width: states),
      Scratch(name: "gates", rows: sequences, width: formed, constant: inputRows * formed),
      // Pointers, which are two floats large at most.
      Scratch(name: "places of gates", rows: sequences, width: 2, constant: 2 * inputRows),
      Scratch(
        name: "places of gates backward", rows: sequences, width: 2 * (directions - 1),
        constant: 2 * (directions - 1) * inputRows),
      Scratch(name: "rows to multiply", rows: .one, width: 0, constant: directions * Self.waiting * unknown),
      Scratch(
        name: "their gates", rows: .one, width: 0,
        constant: unknown == 0 || isPlaced ? 0 : directions * Self.waiting * 4 * hidden),
    ]
    if output == .final { requests.append(Scratch(name: "states", rows: positions, width: states)) }
    return requests
  }

  func emit(_ node: Node, into c: inout NodeWriter) {
    guard let y = c.output(0) else { return }
    let positions = c.input(0).rows
    let states: Operand =
      output == .final
      ? Operand(
        pointer: c.scratch(Piece.states.rawValue),
        stride: "\(MemoryPlan.stride(columns: directions * hidden))",
        rows: y.rows, columns: y.columns) : y
    emitInputs(node, into: &c)
    emitBeginning(node, states, into: &c)
    if c.program.matrices.isJoint(node.parameters[1]) {
      emitJointly(node, states, into: &c)
      return
    }
    c.define(template: "layers/lstm_steps", name: "lstm_next", [:])
    let (begin, worker) = ("\(c.functionName)_begin", "\(c.functionName)_direction")
    var body = CWriter()
    body.block("static void \(worker)(void *argument, int32_t direction)") { w in
      w.line("const struct run *r = argument;")
      w.line("struct lstm_direction s = \(begin)(r, direction);")
      w.line("while (lstm_next(r, &s))")
      w.line("    continue;")
    }
    c.define(helper: worker, body.text)
    if output == .positions, directions == 2, let fitting = fittingCache(node, c) {
      c.comment(
        "The directions of a single sequence take turns: one computes while the other waits for its last state."
      )
      let sequences = c.count(positions.sequences ?? positions)
      c.block("if (r->threads->parallel == NULL && \(sequences) == 1\(fitting))") { c in
        c.line("struct lstm_direction forward = \(begin)(r, 0);")
        c.line("struct lstm_direction backward = \(begin)(r, 1);")
        c.line("while (lstm_next(r, &forward) && lstm_next(r, &backward))")
        c.line("    continue;")
        c.line("return;")
      }
    }
    c.runPieces(worker, directions)
    guard output == .final else { return }
    c.define(template: "runtime/final_states", name: "copy_final_states", [:])
    c.call("copy_final_states", finalStates(positions, states, y, c))
  }

  /// Arguments of the function that picks each sequence's last states.
  func finalStates(_ positions: IndexSet, _ states: Operand, _ y: Operand, _ c: NodeWriter) -> [String] {
    [
      c.steps(of: positions), c.offsets(of: positions), "\(hidden)", "\(directions)", states.pointer,
      states.stride, y.pointer, y.stride,
    ]
  }

  /// Defines the function that says where a direction begins.
  private func emitBeginning(_ node: Node, _ states: Operand, into c: inout NodeWriter) {
    let positions = c.input(0).rows
    let recurrent = node.parameters[1]
    let step = c.program.lstmStep(recurrent)
    c.define(
      template: "layers/lstm_direction", name: "lstm_direction",
      ["STEP": KernelInstance(step, [hidden]).pointerDeclaration(named: "step")])
    let name = "\(c.functionName)_begin"
    var body = CWriter()
    body.block("static struct lstm_direction \(name)(const struct run *r, int32_t direction)") { w in
      w.line("const size_t d = (size_t)direction;")
      w.lines(
        c.table("recurrent_words", (0..<directions).map { c.wide(.wideGates, node.parameters[4 * $0 + 1]) }))
      w.block("return (struct lstm_direction)", closing: "};") { w in
        w.line(".direction = direction,")
        w.line(".steps = \(c.steps(of: positions)),")
        w.line(".offsets = \(c.offsets(of: positions)),")
        w.line(".form_gates = \(c.functionName)_gates,")
        w.line(".most = \(inputRows),")
        w.line(".gates = (const float *const *)\(places(c)),")
        w.line(".words = recurrent_words[d],")
        w.line(".cells = \(c.scratch(Piece.cells.rawValue)) + d * \(hidden),")
        w.line(".cells_stride = \(MemoryPlan.stride(columns: directions * hidden)),")
        w.line(".y = \(states.pointer) + d * \(hidden),")
        w.line(".y_stride = \(states.stride),")
        w.line(".step = \(c.kernel(step, [hidden])),")
      }
    }
    c.define(helper: name, body.text)
  }
}
