import WeftGraph

extension Mix: Emitting {
  func emit(_ node: Node, into c: inout NodeWriter) {
    guard let y = c.output(0) else { return }
    let scale = c.kernel(.scaleRows)
    c.define(template: "layers/mix", name: "mix_input", ["SCALE": kernelName(scale)])
    let rows = c.count(y.rows)
    for position in node.inputs.indices {
      let x = c.input(position)
      c.call(
        "mix_input",
        ["r->k", rows] + sizes(columns: y.columns)
          + alpha(of: position, node: node, into: &c) + [
            x.pointer, x.stride, y.pointer, y.stride, position == 0 ? "0" : "1",
          ])
    }
  }

  /// Subspaces, directions and units of a subspace.
  fileprivate func sizes(columns: Int) -> [String] {
    ["\(subspaces)", "\(directions)", "\(columns / directions / subspaces)"]
  }

  /// The first of an input's entries of α, and the floats from one row of them to the next.
  fileprivate func alpha(of position: Int, node: Node, into c: inout NodeWriter) -> [String] {
    let columns = c.graph[node.parameters[0]].columns
    return [c.raw(node.parameters[0]) + entry(of: position, columns: columns), "\(columns)"]
  }

  /// Where an input's entries of α begin, as an addition to a pointer.
  fileprivate func entry(of position: Int, columns: Int) -> String {
    let offset = row * subspaces * columns + sources[position] * subspaces
    return offset == 0 ? "" : " + \(offset)"
  }
}

extension MixGradient: Emitting {
  func emit(_ node: Node, into c: inout NodeWriter) {
    let (scale, dot) = (c.kernel(.scaleRows), c.kernel(.dotRows))
    c.define(
      template: "layers/mix_gradient", name: "mix_input_gradient",
      ["SCALE": kernelName(scale), "DOT": kernelName(dot)])
    let dy = c.input(mix.sources.count)
    let rows = c.count(dy.rows)
    let columns = c.graph[node.parameters[0]].columns
    var target = "NULL"
    if let parameter = node.accumulates.first {
      c.line("float *dalpha = \(c.gradientToAddTo(parameter));")
      target = "dalpha"
    }
    for position in mix.sources.indices {
      let (x, dx) = (c.input(position), c.output(position))
      c.call(
        "mix_input_gradient",
        ["r->k", rows] + mix.sizes(columns: dy.columns)
          + mix.alpha(of: position, node: node, into: &c) + [
            x.pointer, x.stride, dy.pointer, dy.stride, dx?.pointer ?? "NULL", dx?.stride ?? "0",
            dx == nil ? "0" : c.addFlag(position),
            target == "NULL" ? target : target + mix.entry(of: position, columns: columns),
          ])
    }
  }
}

/// The kernel's place in the dispatch table, as functions see it that are given the table alone.
private func kernelName(_ call: String) -> String { call.replacing("r->k->", with: "") }
