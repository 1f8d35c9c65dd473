/// The kernels of a translation unit as C text, in pieces that a generated file puts together in this order:
/// `prelude`, then `random` where it is called, then `source` once per instruction set.
public enum KernelUnit {
  /// Includes, macros, and what these kernels share whatever the instruction set (such as `struct crf`).
  public static func prelude(for instances: some Sequence<KernelInstance>) throws(TemplateError) -> String {
    let blocks = blocks(of: instances)
    var parts = [try plain("shared/prelude")]
    let shared = blocks.compactMap(\.shared) + (blocks.contains(where: \.isOfTiles) ? ["shared/tiles"] : [])
    for name in Set(shared).sorted() { parts.append(try plain(name)) }
    return parts.joined(separator: "\n")
  }

  /// Keys of random streams: `random_stream_key`, `random_position_keys`, `random_sentence_keys`, `random_uniform`.
  public static func random() throws(TemplateError) -> String { try plain("shared/random") }

  /// The vector layer, the shared blocks and the kernels of one instruction set, under its preprocessor condition.
  ///
  /// Each instance is emitted once, in the order of its symbol, however often it is listed. Needs `prelude` before it,
  /// and `random` if a kernel draws random numbers. An addition to another instruction set needs the source for that
  /// one before it, and gives the kernels that are its own.
  ///
  /// - Parameter chosen: the sets that there are tables of; what none of them takes from this one is left out. Nil: all
  ///   is wanted.
  public static func source(
    of instances: some Sequence<KernelInstance>, for set: InstructionSet, chosen: [InstructionSet]? = nil
  ) throws(TemplateError) -> String {
    let special = Set(instances).filter { $0.kernel.isSpecial(for: set) }
    let distinct = special.filter { instance in
      chosen?.contains { other in
        instance.symbol(other) == instance.symbol(set)
          || other.base == set && instance.kernel.leastRows(for: other) > 0
      } ?? true
    }.sorted { $0.baseName < $1.baseName }
    // An addition's kernels build on what does not depend on weights here.
    let needed = special.subtracting(distinct).reduce(into: Set<Kernel.Block>()) {
      $0.formUnion($1.kernel.blocks.filter { !$0.isOfWeights })
    }.union(distinct.flatMap(\.kernel.blocks))
    var parts = [try plain("simd/\(set.rawValue)")]
    for block in Kernel.Block.all
    where needed.contains(block) && !block.isShared
      && (set.base == nil || (set.hasTiles ? block.isOfTiles : block.isOfWeights))
    {
      if case .wide(let weights) = block { parts.append(try arithmetic(of: weights, for: set)) }
      if block == .split { parts.append(try arithmetic("split_dot", for: set)) }
      parts.append(try source(of: block, for: set, instances: distinct))
    }
    for instance in distinct { parts.append(try instance.source(set)) }
    let text = parts.joined(separator: "\n")
    guard let condition = set.condition else { return text }
    return "#if \(condition)\n\n\(text)\n#endif // \(condition)\n"
  }

  /// What these kernels build on, in the order in which it has to be emitted.
  private static func blocks(of instances: some Sequence<KernelInstance>) -> [Kernel.Block] {
    let needed = instances.reduce(into: Set<Kernel.Block>()) { $0.formUnion($1.kernel.blocks) }
    return Kernel.Block.all.filter(needed.contains)
  }

  private static func plain(_ name: String) throws(TemplateError) -> String {
    try Template(embedded: name).render([:])
  }

  /// How weights of a type are multiplied with inputs.
  private static func arithmetic(
    of weights: WeightType, for set: InstructionSet
  ) throws(TemplateError) -> String {
    try arithmetic("\(weights)" + (set.isFor(weights) ? "_dot" : ""), for: set)
  }

  private static func arithmetic(
    _ name: String, for set: InstructionSet
  ) throws(TemplateError) -> String {
    try Template(embedded: "weights/" + name).render(["ISA": set.rawValue, "VEC": set.vectors.rawValue])
  }

  private static func source(
    of block: Kernel.Block, for set: InstructionSet, instances: [KernelInstance]
  ) throws(TemplateError) -> String {
    var values = ["ISA": set.rawValue]
    switch block {
    case .product, .pairProduct:
      let sums = set.productBlocks.map { $0.width * $0.rows }.max() ?? 1
      values.merge(placeholders(set.productBlocks, "PRODUCT", registers: sums * 16 / set.width)) { $1 }
      values["PRODUCT_WIDTHS"] = productWidths(set)
      values.merge(over(block, "product", of: set)) { $1 }
      // Only what flows back multiplies with weights under a mask.
      let isUnderMasks = block == .product && instances.contains { $0.kernel == .linearTransposed }
      values["PRODUCT_CASES"] = productCases(set, values["NAME"] ?? "", isUnderMasks: isUnderMasks)
      values["KEPT"] = isUnderMasks ? " + (p->kept_b != NULL ? 2000 : 0)" : ""
      return try summing(block, "PRODUCT_BLOCK", set, values)
    case .lstmStep, .pairLstmStep:
      values.merge(placeholders(set.lstmBlocks, "LSTM", registers: set.denseSums)) { $1 }
      values.merge(over(block, "lstm", of: set)) { $1 }
      let call = "\(values["NAME"] ?? "")_block_\(set.rawValue)(s, row, unit"
      values["LSTM_CASES"] = cases(set.lstmBlocks) {
        "\(call), \($0), \($1), \(set.together(of: 4, registers: $0 * $1)))"
      }
      return try summing(block, "LSTM_BLOCK", set, values)
    case .pairs:
      values["VEC"] = set.vectors.rawValue
      let name = block.template + (set.isFor(.bf16) ? "_dot" : "")
      return try Template(embedded: name).render(values)
    case .wide(let weights), .wideLinear(let weights), .wideLstm(let weights):
      values.merge(wide(block, weights, set, instances)) { $1 }
      values["MULTIPLY"] = weights == .int8 ? "_tile_dpbusd" : "_tile_dpbf16ps"
      let names: [Kernel.Block: String] = [
        .wide(weights): "WIDE_SUMS", .wideLinear(weights): "WIDE_LINEAR", .wideLstm(weights): "WIDE_LSTM",
      ]
      return try summing(block, names[block] ?? "", set, values)
    case .split, .splitLinear, .splitLstm:
      values.merge(["VEC": set.vectors.rawValue, "WEIGHTS": "split"]) { $1 }
      let names: [Kernel.Block: String] = [
        .split: "WIDE_SUMS", .splitLinear: "WIDE_LINEAR", .splitLstm: "WIDE_LSTM",
      ]
      return try summing(block, names[block] ?? "", set, values)
    case .joint(let weights):
      values = ["ISA": set.rawValue, "VEC": set.vectors.rawValue, "WEIGHTS": weights.rawValue]
      let form = weights == .int8 ? "joint_numbers" : "joint_masks"
      let isOwn = set.isFor(weights) || weights == .f32 && set.vectors == .avx512
      var arithmetic = ""
      for name in [form, "\(form)_\(isOwn ? weights.rawValue : "any")"] {
        let template = try Template(embedded: "weights/" + name)
        arithmetic += try template.render(values.filter { template.mentions($0.key) }) + "\n"
      }
      values["JOINT_CASES"] = jointCases(weights, set, instances)
      return try arithmetic + Template(embedded: block.template).render(values)
    case .sparse: values["SPARSE_SUMS"] = String(set.sparseSums)
    case .blockSparse:
      values["BLOCK_SPARSE_ROWS"] = String(set.sparseRows)
      values["BLOCK_SPARSE_CASES"] = sparseCases("block_sparse", "p, &m", set, set.sparseRows)
    case .packed:
      let name = "weights/packed" + (set.vectors == .avx512 ? "_permute" : "")
      let arithmetic = try Template(embedded: name).render(values)
      values["PACKED_ROWS"] = String(set.packedRows)
      values["PACKED_CASES"] = sparseCases("packed", "p, &m, x, x_stride", set, set.packedRows)
      return try arithmetic + "\n" + Template(embedded: block.template).render(values)
    case .math, .random, .charConv, .charConvGradient, .packing, .pairPacking, .row, .crf, .viterbi, .nbest,
      .lstmCells:
      break
    }
    return try Template(embedded: block.template).render(values)
  }

  /// A block around what forms its sums, in registers or in tiles; either names some of the values.
  private static func summing(
    _ block: Kernel.Block, _ sums: String, _ set: InstructionSet, _ values: [String: String]
  ) throws(TemplateError) -> String {
    let name = block == .split ? "blocks/split" : block.template
    let inner = try Template(embedded: name + (set.hasTiles ? "_tiles" : "_registers"))
    let outer = try Template(embedded: block.template)
    var values = values
    values[sums] = String(try inner.render(values.filter { inner.mentions($0.key) }).dropLast())
    return try outer.render(values.filter { outer.mentions($0.key) })
  }

  /// What both kinds of block say about their shapes: the most sums, the most rows, and the choice of a width.
  private static func placeholders(
    _ blocks: [RegisterBlock], _ name: String, registers: Int
  ) -> [String: String] {
    let widths = blocks.filter { $0.width > 1 }.map {
      "    if (rows <= \($0.rows) && left >= \($0.width))\n        return \($0.width);"
    }
    return [
      name + "_REGISTERS": String(registers),
      name + "_ROWS": String(blocks.map(\.rows).max() ?? 1),
      name + "_WIDTHS": widths.isEmpty ? "    (void)rows, (void)left;" : widths.joined(separator: "\n"),
    ]
  }

  /// What the blocks of products with wide matrices are told: their shapes, and how many vectors of columns are left
  /// behind the last 64 of some matrix.
  private static func wide(
    _ block: Kernel.Block, _ weights: WeightType, _ set: InstructionSet, _ instances: [KernelInstance]
  ) -> [String: String] {
    let own = instances.filter { $0.kernel.weights == weights && $0.kernel.blocks.contains(block) }
    func tails(_ columns: (Int) -> Int) -> [Int] {
      Set(own.map { (columns($0.values[0]) % 64 + 15) / 16 }).subtracting([0]).sorted()
    }
    func cases(_ vectors: Int, adding offset: Int, _ call: (_ rows: Int, _ together: Int) -> String) -> String
    {
      self.cases([RegisterBlock(width: vectors + offset, rows: set.wideRows)]) { rows, _ in
        call(rows, set.together(of: vectors, registers: rows * 16 / set.width))
      }
    }
    var values = ["VEC": set.vectors.rawValue, "WEIGHTS": weights.rawValue]
    let suffix = "\(weights)_\(set.rawValue)"
    switch block {
    case .wideLinear:
      values["WIDE_LINEAR_CASES"] = Set(tails { $0 } + [4]).sorted().map { vectors in
        cases(vectors, adding: 0) {
          "wide_linear_block_\(suffix)(p, block, row, column, \($0), \(vectors), \($1))"
        }
      }.joined(separator: "\n")
    case .wideLstm:
      let shapes = [(vectors: 4, isTail: 0)] + tails { 4 * ($0 % 16) }.map { (vectors: $0, isTail: 1) }
      values["WIDE_LSTM_CASES"] = shapes.map { shape in
        cases(shape.vectors, adding: 4 * shape.isTail) {
          "wide_lstm_block_\(suffix)(s, row, first, tail, \($0), \(shape.vectors), \($1), \(shape.isTail))"
        }
      }.joined(separator: "\n")
    default: values["WIDE_REGISTERS"] = String(set.denseSums)
    }
    if block != .wide(weights) { values["WIDE_ROWS"] = String(set.wideRows) }
    return values
  }

  /// All columns for as many rows as there may be, of a form that leaves out what masks remove.
  private static func sparseCases(
    _ form: String, _ matrix: String, _ set: InstructionSet, _ rows: Int
  ) -> String {
    cases([RegisterBlock(width: 0, rows: rows)]) { rows, _ in
      "for (size_t vector = 0; 16 * vector < p->columns; vector++)\n            "
        + "\(form)_columns_\(set.rawValue)(\(matrix), row, vector, y + 16 * vector, y_stride, \(rows))"
    }
  }

  /// Blocks of joint matrices: of 64 columns or what is left behind the last 64, for as many groups as there may be.
  private static func jointCases(
    _ weights: WeightType, _ set: InstructionSet, _ instances: [KernelInstance]
  ) -> String {
    let own = instances.filter { $0.kernel.weights == weights && $0.kernel.blocks.contains(.joint(weights)) }
    let groups = RegisterBlock(width: 0, rows: own.compactMap(\.values.last).max() ?? 1)
    let columns = own.map { $0.kernel.constants[0] == "H" ? 4 * $0.values[0] : $0.values[0] }
    let tails = Set(columns.map { ($0 % 64 + 15) / 16 }).subtracting([0])
    return tails.union([4]).sorted().map { vectors in
      cases([groups], offset: 1000 * vectors) { count, _ in
        "joint_block_\(weights)_\(set.rawValue)(p, first, slice, \(count), \(vectors))"
      }
    }.joined(separator: "\n")
  }

  /// What a block is told that is the same text over floats and over pairs.
  private static func over(
    _ block: Kernel.Block, _ name: String, of set: InstructionSet
  ) -> [String: String] {
    let isPairs = block.isOfWeights
    return [
      "VEC": set.vectors.rawValue, "NAME": isPairs ? "pair_" + name : name,
      "MULTIPLY": isPairs ? "pair_fma" : "vec_fma",
      "COMMENT": isPairs ? "Over pairs of numbers in bfloat16." : "Over floats.",
    ]
  }

  private static func productWidths(_ set: InstructionSet) -> String {
    let widths = set.productBlocks.filter { $0.width > 1 }.map {
      let condition = isMasked(width: $0.width) ? "" : "!kept && "
      return "    if (\(condition)rows <= \($0.rows) && left >= \($0.width))\n        return \($0.width);"
    }
    return widths.isEmpty ? "    (void)rows, (void)left;" : widths.joined(separator: "\n")
  }

  private static func productCases(
    _ set: InstructionSet, _ name: String, isUnderMasks: Bool
  ) -> String {
    let call = "\(name)_block_\(set.rawValue)(p, row, panel"
    let wide = Array(set.productBlocks.dropLast())
    let single = Array(set.productBlocks.suffix(1))
    // A single panel is whole or cut: one block does for both.
    var shapes = [
      cases(wide) { "\(call), \($0), \($1), 0, 0)" },
      cases(single, offsets: [0, 1000]) { "\(call), \($0), \($1), 1, 0)" },
    ]
    if isUnderMasks {
      shapes += [
        cases(wide.filter { isMasked(width: $0.width) }, offset: 2000) {
          "\(call), \($0), \($1), 0, 1)"
        }, cases(single, offsets: [2000, 3000]) { "\(call), \($0), \($1), 1, 1)" },
      ]
    }
    return shapes.filter { !$0.isEmpty }.joined(separator: "\n")
  }

  /// Whether there are blocks of so many panels under masks: as many as there must be for few rows and for many.
  private static func isMasked(width: Int) -> Bool { width <= 2 || width >= 8 }

  private static func cases(
    _ blocks: [RegisterBlock], offset: Int = 0, call: (_ rows: Int, _ width: Int) -> String
  ) -> String {
    cases(blocks, offsets: [offset], call: call)
  }

  private static func cases(
    _ blocks: [RegisterBlock], offsets: [Int], call: (_ rows: Int, _ width: Int) -> String
  ) -> String {
    blocks.flatMap { block in
      (1...block.rows).map { rows in
        let shape = 100 * block.width + rows
        let labels = offsets.map { "    case \($0 + shape):\n" }.joined()
        return labels + "        \(call(rows, block.width));\n        break;"
      }
    }.joined(separator: "\n")
  }
}
