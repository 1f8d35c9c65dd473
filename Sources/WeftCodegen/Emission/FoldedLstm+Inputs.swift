import WeftGraph

/// What the input of a layer adds to its gates.
extension FoldedLstm {
  /// Defines the function that forms what some rows of the input add to the gates of direction d, and says where it is.
  func emitInputs(_ node: Node, into c: inout NodeWriter) {
    var body = CWriter()
    body.block(
      "static void \(c.functionName)_gates(const struct run *r, size_t d, int32_t first, int32_t rows)"
    ) { w in
      w.line("const float **const at = (const float **)\(places(c));")
      if isPlaced { place(node, &c, &w) } else { write(node, &c, &w) }
    }
    c.define(helper: "\(c.functionName)_gates", body.text)
  }

  /// Writes all parts to rows in the order of the input.
  private func write(_ node: Node, _ c: inout NodeWriter, _ w: inout CWriter) {
    w.line(gatesOfDirection(c))
    // Products that are all known have the biases in them.
    if !isKnown(0, node, in: c.graph) { w.lines(biases(node, &c)) }
    for part in parts.indices { add(part, node, &c, &w) }
    w.line("for (int32_t row = 0; row < rows; row++)")
    w.line("    at[row] = gates + (size_t)row * \(gatesStride);")
  }

  func gatesOfDirection(_ c: NodeWriter) -> String {
    "float *const gates = \(c.scratch(Piece.gates.rawValue)) + d * \(4 * hidden);"
  }

  /// Rows of a part that are multiplied by themselves, and what comes of it.
  func rowsToMultiply(_ part: Int, _ c: NodeWriter) -> String {
    "\(c.scratch(Piece.waitingRows.rawValue)) + d * \(Self.waiting * parts[part].width)"
  }
  func theirGates(_ c: NodeWriter) -> String {
    "\(c.scratch(Piece.waitingGates.rawValue)) + d * \(Self.waiting * 4 * hidden)"
  }

  /// The call that looks such rows up in their table.
  func lookUp(_ table: ParameterID, ofPart part: Int, _ c: inout NodeWriter) -> String {
    let lookUp = c.lookUp(table, rows: "count", ids: "ids", to: "x", stride: "\(parts[part].width)")
    var call = CWriter()
    call.call(lookUp.function, lookUp.arguments)
    return call.text.trimmed
  }

  /// Where it is said where gates are.
  func places(_ c: NodeWriter) -> String {
    let pieces = [Piece.placesForward, .placesBackward][..<directions].map { c.scratch($0.rawValue) }
    return "(void *)" + (directions == 1 ? pieces[0] : "(d == 0 ? \(pieces[0]) : \(pieces[1]))")
  }

  /// Declares the sums of biases.
  func biases(_ node: Node, _ c: inout NodeWriter) -> String {
    let pieces = (0..<directions).map { d in
      c.packed(PackedPiece(form: .gateSum, parameters: [2, 3].map { node.parameters[4 * d + $0] }))
    }
    return c.table("bias", pieces)
  }

  var gatesStride: String { "\(MemoryPlan.stride(columns: directions * 4 * hidden))" }

  /// The function that multiplies some columns of the input, and the declaration of their weights.
  func product(_ part: Int, _ node: Node, named words: String, _ c: inout NodeWriter) -> (
    kernel: String, words: String
  ) {
    let (p, columns) = (node.parameters, parts[part].columns)
    let kernel = c.kernel(c.program.product(p[0], columns: columns), [4 * hidden, parts[part].width])
    return (kernel, c.table(words, (0..<directions).map { c.wide(.wideGates, p[4 * $0], columns: columns) }))
  }

  /// The products of the table of a part with the input weights of each direction.
  func knownGates(_ part: Int, _ node: Node, _ c: inout NodeWriter) -> [String] {
    guard let rows = parts[part].knownRows, let table = table(ofPart: part, in: node) else { return [] }
    // They are formed when a package is opened, even if no step needs more than them.
    _ = product(part, node, named: "", &c)
    if part == 0 { _ = biases(node, &c) }
    return (0..<directions).map { d in
      let layer = Array(node.parameters[(4 * d)..<(4 * d + 4)])
      var piece = PackedPiece(form: .knownGates, parameters: [layer[0], table])
      piece.spellings = spellings(ofWords: part, node, c)
      // What comes first brings the biases with it.
      if part == 0 { piece.parameters += [layer[2], layer[3]] }
      piece.columns = parts[part].columns
      piece.rows = rows
      return c.packed(piece)
    }
  }

  /// Writes what one part of the input adds to the gates.
  private func add(_ part: Int, _ node: Node, _ c: inout NodeWriter, _ w: inout CWriter) {
    let columns = parts[part].columns
    let x = c.input(firstInput(ofPart: part))
    let names = (words: "words_\(part)", known: "known_\(part)")
    let bias = part == 0 ? "bias[d]" : "NULL"
    w.comment("Columns " + columns.map { "\($0.lowerBound) to \($0.upperBound - 1)" }.joined(separator: ", "))
    let product = product(part, node, named: names.words, &c)
    if case .spelling(let wordPart, _) = parts[part].source {
      w.lines(product.words)
      addSpelling(part, ofWords: wordPart, node, product: product.kernel, "\(names.words)[d]", &c, &w)
      return
    }
    guard let known = parts[part].knownRows, let table = table(ofPart: part, in: node) else {
      w.lines(product.words)
      w.call(
        product.kernel,
        ["rows", x.first, x.stride, "\(names.words)[d]", bias, "gates", gatesStride, part == 0 ? "0" : "1"])
      return
    }
    w.lines(c.table(names.known, knownGates(part, node, &c)))
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
    w.lines(product.words)
    let name = "look_up_gates_\(c.functionName)_\(part)"
    c.define(
      template: "layers/look_up_gates", name: name,
      [
        "NAME": name, "GATES": "\(4 * hidden)", "COLUMNS": "\(parts[part].width)", "KNOWN": "\(known)",
        "WAITING": "\(Self.waiting)", "LOOK_UP": lookUp(table, ofPart: part, &c),
        "PRODUCT": product.kernel,
      ])
    w.call(
      name,
      [
        "r", "rows", "\(x.pointer) + first", "\(names.known)[d]", "\(names.words)[d]", bias,
        rowsToMultiply(part, c), theirGates(c), "gates", gatesStride, flag,
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
