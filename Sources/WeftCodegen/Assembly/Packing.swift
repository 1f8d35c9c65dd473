import WeftGraph

/// How parameters get from their canonical layout to the layouts that kernels read.
extension SourceFile {
  private func pieceName(_ piece: PackedPiece) -> String { NodeWriter.pieceName(piece, in: program) }

  /// The sizes that the kernel is told that packs a piece.
  func packedSizes(_ piece: PackedPiece) -> [Int] {
    let first = graph[piece.parameters[0]]
    switch piece.form {
    case .panels, .pairPanels, .pairTransposedPanels: return [first.rows, first.columns]
    case .lstmPanels, .pairLstmPanels: return [first.columns]
    case .convPanels: return first.shape
    case .canonical: return [first.rows, first.columns]
    case .sum: return [first.count]
    // Packages alone have these.
    case .wide, .wideGates, .joint, .gateSum, .knownGates, .charTable, .spellings: return []
    }
  }

  func packing() -> String { isTraining ? trainingPacking() : inferencePacking() }

  /// Calls that pack one piece from `parameters` to `to`.
  private func packCalls(_ piece: PackedPiece, from source: String, to target: String, _ c: inout CWriter) {
    let pointers = piece.parameters.map { "\(source) + at_\(program.parameterNames[$0.index])" }
    let masks = piece.parameters.map { id in
      isTraining && graph[id].isPrunable
        ? "words_at(kept, kept_at_\(program.parameterNames[id.index]))" : "NULL"
    }
    let sizes = packedSizes(piece)
    if let kernel = piece.form.kernel {
      // Without a mask a matrix is read where it is.
      if isTraining && piece.form == .canonical { c.line("if (kept != NULL)") }
      let matrices = zip(pointers, masks).flatMap { [$0, $1] }
      let indentation = isTraining && piece.form == .canonical ? "    " : ""
      c.call(
        indentation + "k->\(KernelInstance(kernel, []).baseName)",
        sizes.map(String.init) + matrices + [target])
    } else {
      c.line("for (size_t i = 0; i < \(sizes[0]); i++)")
      c.line("    (\(target))[i] = (\(pointers[0]))[i] + (\(pointers[1]))[i];")
    }
  }

  private func layout() -> (offsets: [Int], total: Int) {
    var offsets: [Int] = []
    var total = 0
    for piece in resources.pieces {
      offsets.append(total)
      total += (piece.floats(in: graph) + 15) / 16 * 16
    }
    return (offsets, total)
  }

  private func trainingPacking() -> String {
    let (offsets, total) = layout()
    var c = CWriter()
    c.comment("Packed parameters and where they are, in floats.")
    c.block("enum", closing: "};") { c in
      for (piece, offset) in zip(resources.pieces, offsets) { c.line("\(pieceName(piece)) = \(offset),") }
      c.line("packed_floats = \(total),")
      c.line("piece_count = \(resources.pieces.count)")
    }
    c.line()
    c.comment("The parameters that each piece is made of.")
    c.block("static const int piece_parameters[piece_count + 1][2] =", closing: "};") { c in
      for piece in resources.pieces {
        let names = piece.parameters.map { "parameter_\(program.parameterNames[$0.index])" }
        c.list("{", [names[0], names.last ?? names[0]], closing: "},")
      }
      c.line("{0, 0},")
    }
    c.line()
    if resources.pieces.contains(where: { $0.parameters.contains { graph[$0].isPrunable } }) {
      c.comment("A parameter's part of a mask; null without a mask.")
      c.block("static const uint16_t *words_at(const uint16_t *kept, size_t offset)") { c in
        c.line("return kept == NULL ? NULL : kept + offset;")
      }
      c.line()
    }
    c.comment("Packs one piece under a mask over all prunable weights, in words, null for none.")
    c.block(
      """
      static void pack_piece(const struct kernels *k, int piece, const float *parameter_block, const uint16_t *kept, \
      float *packed)
      """
    ) { c in
      c.line("(void)k, (void)kept;")
      c.block("switch (piece)") { c in
        for (number, piece) in resources.pieces.enumerated() {
          c.line("case \(number):")
          var inner = CWriter()
          packCalls(piece, from: "parameter_block", to: "packed + \(pieceName(piece))", &inner)
          for line in inner.text.split(separator: "\n") { c.line("    " + line) }
          c.line("    break;")
        }
        c.line("default:")
        c.line("    break;")
      }
    }
    return c.text
  }

  private func inferencePacking() -> String {
    let (offsets, packedTotal) = layout()
    var total = packedTotal
    var c = CWriter()
    c.comment("What a model stores and where, in floats: packed parameters, then those read as they are.")
    c.block("enum", closing: "};") { c in
      for (piece, offset) in zip(resources.pieces, offsets) { c.line("\(pieceName(piece)) = \(offset),") }
      for id in resources.raw {
        c.line("raw_\(program.parameterNames[id.index]) = \(total),")
        total += (graph[id].count + 15) / 16 * 16
      }
      c.line("stored_floats = \(total)")
    }
    c.line()
    c.block(
      "static void store_parameters(const struct kernels *k, const float *parameter_block, float *stored)"
    ) { c in
      c.line("(void)k;")
      for piece in resources.pieces {
        packCalls(piece, from: "parameter_block", to: "stored + \(pieceName(piece))", &c)
      }
      for id in resources.raw {
        let name = program.parameterNames[id.index]
        c.call(
          "memcpy",
          ["stored + raw_\(name)", "parameter_block + at_\(name)", "\(graph[id].count) * sizeof(float)"])
      }
    }
    return c.text
  }
}
