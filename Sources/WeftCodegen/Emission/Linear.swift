import WeftGraph

extension Linear: Emitting {
  func emit(_ node: Node, into c: inout NodeWriter) {
    guard let y = c.output(0) else { return }
    let x = c.input(0)
    let rows = c.count(y.rows)
    let bias = hasBias ? c.raw(node.parameters[1]) : "NULL"
    if c.program.storage == .byGroup {
      let weight = node.parameters[0]
      c.call(
        c.kernel(c.product(weight), [y.columns, x.columns]),
        [rows, x.pointer, x.stride, c.wide(.wide, weight), bias, y.pointer, y.stride, "0"])
      return
    }
    c.call(
      c.kernel(.linear, [y.columns, x.columns]),
      [rows, x.pointer, x.stride, c.packed(.panels, [node.parameters[0]]), bias, y.pointer, y.stride, "0"])
  }
}

extension LinearGradient: Emitting {
  func emit(_ node: Node, into c: inout NodeWriter) {
    let (x, dy) = (c.input(0), c.input(1))
    let rows = c.count(dy.rows)
    if let dx = c.output(0) {
      c.call(
        c.kernel(.linearTransposed, [dx.columns, dy.columns]),
        [rows, dy.pointer, dy.stride] + c.rawUnderMask(node.parameters[0]) + [
          dx.pointer, dx.stride, c.addFlag(0),
        ])
    }
    for parameter in node.accumulates {
      if c.graph[parameter].shape.count > 1 {
        let number = c.number(parameter)
        c.call(
          c.kernel(.weightGradient, [dy.columns, x.columns]),
          [
            rows, dy.pointer, dy.stride, x.pointer, x.stride, "gradient_of(r, \(number))",
            c.kept(parameter), "begin_gradient(r, \(number))",
          ])
      } else {
        c.call("add_bias_gradient", ["r", c.number(parameter), rows, "\(dy.columns)", dy.pointer, dy.stride])
      }
    }
  }
}
