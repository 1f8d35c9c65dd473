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

  func scratch(for node: Node, in graph: Graph, purpose: Purpose) -> [Scratch] {
    let positions = graph[node.inputs[0]].type.rows
    let sequences = positions.sequences ?? positions
    let states = MemoryPlan.stride(columns: directions * hidden)
    let unknown = widestUnknown(node, in: graph)
    var requests = [
      Scratch(name: "cells", rows: sequences, width: states),
      Scratch(name: "gates", rows: positions, width: MemoryPlan.stride(columns: directions * 4 * hidden)),
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
    let (steps, offsets) = (c.steps(of: positions), c.offsets(of: positions))
    let statesStride = "\(MemoryPlan.stride(columns: directions * hidden))"
    let (states, stride) =
      output == .final ? (c.scratch(Piece.states.rawValue), statesStride) : (y.pointer, y.stride)
    let gates = "\(c.scratch(Piece.gates.rawValue)) + d * \(4 * hidden)"
    let gatesStride = "\(MemoryPlan.stride(columns: directions * 4 * hidden))"
    let name = layer(node, into: &c)
    let worker = "\(c.functionName)_direction"
    let p = node.parameters
    if c.program.matrices.isJoint(p[1]) {
      emitJointly(node, name, gates: gates, stride: gatesStride, states: (states, stride), into: &c)
      return
    }
    var body = CWriter()
    body.block("static void \(worker)(void *argument, int32_t direction)") { w in
      w.line("const struct run *r = argument;")
      w.line("const size_t d = (size_t)direction;")
      addInputs(node, gates, gatesStride, &c, &w)
      w.lines(
        c.table("recurrent_words", (0..<directions).map { c.wide(.wideGates, p[4 * $0 + 1]) }))
      w.call(
        name,
        [
          "r->k", "direction", steps, offsets, gates, gatesStride, "recurrent_words[d]",
          "\(c.scratch(Piece.cells.rawValue)) + d * \(hidden)", statesStride, "\(states) + d * \(hidden)",
          stride,
        ])
    }
    c.define(helper: worker, body.text)
    c.runPieces(worker, directions)
    if output == .final {
      c.define(template: "runtime/final_states", name: "copy_final_states", [:])
      c.call(
        "copy_final_states",
        [steps, offsets, "\(hidden)", "\(directions)", states, stride, y.pointer, y.stride])
    }
  }

  /// Writes what the input adds to the gates of direction d.
  func addInputs(
    _ node: Node, _ gates: String, _ gatesStride: String, _ c: inout NodeWriter, _ w: inout CWriter
  ) {
    let positions = c.input(0).rows
    let p = node.parameters
    w.line("const int32_t rows = \(c.offsets(of: positions))[\(c.steps(of: positions))];")
    let biases = (0..<directions).map {
      c.packed(PackedPiece(form: .gateSum, parameters: [p[4 * $0 + 2], p[4 * $0 + 3]]))
    }
    // Products that are all known have the biases in them.
    if !isKnown(0, node, in: c.graph) { w.lines(c.table("bias", biases)) }
    for part in parts.indices { add(part, node, gates, gatesStride, &c, &w) }
  }

  /// The function that runs the steps; layers of equal sizes share it.
  private func layer(_ node: Node, into c: inout NodeWriter) -> String {
    let step = c.kernel(c.lstmStep(node.parameters[1]), [hidden]).replacing("r->k->", with: "")
    if c.program.matrices.isJoint(node.parameters[1]) { return jointLayer(node, step: step, into: &c) }
    let kept = c.program.matrices.keptBlocks(node.parameters[1], []) != nil
    let name = "lstm_steps_h\(hidden)_\(kept ? "blocks" : "\(c.weights(of: node.parameters[1]))")"
    c.define(
      template: "layers/lstm_steps", name: name, ["NAME": name, "HIDDEN": "\(hidden)", "STEP": step])
    return name
  }

  /// The products of a table with the input weights of one direction, whose parameters are given.
  private func knownPiece(
    _ part: Int, rows: Int, table: ParameterID, _ layer: [ParameterID], _ c: NodeWriter
  ) -> PackedPiece {
    var piece = PackedPiece(form: .knownGates, parameters: [layer[0], table])
    // What comes first brings the biases with it.
    if part == 0 { piece.parameters += [layer[2], layer[3]] }
    piece.columns = parts[part].columns
    piece.keptBlocks = c.program.matrices.keptBlocks(layer[0], piece.columns)
    piece.weights = piece.keptBlocks == nil ? c.weights(of: layer[0]) : .f32
    piece.rows = rows
    return piece
  }

  /// Writes what one part of the input adds to the gates.
  private func add(
    _ part: Int, _ node: Node, _ gates: String, _ gatesStride: String, _ c: inout NodeWriter,
    _ w: inout CWriter
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
        ["rows", x.pointer, x.stride, "\(names.words)[d]", bias, gates, gatesStride, part == 0 ? "0" : "1"])
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
            "r->k", "\(4 * hidden)", "\(names.known)[d] + (size_t)\(x.pointer)[row] * \(4 * hidden)",
            "\(gates) + (size_t)row * \(gatesStride)", flag,
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
        "r", "rows", x.pointer, "\(names.known)[d]", "\(names.words)[d]", bias, rowsAt, gatesAt, gates,
        gatesStride, flag,
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
