import WeftGraph

extension Softmax: Emitting {
  func emit(_ node: Node, into c: inout NodeWriter) {
    guard let y = c.output(0) else { return }
    let x = c.input(0)
    let rows = c.count(y.rows)
    c.call(c.kernel(.softmax, [y.columns]), [rows, x.pointer, x.stride, y.pointer, y.stride])
  }
}
