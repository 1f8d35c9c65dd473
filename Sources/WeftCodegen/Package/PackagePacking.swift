import WeftGraph

/// How the parameters in a blob become what kernels read, once, when a package is opened.
struct PackagePacking {
  let source: SourceFile
  let layout: PackageLayout
  /// Whether some group of tasks has a mask.
  let isMasked: Bool

  private var graph: Graph { source.graph }
  private var program: Program { source.program }

  /// The table of parameters, which the decoder reads, and the functions that call the decoder.
  func text() -> (table: String, functions: String) {
    var head = CWriter()
    table(&head)
    var c = CWriter()
    let own = source.resources.pieces.filter { $0.isPrunable(in: graph) }
    let shared = source.resources.pieces.filter { !$0.isPrunable(in: graph) }
    place(shared, "shared", "Packed weights of all tasks, in floats.", &c)
    place(own, "own", "Packed weights that masks may thin out: once for each group of tasks.", &c)
    c.comment("Parameters that are read as they are.")
    c.block("enum", closing: "};") { c in
      for id in source.resources.raw { c.line("raw_\(name(id)),") }
      c.line("raw_count")
    }
    c.line()
    c.comment("Those among them that the blob does not hold as floats, and memory that only opening needs.")
    c.block("enum", closing: "};") { c in
      var total = 0
      for id in narrowRaw {
        c.line("copy_\(name(id)) = \(total),")
        total += rounded(graph[id].count)
      }
      c.line("copied_floats = \(total),")
      c.line("scratch_floats = \(scratch)")
    }
    c.line()
    pack(shared, "shared", &c)
    pack(own, "own", &c)
    placeRaw(&c)
    return (head.text, c.text)
  }

  private func name(_ id: ParameterID) -> String { program.parameterNames[id.index] }
  private func rounded(_ count: Int) -> Int { (count + 15) / 16 * 16 }
  private func isNarrow(_ id: ParameterID) -> Bool { layout.entries[id.index].encoding != .f32 }
  /// Narrow parameters that are read as floats: not those that look-ups read as they are.
  private var narrowRaw: [ParameterID] {
    source.resources.raw.filter { isNarrow($0) && !source.resources.tables.contains($0) }
  }

  /// Floats in which parameters are decoded.
  private var scratch: Int {
    source.resources.pieces.map { piece in
      if piece.form == .knownGates { return Self.knownRowsAtOnce * graph[piece.parameters[1]].columns }
      if piece.form == .spellings { return rounded(graph[piece.parameters[2]].count) }
      let isDecoded =
        piece.parameters.contains(where: isNarrow) || (isMasked && piece.isPrunable(in: graph))
      return isDecoded ? piece.parameters.reduce(0) { $0 + rounded(graph[$1].count) } : 0
    }.max() ?? 0
  }
  /// Rows of a table that are decoded to be multiplied.
  private static let knownRowsAtOnce = 16

  private func table(_ c: inout CWriter) {
    c.block("static const struct parameter parameters[parameter_count] =", closing: "};") { c in
      for entry in layout.entries {
        c.comment(entry.name)
        c.list(
          "{",
          [
            "\(entry.rows)", "\(entry.columns)", "encoding_\(entry.encoding.rawValue)", "\(entry.offset)",
            "\(entry.scaleOffset ?? 0)", "\(entry.maskOffset ?? -1)",
          ], closing: "},")
      }
    }
    c.line()
    c.line("enum { parameter_bytes = \(layout.parameterBytes), mask_bytes = \(layout.maskBytes) };")
    c.line()
  }

  private func place(_ pieces: [PackedPiece], _ block: String, _ comment: String, _ c: inout CWriter) {
    c.comment(comment)
    c.block("enum", closing: "};") { c in
      var total = 0
      for piece in pieces {
        c.line("\(NodeWriter.pieceName(piece, in: program)) = \(total),")
        total += rounded(piece.floats(in: graph))
      }
      c.line("\(block)_floats = \(total)")
    }
    c.line()
  }

  /// What is made of other pieces comes after them.
  private static func makingOrder(_ pieces: [PackedPiece]) -> [PackedPiece] {
    func isFirst(_ piece: PackedPiece) -> Bool { piece.form != .spellings && piece.form != .knownGates }
    return pieces.filter(isFirst) + pieces.filter { $0.form == .spellings }
      + pieces.filter { $0.form == .knownGates }
  }

  private func pack(_ pieces: [PackedPiece], _ block: String, _ c: inout CWriter) {
    c.list(
      "static int pack_\(block)(",
      ["const struct kernels *k", "const struct weights *w"]
        + (block == "own" ? ["const float *shared"] : []) + ["float *\(block)", "float *scratch"],
      closing: ") {")
    c.line("    (void)k, (void)w, (void)shared, (void)\(block), (void)scratch;")
    if pieces.contains(where: { $0.sparse != nil }) {
      c.line("    int is_packed;")
    }
    for piece in Self.makingOrder(pieces) {
      var inner = CWriter()
      packing(of: piece, to: "\(block) + \(NodeWriter.pieceName(piece, in: program))", &inner)
      for line in inner.text.split(separator: "\n") { c.line("    " + line) }
    }
    c.line("    return 1;")
    c.line("}")
    c.line()
  }

  /// Where a piece is, for calls that read it while models are opened.
  private func place(of piece: PackedPiece) -> String {
    "\(piece.isPrunable(in: graph) ? "own" : "shared") + \(NodeWriter.pieceName(piece, in: program))"
  }

  /// The call that makes a piece.
  private func packing(of piece: PackedPiece, to target: String, _ c: inout CWriter) {
    var offset = 0
    func decoded(_ id: ParameterID) -> String {
      let place = offset == 0 ? "scratch" : "scratch + \(offset)"
      offset += rounded(graph[id].count)
      return "read_weights(w, parameter_\(name(id)), \(place))"
    }
    let first = graph[piece.parameters[0]]
    switch piece.form {
    case .wide, .wideGates:
      // A mask of another model may keep more than there is room for.
      if let sparse = piece.sparse {
        let reader = piece.isPacked ? ["k->reads_windows"] : []
        c.call(
          "is_packed = \(sparse.packing)",
          reader + selection(of: piece) + ["\(sparse.most)", "scratch", target])
        c.line("if (!is_packed)")
        c.line("    return 0;")
        return
      }
      let reader = piece.isSplit ? ["k->reads_halves"] : []
      c.call(
        piece.isSplit ? "pack_split" : "pack_words", reader + selection(of: piece) + ["scratch", target])
    case .joint:
      c.call("pack_joint", selection(of: piece) + ["scratch", target])
    case .gateSum:
      c.call("add_gate_biases", ["\(first.count / 4)"] + piece.parameters.map(decoded) + [target])
    case .knownGates:
      let table = piece.parameters[1]
      let biases = Array(piece.parameters[2...])
      let words = inputWeights(of: piece, piece.columns)
      c.call(
        "multiply_rows",
        [
          "w", "parameter_\(name(table))", "\(piece.rows)", "\(first.rows)", words.product,
          place(of: words.piece),
          biases.isEmpty ? "NULL" : place(of: PackedPiece(form: .gateSum, parameters: biases)), "scratch",
          target,
        ])
      for spelling in piece.spellings {
        let words = inputWeights(of: piece, spelling.columns)
        let width = spelling.columns.reduce(0) { $0 + $1.count }
        c.call(
          words.product,
          [
            "\(spelling.rows.rows)", place(of: spelling.rows), "\(width)", place(of: words.piece), "NULL",
            target,
            "\(first.rows)", "1",
          ])
      }
    case .spellings:
      guard let kernel = piece.kernel else { return }
      let table = PackedPiece(form: .charTable, parameters: Array(piece.parameters[..<2]))
      c.call(
        "spell_words",
        [
          "w", "\(piece.rows)", "\(first.rows)", "k->\(kernel.baseName)", place(of: table),
          decoded(piece.parameters[2]), target,
        ])
    case .charTable:
      let weight = decoded(first.id)
      c.call(
        "multiply_characters",
        [
          "\(graph[piece.parameters[1]].rows)", "\(first.shape[0])", "\(first.shape[1])", "\(first.shape[2])",
          decoded(piece.parameters[1]), weight, target,
        ])
    case .sum:
      c.call("add_vectors", ["\(first.count)"] + piece.parameters.map(decoded) + [target])
    case .panels, .lstmPanels, .convPanels, .pairPanels, .pairTransposedPanels, .pairLstmPanels, .canonical:
      guard let kernel = piece.form.kernel else { return }
      let sizes = source.packedSizes(piece).map(String.init)
      let matrices = piece.parameters.flatMap { [decoded($0), "NULL"] }
      c.call("k->\(KernelInstance(kernel, []).baseName)", sizes + matrices + [target])
    }
  }

  /// The input weights that known gates are products with, and the kernel that multiplies with them.
  private func inputWeights(
    of piece: PackedPiece, _ columns: [Range<Int>]
  ) -> (piece: PackedPiece, product: String) {
    let weight = piece.parameters[0]
    let width = columns.reduce(0) { $0 + $1.count }
    let kernel = KernelInstance(program.product(weight, columns: columns), [graph[weight].rows, width])
    return (program.wide(.wideGates, weight, columns: columns), "k->" + kernel.baseName)
  }

  /// Arguments that say which columns of a matrix become words, and in which order.
  private func selection(of piece: PackedPiece) -> [String] {
    let first = graph[piece.parameters[0]]
    let columns = piece.columns.isEmpty ? [0..<first.columns] : piece.columns
    let ranges = columns.map { "{\($0.lowerBound), \($0.count)}" }.joined(separator: ", ")
    return [
      "w", "parameter_\(name(first.id))", "\(piece.form == .wide ? 0 : first.rows / 4)",
      "(const size_t[][2]){\(ranges)}", "\(columns.count)",
    ]
  }

  private func placeRaw(_ c: inout CWriter) {
    let head = "static void place_raw(const struct weights *w, float *copies, const float **raw)"
    c.block(head) { c in
      c.line("(void)w, (void)copies, (void)raw;")
      for id in source.resources.raw {
        if isNarrow(id) && source.resources.tables.contains(id) {
          c.line("raw[raw_\(name(id))] = stored_weights(w, parameter_\(name(id)));")
          continue
        }
        let copy = isNarrow(id) ? "copies + copy_\(name(id))" : "NULL"
        c.line("raw[raw_\(name(id))] = read_weights(w, parameter_\(name(id)), \(copy));")
      }
    }
  }
}
