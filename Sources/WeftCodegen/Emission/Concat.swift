import WeftGraph

extension Concat: Emitting {
  // Most inputs are written where the result is; this is for an input that lies elsewhere already.
  func emit(_ node: Node, into c: inout NodeWriter) {
    guard let y = c.output(0) else { return }
    var column = 0
    for position in node.inputs.indices {
      let x = c.input(position)
      let part = Operand(
        pointer: "\(y.pointer) + \(column)", stride: y.stride, rows: y.rows, columns: x.columns)
      c.copyOrAdd(x.pointer, x.stride, into: part, flag: "0")
      column += x.columns
    }
  }
}
