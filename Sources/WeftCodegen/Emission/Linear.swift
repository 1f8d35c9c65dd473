import WeftGraph

extension Linear: Emitting {
  func emit(_ node: Node, into c: inout NodeWriter) {
    guard let y = c.output(0) else { return }
    let x = c.input(0)
    let bias = hasBias ? c.raw(node.parameters[1]) : "NULL"
    if c.program.storage == .byGroup {
      let weight = node.parameters[0]
      let rows = c.count(y.rows)
      c.call(
        c.kernel(c.program.product(weight), [y.columns, x.columns]),
        [rows, x.pointer, x.stride, c.wide(.wide, weight), bias, y.pointer, y.stride, "0"])
      return
    }
    let product = c.kernel(.linear, [y.columns, x.columns])
    let panels = c.packed(.panels, [node.parameters[0]])
    guard c.isTraining else {
      let rows = c.count(y.rows)
      c.call(product, [rows, x.pointer, x.stride, panels, bias, y.pointer, y.stride, "0"])
      return
    }
    c.runHalves(of: y.rows, "rows") { w, _ in
      w.call(product, ["count", x.first, x.stride, panels, bias, y.first, y.stride, "0"])
    }
  }
}

extension LinearGradient: Emitting {
  /// What flows back and the gradient of the weights are as much work each, and run at the same time.
  func emit(_ node: Node, into c: inout NodeWriter) {
    let (x, dy) = (c.input(0), c.input(1))
    let rows = "rows"
    var parts: [CWriter] = []
    if let dx = c.output(0) {
      var w = CWriter()
      w.call(
        c.kernel(.linearTransposed, [dx.columns, dy.columns]),
        [rows, dy.pointer, dy.stride] + c.rawUnderMask(node.parameters[0]) + [
          dx.pointer, dx.stride, c.addFlag(0),
        ])
      parts.append(w)
    }
    var own = CWriter()
    for parameter in node.accumulates {
      let number = c.number(parameter)
      guard c.graph[parameter].shape.count > 1 else {
        own.call("add_bias_gradient", ["r", number, rows, "\(dy.columns)", dy.pointer, dy.stride])
        continue
      }
      own.call(
        c.kernel(.weightGradient, [dy.columns, x.columns]),
        [
          rows, dy.pointer, dy.stride, x.pointer, x.stride, "gradient_of(r, \(number))", c.kept(parameter),
          "begin_gradient(r, \(number))",
        ])
    }
    if !node.accumulates.isEmpty { parts.append(own) }
    guard !parts.isEmpty else { return }
    let worker = "\(c.functionName)_part"
    var function = CWriter()
    function.block("static void \(worker)(void *argument, int32_t part)") { w in
      w.line("const struct run *r = argument;")
      w.line("const int32_t rows = r->batch->extent.\(dy.rows.name)s;")
      for (number, part) in parts.enumerated() {
        w.block("if (part == \(number))") { w in
          for line in part.text.split(separator: "\n") { w.line(String(line)) }
        }
      }
    }
    c.define(helper: worker, function.text)
    c.runPieces(worker, parts.count, isContested: true)
  }
}
