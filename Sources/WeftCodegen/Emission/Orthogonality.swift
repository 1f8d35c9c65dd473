import WeftGraph

extension Orthogonality: Emitting {
  /// One direction's work: two subspaces' rows side by side, one of them in panels, and their product.
  private func work(_ parameter: Parameter) -> (rows: Int, panels: Int, product: Int, total: Int) {
    func padded(_ n: Int) -> Int { (n + 15) / 16 * 16 }
    let part = parameter.rows / subspaces
    let (rows, product) = (padded(part * parameter.columns), padded(part * padded(part)))
    let panels = max(padded(part) * parameter.columns, padded(parameter.columns) * part)
    return (rows, panels, product, 2 * rows + panels + product)
  }

  func scratch(for node: Node, in graph: Graph, purpose: Purpose) -> [Scratch] {
    // Directions may run at the same time.
    node.parameters.map {
      Scratch(name: "work", rows: .one, width: work(graph[$0]).total)
    }
  }

  func emit(_ node: Node, into c: inout NodeWriter) {
    let first = c.graph[node.parameters[0]]
    let (inputs, part) = (first.columns, first.rows / subspaces)
    let hidden = first.rows / 4
    let name = "orthogonality_h\(hidden)_k\(inputs)_s\(subspaces)"
    _ = (c.kernel(.copyRows), c.kernel(.scaleRows), c.kernel(.packPanels), c.kernel(.packPanelsTransposed))
    let sizes = work(first)
    c.define(
      template: "layers/orthogonality", name: name,
      [
        "NAME": name, "HIDDEN": "\(hidden)", "INPUTS": "\(inputs)", "SUBSPACES": "\(subspaces)",
        "PRODUCT": withoutTable(c.kernel(.linear, [part, inputs])),
        "BACK": withoutTable(c.kernel(.linear, [inputs, part])),
        "ACROSS": withoutTable(c.kernel(.weightGradient, [part / 4, inputs])),
        "ROWS_SIZE": "\(sizes.rows)", "PANELS_SIZE": "\(sizes.panels)",
      ])
    let worker = "\(c.functionName)_direction"
    var body = CWriter()
    body.block("static void \(worker)(void *argument, int32_t direction)") { w in
      w.line("const struct run *r = argument;")
      w.lines(c.table("weights", node.parameters.map { c.unmasked($0) }))
      w.list(
        "float *const work[\(node.parameters.count)] = {", node.parameters.indices.map { c.scratch($0) },
        closing: "};")
      w.list(
        "static const int targets[\(node.accumulates.count)] = {", node.accumulates.map { c.number($0) },
        closing: "};")
      w.line("const size_t d = (size_t)direction;")
      w.call(
        name,
        [
          "r->k", CIdentifier.float(weight * Double(every)), "weights[d]",
          "gradient_to_add_to(r, targets[d])", "work[d]",
        ])
    }
    c.define(helper: worker, body.text)
    if every > 1 {
      c.comment("Now and then, and stronger.")
      c.line("if (\(c.clock(of: node.parameters[0])) % \(every) != 0)")
      c.line("    return;")
    }
    c.line("if (!begin_penalty(r, \(c.penalty())))")
    c.line("    return;")
    c.line("run_parallel(r, \(worker), \(node.parameters.count));")
  }

  private func withoutTable(_ call: String) -> String { call.replacing("r->k->", with: "") }
}
