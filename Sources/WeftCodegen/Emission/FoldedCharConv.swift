import WeftGraph

extension FoldedCharConv: Emitting {
  func emit(_ node: Node, into c: inout NodeWriter) {
    guard let y = c.output(0) else { return }
    let ids = c.input(0)
    let (table, weight, bias) = (node.parameters[0], node.parameters[1], node.parameters[2])
    let forms = c.count(y.rows)
    c.call(
      c.kernel(.charTable, kernel(columns: y.columns).values),
      [
        forms, c.offsets(of: ids.rows), c.steps(of: ids.rows), ids.pointer,
        c.packed(PackedPiece(form: .charTable, parameters: [weight, table])), c.raw(bias), y.pointer,
        y.stride,
      ])
  }

  private func kernel(columns: Int) -> KernelInstance {
    KernelInstance(.charTable, [columns, width, relu ? 1 : 0])
  }

  /// What is formed of the characters of the first words of a vocabulary.
  func spellings(rows: Int, _ node: Node, in graph: Graph) -> PackedPiece {
    let (table, weight, bias) = (node.parameters[0], node.parameters[1], node.parameters[2])
    var piece = PackedPiece(form: .spellings, parameters: [weight, table, bias])
    piece.rows = rows
    piece.kernel = kernel(columns: graph[weight].rows)
    return piece
  }
}
