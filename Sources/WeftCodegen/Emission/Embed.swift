import WeftGraph

extension Embed: Emitting {
  func emit(_ node: Node, into c: inout NodeWriter) {
    guard let y = c.output(0) else { return }
    let ids = c.input(0)
    let table = node.parameters[0]
    let rows = c.count(y.rows)
    if c.isTraining && c.graph[table].isRowSparse && c.graph[table].isTrainable {
      c.call("catch_up_rows", ["r", c.number(table), rows, ids.pointer])
    }
    let lookUp = c.lookUp(table, rows: rows, ids: ids.pointer, to: y.pointer, stride: y.stride)
    c.call(lookUp.function, lookUp.arguments)
  }
}

extension EmbedGradient: Emitting {
  func emit(_ node: Node, into c: inout NodeWriter) {
    guard let table = node.accumulates.first else { return }
    let (ids, dy) = (c.input(0), c.input(1))
    let rows = c.count(dy.rows)
    c.call("add_row_gradients", ["r", c.number(table), rows, ids.pointer, dy.pointer, dy.stride])
  }
}
