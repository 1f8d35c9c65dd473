import WeftGraph

/// Gates that lie in tables are read there by steps: nothing is copied where look-ups alone, and what their characters add,
/// are the input of a layer.
extension FoldedLstm {
  /// Whether the input is one look-up some of whose products are known, with the characters of its words or without.
  var isPlaced: Bool {
    guard parts[0].knownRows != nil else { return false }
    if parts.count == 2, case .spelling(words: 0, _) = parts[1].source { return true }
    return parts.count == 1
  }

  /// Whether the gates of all rows lie in the table, so that none are formed.
  func areAllKnown(_ node: Node, in graph: Graph) -> Bool {
    isPlaced && parts.count == 1 && isKnown(0, node, in: graph)
  }

  /// Writes where the gates of all rows are, those that are not known once they are formed.
  func place(_ node: Node, _ c: inout NodeWriter, _ w: inout CWriter) {
    let ids = c.input(0)
    let areKnown = isKnown(0, node, in: c.graph)
    if !areAllKnown(node, in: c.graph) { w.line(gatesOfDirection(c)) }
    w.lines(c.table("known", knownGates(0, node, &c)))
    if areKnown {
      w.line("for (int32_t row = 0; row < rows; row++)")
      w.line("    at[row] = known[d] + (size_t)\(ids.pointer)[first + row] * \(4 * hidden);")
    } else {
      placeWords(node, ids, &c, &w)
    }
    if parts.count > 1 { placeSpelling(node, ids, &c, &w) }
  }

  private func placeWords(_ node: Node, _ ids: Operand, _ c: inout NodeWriter, _ w: inout CWriter) {
    guard let known = parts[0].knownRows, let table = table(ofPart: 0, in: node) else { return }
    let product = product(0, node, named: "words", &c)
    w.lines(product.words)
    w.lines(biases(node, &c))
    let name = "place_gates_\(c.functionName)"
    c.define(
      template: "layers/place_gates", name: name,
      [
        "NAME": name, "GATES": "\(4 * hidden)", "COLUMNS": "\(parts[0].width)", "KNOWN": "\(known)",
        "WAITING": "\(Self.waiting)", "LOOK_UP": lookUp(table, ofPart: 0, &c), "PRODUCT": product.kernel,
      ])
    w.call(
      name,
      [
        "r", "rows", "\(ids.pointer) + first", "known[d]", "words[d]", "bias[d]", rowsToMultiply(0, c),
        "gates", gatesStride, "at",
      ])
  }

  private func placeSpelling(_ node: Node, _ ids: Operand, _ c: inout NodeWriter, _ w: inout CWriter) {
    guard case .spelling(_, let spelled) = parts[1].source, let known = parts[0].knownRows,
      let spellings = spellings(1, node, c)
    else { return }
    let (forms, index) = (c.input(firstInput(ofPart: 1)), c.input(firstInput(ofPart: 1) + 1))
    let product = product(1, node, named: "form_words", &c)
    w.lines(product.words)
    _ = c.kernel(.addRows)
    let name = "place_spelled_gates_\(c.functionName)"
    c.define(
      template: "layers/place_spelled_gates", name: name,
      [
        "NAME": name, "GATES": "\(4 * hidden)", "COLUMNS": "\(parts[1].width)", "KNOWN": "\(known)",
        "SPELLED": "\(spelled)", "WAITING": "\(Self.waiting)", "PRODUCT": product.kernel,
      ])
    w.call(
      name,
      [
        "r", "rows", "\(ids.pointer) + first", "\(index.pointer) + first", forms.pointer, forms.stride,
        c.packed(spellings), "form_words[d]", rowsToMultiply(1, c), "gates", gatesStride, "at",
      ])
  }
}
