import WeftGraph

/// What the input of a layer adds to its gates.
extension FoldedLstm {
  /// Defines the function that writes what some rows of the input add to the gates of direction d.
  func emitInputs(_ node: Node, into c: inout NodeWriter) {
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

  var gatesStride: String { "\(MemoryPlan.stride(columns: directions * 4 * hidden))" }

  /// The products of a table with the input weights of one direction, whose parameters are given.
  private func knownPiece(
    _ part: Int, rows: Int, table: ParameterID, _ layer: [ParameterID], _ node: Node, _ c: NodeWriter
  ) -> PackedPiece {
    var piece = PackedPiece(form: .knownGates, parameters: [layer[0], table])
    piece.spellings = spellings(ofWords: part, node, c)
    // What comes first brings the biases with it.
    if part == 0 { piece.parameters += [layer[2], layer[3]] }
    piece.columns = parts[part].columns
    piece.rows = rows
    return piece
  }

  /// Writes what one part of the input adds to the gates.
  private func add(
    _ part: Int, _ node: Node, _ c: inout NodeWriter, _ w: inout CWriter
  ) {
    let p = node.parameters
    let columns = parts[part].columns
    let x = c.input(firstInput(ofPart: part))
    let names = (words: "words_\(part)", known: "known_\(part)")
    let bias = part == 0 ? "bias[d]" : "NULL"
    let product = c.kernel(c.program.product(p[0], columns: columns), [4 * hidden, parts[part].width])
    w.comment("Columns " + columns.map { "\($0.lowerBound) to \($0.upperBound - 1)" }.joined(separator: ", "))
    let words = (0..<directions).map { c.wide(.wideGates, p[4 * $0], columns: columns) }
    if case .spelling(let wordPart, _) = parts[part].source {
      w.lines(c.table(names.words, words))
      addSpelling(part, ofWords: wordPart, node, product: product, "\(names.words)[d]", &c, &w)
      return
    }
    guard let known = parts[part].knownRows, let table = table(ofPart: part, in: node) else {
      w.lines(c.table(names.words, words))
      w.call(
        product,
        ["rows", x.first, x.stride, "\(names.words)[d]", bias, "gates", gatesStride, part == 0 ? "0" : "1"])
      return
    }
    let knownGates = (0..<directions).map { d in
      knownPiece(part, rows: known, table: table, Array(p[(4 * d)..<(4 * d + 4)]), node, c)
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

  // MARK: Spellings

  /// What is formed of the characters of the words of the vocabulary, from the value that a part reads.
  private func spellings(_ part: Int, _ node: Node, _ c: NodeWriter) -> PackedPiece? {
    guard case .spelling(_, let rows) = parts[part].source else { return nil }
    let value = node.inputs[firstInput(ofPart: part)]
    guard let writer = c.graph.nodes.first(where: { $0.outputs.contains(value) }),
      let convolution = writer.operation as? FoldedCharConv
    else { return nil }
    return convolution.spellings(rows: rows, writer, in: c.graph)
  }

  /// What characters add to known products of words with input weights.
  private func spellings(
    ofWords words: Int, _ node: Node, _ c: NodeWriter
  ) -> [PackedPiece.Spelling] {
    parts.indices.compactMap { part in
      guard case .spelling(words, _) = parts[part].source, let piece = spellings(part, node, c) else {
        return nil
      }
      return PackedPiece.Spelling(rows: piece, columns: parts[part].columns)
    }
  }

  /// Writes what characters add to the gates of words that are not spelled as the vocabulary has them.
  private func addSpelling(
    _ part: Int, ofWords words: Int, _ node: Node, product: String, _ weights: String, _ c: inout NodeWriter,
    _ w: inout CWriter
  ) {
    guard case .spelling(_, let known) = parts[part].source, let piece = spellings(part, node, c) else {
      return
    }
    let (input, width) = (firstInput(ofPart: part), parts[part].width)
    let (forms, index, ids) = (c.input(input), c.input(input + 1), c.input(firstInput(ofPart: words)))
    _ = c.kernel(.addRows)
    c.define(template: "layers/add_gates", name: "add_gates", [:])
    let name = "spell_gates_\(c.functionName)_\(part)"
    c.define(
      template: "layers/spell_gates", name: name,
      [
        "NAME": name, "GATES": "\(4 * hidden)", "COLUMNS": "\(width)", "KNOWN": "\(known)",
        "WAITING": "\(Self.waiting)", "PRODUCT": product,
      ])
    w.call(
      name,
      [
        "r", "rows", "\(ids.pointer) + first", "\(index.pointer) + first", forms.pointer, forms.stride,
        c.packed(piece), weights, "\(c.scratch(Piece.waitingRows.rawValue)) + d * \(Self.waiting * width)",
        "\(c.scratch(Piece.waitingGates.rawValue)) + d * \(Self.waiting * 4 * hidden)", "gates", gatesStride,
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
