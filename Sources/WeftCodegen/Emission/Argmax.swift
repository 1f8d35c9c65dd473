import WeftGraph

extension Argmax: Emitting {
  func emit(_ node: Node, into c: inout NodeWriter) {
    guard let y = c.output(0) else { return }
    let x = c.input(0)
    let rows = c.count(y.rows)
    c.call(c.kernel(.argmax, [x.columns]), [rows, x.pointer, x.stride, y.pointer])
  }
}
