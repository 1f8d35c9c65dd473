import WeftGraph

extension CharConv: Emitting {
  func emit(_ node: Node, into c: inout NodeWriter) {
    guard let y = c.output(0) else { return }
    let x = c.input(0)
    let forms = c.count(y.rows)
    let argmax = c.isTraining ? c.output(1) : nil
    c.call(
      c.kernel(.charConv, [x.columns, y.columns, width, relu ? 1 : 0]),
      [
        forms, c.offsets(of: x.rows), c.steps(of: x.rows), x.pointer, x.stride,
        c.packed(.convPanels, [node.parameters[0]]), c.raw(node.parameters[1]), y.pointer, y.stride,
        argmax?.pointer ?? "NULL", argmax?.stride ?? "0",
      ])
  }
}

extension CharConvGradient: Emitting {
  func emit(_ node: Node, into c: inout NodeWriter) {
    let (x, argmax, y, dy) = (c.input(0), c.input(1), c.input(2), c.input(3))
    let forms = c.count(y.rows)
    let dx = c.output(0)
    if let dx {
      let scalars = c.count(dx.rows)
      let flag = c.addFlag(0)
      if flag == "0" {
        c.call("zero_rows", [scalars, "\(dx.columns)", dx.pointer, dx.stride])
      } else {
        c.block("if (!(\(flag)))") { c in
          c.call("zero_rows", [scalars, "\(dx.columns)", dx.pointer, dx.stride])
        }
      }
    }
    let targets = node.accumulates.map {
      (isWeight: c.graph[$0].shape.count > 1, pointer: c.gradientToAddTo($0))
    }
    c.call(
      c.kernel(.charConvGradient, [x.columns, y.columns, width, relu ? 1 : 0]),
      [
        forms, c.offsets(of: x.rows), c.steps(of: x.rows), x.pointer, x.stride, c.raw(node.parameters[0]),
        argmax.pointer, argmax.stride, y.pointer, y.stride, dy.pointer, dy.stride, dx?.pointer ?? "NULL",
        dx?.stride ?? "0", targets.first { $0.isWeight }?.pointer ?? "NULL",
        targets.first { !$0.isWeight }?.pointer ?? "NULL",
      ])
  }
}
