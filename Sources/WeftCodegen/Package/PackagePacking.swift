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
  private var narrowRaw: [ParameterID] { source.resources.raw.filter(isNarrow) }

  /// Floats in which a piece's parameters are decoded.
  private var scratch: Int {
    let needed = source.resources.pieces.filter { piece in
      piece.parameters.contains(where: isNarrow) || (isMasked && piece.isPrunable(in: graph))
    }
    return needed.map { $0.parameters.reduce(0) { $0 + rounded(graph[$1].count) } }.max() ?? 0
  }

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

  private func pack(_ pieces: [PackedPiece], _ block: String, _ c: inout CWriter) {
    c.list(
      "static void pack_\(block)(",
      ["const struct kernels *k", "const struct weights *w", "float *\(block)", "float *scratch"],
      closing: ") {")
    c.line("    (void)k, (void)w, (void)\(block), (void)scratch;")
    for piece in pieces {
      let target = "\(block) + \(NodeWriter.pieceName(piece, in: program))"
      var offset = 0
      var matrices: [String] = []
      for id in piece.parameters {
        let place = offset == 0 ? "scratch" : "scratch + \(offset)"
        matrices.append("read_weights(w, parameter_\(name(id)), \(place))")
        offset += rounded(graph[id].count)
      }
      var inner = CWriter()
      if let kernel = piece.form.kernel {
        let sizes = source.packedSizes(piece).map(String.init)
        let arguments = sizes + matrices.flatMap { [$0, "NULL"] } + [target]
        inner.call("k->\(KernelInstance(kernel, []).baseName)", arguments)
      } else {
        inner.call("add_vectors", ["\(graph[piece.parameters[0]].count)"] + matrices + [target])
      }
      for line in inner.text.split(separator: "\n") { c.line("    " + line) }
    }
    c.line("}")
    c.line()
  }

  private func placeRaw(_ c: inout CWriter) {
    let head = "static void place_raw(const struct weights *w, float *copies, const float **raw)"
    c.block(head) { c in
      c.line("(void)w, (void)copies, (void)raw;")
      for id in source.resources.raw {
        let copy = isNarrow(id) ? "copies + copy_\(name(id))" : "NULL"
        c.line("raw[raw_\(name(id))] = read_weights(w, parameter_\(name(id)), \(copy));")
      }
    }
  }
}
