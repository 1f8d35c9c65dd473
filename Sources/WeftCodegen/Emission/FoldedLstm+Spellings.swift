import WeftGraph

/// What characters add to the gates of words.
extension FoldedLstm {
  /// What is formed of the characters of the words of the vocabulary, from the value that a part reads.
  func spellings(_ part: Int, _ node: Node, _ c: NodeWriter) -> PackedPiece? {
    guard case .spelling(_, let rows) = parts[part].source else { return nil }
    let value = node.inputs[firstInput(ofPart: part)]
    guard let writer = c.graph.nodes.first(where: { $0.outputs.contains(value) }),
      let convolution = writer.operation as? FoldedCharConv
    else { return nil }
    return convolution.spellings(rows: rows, writer, in: c.graph)
  }

  /// What characters add to known products of words with input weights.
  func spellings(
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
  func addSpelling(
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
        c.packed(piece), weights, rowsToMultiply(part, c), theirGates(c), "gates", gatesStride,
      ])
  }
}
