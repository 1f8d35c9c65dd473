/// The kernels of a translation unit as C text, in pieces that a generated file puts together in this order:
/// `prelude`, then `random` where it is called, then `source` once per instruction set.
public enum KernelUnit {
  /// Includes, macros, and what these kernels share whatever the instruction set (such as `struct crf`).
  public static func prelude(for instances: some Sequence<KernelInstance>) throws(TemplateError) -> String {
    let blocks = blocks(of: instances)
    var parts = [try plain("shared/prelude")]
    for name in Set(blocks.compactMap(\.shared)).sorted() { parts.append(try plain(name)) }
    return parts.joined(separator: "\n")
  }

  /// Keys of random streams: `random_stream_key`, `random_position_keys`, `random_sentence_keys`, `random_uniform`.
  public static func random() throws(TemplateError) -> String { try plain("shared/random") }

  /// The vector layer, the shared blocks and the kernels of one instruction set, under its preprocessor condition.
  ///
  /// Each instance is emitted once, in the order of its symbol, however often it is listed. Needs `prelude` before it,
  /// and `random` if a kernel draws random numbers.
  public static func source(
    of instances: some Sequence<KernelInstance>, for set: InstructionSet
  ) throws(TemplateError) -> String {
    let distinct = Set(instances).sorted { $0.baseName < $1.baseName }
    let needed = distinct.reduce(into: Set<Kernel.Block>()) { $0.formUnion($1.kernel.blocks) }
    var parts = [try plain("simd/\(set.rawValue)")]
    for block in Kernel.Block.allCases where needed.contains(block) && !block.isShared {
      parts.append(try source(of: block, for: set))
    }
    for instance in distinct { parts.append(try instance.source(set)) }
    let text = parts.joined(separator: "\n")
    guard let condition = set.condition else { return text }
    return "#if \(condition)\n\n\(text)\n#endif // \(condition)\n"
  }

  /// What these kernels build on, in the order in which it has to be emitted.
  private static func blocks(of instances: some Sequence<KernelInstance>) -> [Kernel.Block] {
    let needed = instances.reduce(into: Set<Kernel.Block>()) { $0.formUnion($1.kernel.blocks) }
    return Kernel.Block.allCases.filter(needed.contains)
  }

  private static func plain(_ name: String) throws(TemplateError) -> String {
    try Template(embedded: name).render([:])
  }

  private static func source(of block: Kernel.Block, for set: InstructionSet) throws(TemplateError) -> String
  {
    var values = ["ISA": set.rawValue]
    switch block {
    case .product:
      values.merge(placeholders(set.productBlocks, "PRODUCT", vectors: 16 / set.width)) { $1 }
      values["PRODUCT_CASES"] = productCases(set)
    case .lstmStep:
      values.merge(placeholders(set.lstmBlocks, "LSTM", vectors: 4)) { $1 }
      values["LSTM_CASES"] = cases(set.lstmBlocks) {
        "lstm_block_\(set.rawValue)(s, row, unit, \($0), \($1))"
      }
    case .math, .random, .charConv, .charConvGradient, .packing, .row, .crf, .viterbi, .nbest: break
    }
    return try Template(embedded: block.rawValue).render(values)
  }

  /// What both kinds of block say about their shapes: the most sums, the most rows, and the choice of a width.
  private static func placeholders(_ blocks: [RegisterBlock], _ name: String, vectors: Int) -> [String:
    String]
  {
    let widths = blocks.filter { $0.width > 1 }.map {
      "    if (rows <= \($0.rows) && left >= \($0.width))\n        return \($0.width);"
    }
    return [
      name + "_REGISTERS": String(blocks.map { $0.width * $0.rows * vectors }.max() ?? 1),
      name + "_ROWS": String(blocks.map(\.rows).max() ?? 1),
      name + "_WIDTHS": widths.isEmpty ? "    (void)rows, (void)left;" : widths.joined(separator: "\n"),
    ]
  }

  private static func productCases(_ set: InstructionSet) -> String {
    let call = "product_block_\(set.rawValue)(p, row, panel"
    let cut = set.productBlocks.suffix(1)
    return cases(set.productBlocks) { "\(call), \($0), \($1), 0)" } + "\n"
      + cases(Array(cut), offset: 1000) { "\(call), \($0), \($1), 1)" }
  }

  private static func cases(
    _ blocks: [RegisterBlock], offset: Int = 0, call: (_ rows: Int, _ width: Int) -> String
  ) -> String {
    blocks.flatMap { block in
      (1...block.rows).map { rows in
        "    case \(offset + 100 * block.width + rows):\n        \(call(rows, block.width));\n        break;"
      }
    }.joined(separator: "\n")
  }
}
