import WeftGraph

extension Gather: Emitting {
  func emit(_ node: Node, into c: inout NodeWriter) {
    guard let y = c.output(0) else { return }
    let (x, index) = (c.input(0), c.input(1))
    let rows = c.count(y.rows)
    c.call(
      c.kernel(.gatherRows), [rows, "\(y.columns)", x.pointer, x.stride, index.pointer, y.pointer, y.stride])
  }
}

extension GatherGradient: Emitting {
  func emit(_ node: Node, into c: inout NodeWriter) {
    guard let dx = c.output(0) else { return }
    let (index, dy) = (c.input(0), c.input(1))
    let (from, to) = (c.count(dy.rows), c.count(dx.rows))
    let flag = c.addFlag(0)
    if flag == "0" {
      c.call("zero_rows", [to, "\(dx.columns)", dx.pointer, dx.stride])
    } else {
      c.block("if (!(\(flag)))") { c in c.call("zero_rows", [to, "\(dx.columns)", dx.pointer, dx.stride]) }
    }
    c.call(
      c.kernel(.scatterAddRows),
      [from, "\(dx.columns)", dy.pointer, dy.stride, index.pointer, dx.pointer, dx.stride])
  }
}
