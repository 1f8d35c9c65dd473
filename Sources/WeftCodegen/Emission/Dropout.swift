import WeftGraph

extension Dropout: Emitting {
  func scratch(for node: Node, in graph: Graph, purpose: Purpose) -> [Scratch] {
    let tokens = graph[node.inputs[0]].type.rows
    return [Scratch(name: "row keys", rows: variational ? tokens.sequences ?? tokens : tokens, width: 2)]
  }

  func emit(_ node: Node, into c: inout NodeWriter) {
    guard let y = c.output(0), let mask = c.output(1) else { return }
    _ = (c.kernel(.copyRows), c.kernel(.dropoutMask))
    c.define(template: "runtime/random_dropout", name: "fill_dropout_mask", [:])
    let site = c.site(site, rows: mask.rows, columns: mask.columns)
    let keys = "(uint64_t *)(void *)\(c.scratch(0))"
    c.call("dropout_keys", ["r", site, keys])
    func fill(_ first: String, _ rows: String) -> [String] {
      [
        "r", site, first, rows, "\(mask.columns)", CIdentifier.float(probability), keys, mask.pointer,
        mask.stride,
      ]
    }
    let (x, multiply) = (c.input(0), c.kernel(.multiply))
    if variational {
      c.call("fill_dropout_mask", fill("0", c.count(mask.rows)))
      c.multiply(x, by: mask, into: y, with: multiply, isPerSequence: true)
      return
    }
    c.runHalves(of: y.rows, "rows") { w, _ in
      w.call("fill_dropout_mask", fill("first", "count"))
      w.call(
        multiply,
        ["count", "\(y.columns)", x.first, x.stride, mask.first, mask.stride, y.first, y.stride])
    }
  }
}

extension DropoutGradient: Emitting {
  func emit(_ node: Node, into c: inout NodeWriter) {
    guard let dx = c.output(0) else { return }
    let (mask, dy) = (c.input(0), c.input(1))
    let flag = c.addFlag(0)
    guard flag != "0" else {
      if !variational {
        let multiply = c.kernel(.multiply)
        c.runHalves(of: dx.rows, "rows") { w, _ in
          w.call(
            multiply,
            ["count", "\(dx.columns)", dy.first, dy.stride, mask.first, mask.stride, dx.first, dx.stride])
        }
        return
      }
      c.multiply(dy, by: mask, into: dx, with: c.kernel(.multiply), isPerSequence: variational)
      return
    }
    c.block("if (\(flag))") { c in
      c.multiply(dy, by: mask, into: dx, with: c.kernel(.multiplyAdd), isPerSequence: variational)
    }
    c.block("else") { c in
      c.multiply(dy, by: mask, into: dx, with: c.kernel(.multiply), isPerSequence: variational)
    }
  }
}

extension NodeWriter {
  /// Element-wise product of rows with a mask of equal rows or, per sequence, with one row for all its positions.
  fileprivate mutating func multiply(
    _ x: Operand, by mask: Operand, into y: Operand, with kernel: String, isPerSequence: Bool
  ) {
    guard isPerSequence else {
      let rows = count(y.rows)
      call(
        kernel, [rows, "\(y.columns)", x.pointer, x.stride, mask.pointer, mask.stride, y.pointer, y.stride])
      return
    }
    let (steps, offsets) = (steps(of: y.rows), offsets(of: y.rows))
    block("for (int32_t t = 0; t < \(steps); t++)") { c in
      c.line("const size_t first = (size_t)\(offsets)[t];")
      c.line("const int32_t active = \(offsets)[t + 1] - \(offsets)[t];")
      c.call(
        kernel,
        [
          "active", "\(y.columns)", "\(x.pointer) + first * \(x.stride)", x.stride, mask.pointer, mask.stride,
          "\(y.pointer) + first * \(y.stride)", y.stride,
        ])
    }
  }
}
