import WeftGraph

extension FoldedLstm: Emitting {
  var isPieces: Bool { output == .positions }

  /// Rows of a table that are looked up and multiplied at a time because their products are not known.
  private static let waiting = 16

  enum Piece: Int { case cells, gates, waitingRows, waitingGates, states }

  /// Columns of the widest table some of whose rows have to be multiplied.
  private func widestUnknown(_ node: Node, in graph: Graph) -> Int {
    parts.indices.map { isKnown($0, node, in: graph) ? 0 : parts[$0].knownRows == nil ? 0 : parts[$0].width }
      .max() ?? 0
  }

  private func isKnown(_ part: Int, _ node: Node, in graph: Graph) -> Bool {
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
    let unknown = widestUnknown(node, in: graph)
    var requests = [
      Scratch(name: "cells", rows: sequences, width: states),
      Scratch(name: "gates", rows: sequences, width: gates, constant: inputRows * gates),
      Scratch(name: "rows to multiply", rows: .one, width: 0, constant: directions * Self.waiting * unknown),
      Scratch(
        name: "their gates", rows: .one, width: 0,
        constant: unknown == 0 ? 0 : directions * Self.waiting * 4 * hidden),
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

  /// Defines the function that writes what some rows of the input add to the gates of direction d.
  private func emitInputs(_ node: Node, into c: inout NodeWriter) {
    let p = node.parameters
    var body = CWriter()
    body.block(
      "static void \(c.functionName)_inputs(const struct run *r, size_t d, int32_t first, int32_t rows)"
    ) { w in
      w.line("float *const gates = \(c.scratch(Piece.gates.rawValue)) + d * \(4 * hidden);")
      let biases = (0..<directions).map {
        c.packed(PackedPiece(form: .gateSum, parameters: [p[4 * $0 + 2], p[4 * $0 + 3]]))
      }
      // Products that are all known have the biases in them.
      if !isKnown(0, node, in: c.graph) { w.lines(c.table("bias", biases)) }
      for part in parts.indices { add(part, node, &c, &w) }
    }
    c.define(helper: "\(c.functionName)_inputs", body.text)
  }

  /// Defines the function that says where a direction begins.
  private func emitBeginning(_ node: Node, _ states: Operand, into c: inout NodeWriter) {
    let positions = c.input(0).rows
    let recurrent = node.parameters[1]
    let step = c.lstmStep(recurrent)
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
        w.line(".add_inputs = \(c.functionName)_inputs,")
        w.line(".most = \(inputRows),")
        w.line(".gates = \(c.scratch(Piece.gates.rawValue)) + d * \(4 * hidden),")
        w.line(".gates_stride = \(gatesStride),")
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

  private var gatesStride: String { "\(MemoryPlan.stride(columns: directions * 4 * hidden))" }

  /// The products of a table with the input weights of one direction, whose parameters are given.
  private func knownPiece(
    _ part: Int, rows: Int, table: ParameterID, _ layer: [ParameterID], _ c: NodeWriter
  ) -> PackedPiece {
    var piece = PackedPiece(form: .knownGates, parameters: [layer[0], table])
    // What comes first brings the biases with it.
    if part == 0 { piece.parameters += [layer[2], layer[3]] }
    piece.columns = parts[part].columns
    piece.sparse = c.program.matrices.sparseForm(layer[0], piece.columns)
    piece.weights = c.weights(of: layer[0])
    piece.rows = rows
    return piece
  }

  /// Writes what one part of the input adds to the gates.
  private func add(
    _ part: Int, _ node: Node, _ c: inout NodeWriter, _ w: inout CWriter
  ) {
    let p = node.parameters
    let columns = parts[part].columns
    let x = c.input(part)
    let names = (words: "words_\(part)", known: "known_\(part)")
    let bias = part == 0 ? "bias[d]" : "NULL"
    let product = c.kernel(c.product(p[0], columns: columns), [4 * hidden, parts[part].width])
    w.comment("Columns " + columns.map { "\($0.lowerBound) to \($0.upperBound - 1)" }.joined(separator: ", "))
    let words = (0..<directions).map { c.wide(.wideGates, p[4 * $0], columns: columns) }
    guard let known = parts[part].knownRows, let table = table(ofPart: part, in: node) else {
      w.lines(c.table(names.words, words))
      w.call(
        product,
        ["rows", x.first, x.stride, "\(names.words)[d]", bias, "gates", gatesStride, part == 0 ? "0" : "1"])
      return
    }
    let knownGates = (0..<directions).map { d in
      knownPiece(part, rows: known, table: table, Array(p[(4 * d)..<(4 * d + 4)]), c)
    }
    w.lines(c.table(names.known, knownGates.map { c.packed($0) }))
    _ = c.kernel(.addRows)
    c.define(template: "layers/add_gates", name: "add_gates", [:])
    let flag = part == 0 ? "0" : "1"
    if isKnown(part, node, in: c.graph) {
      w.block("for (int32_t row = 0; row < rows; row++)") { w in
        w.call(
          "add_gates",
          [
            "r->k", "\(4 * hidden)", "\(names.known)[d] + (size_t)\(x.pointer)[first + row] * \(4 * hidden)",
            "gates + (size_t)row * \(gatesStride)", flag,
          ])
      }
      return
    }
    w.lines(c.table(names.words, words))
    let rowsAt = "\(c.scratch(Piece.waitingRows.rawValue)) + d * \(Self.waiting * parts[part].width)"
    let gatesAt = "\(c.scratch(Piece.waitingGates.rawValue)) + d * \(Self.waiting * 4 * hidden)"
    let lookUp = c.lookUp(
      table, rows: "count", ids: "ids", to: "x", stride: "\(parts[part].width)")
    let name = "look_up_gates_\(c.functionName)_\(part)"
    var call = CWriter()
    call.call(lookUp.function, lookUp.arguments)
    c.define(
      template: "layers/look_up_gates", name: name,
      [
        "NAME": name, "GATES": "\(4 * hidden)", "COLUMNS": "\(parts[part].width)", "KNOWN": "\(known)",
        "WAITING": "\(Self.waiting)", "LOOK_UP": call.text.trimmed, "PRODUCT": product,
      ])
    w.call(
      name,
      [
        "r", "rows", "\(x.pointer) + first", "\(names.known)[d]", "\(names.words)[d]", bias, rowsAt, gatesAt,
        "gates", gatesStride, flag,
      ])
  }
}

extension String {
  /// Without spaces and line ends around it.
  fileprivate var trimmed: String {
    var text = self[...]
    while let last = text.last, last.isWhitespace { text.removeLast() }
    while let first = text.first, first.isWhitespace { text.removeFirst() }
    return String(text)
  }
}
