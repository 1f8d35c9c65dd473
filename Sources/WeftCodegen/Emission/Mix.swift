import WeftGraph

extension Mix: Emitting {
  func scratch(for node: Node, in graph: Graph, purpose: Purpose) -> [Scratch] {
    entries.map { [Scratch(name: "row of alpha", rows: .one, width: subspaces * $0.columns)] } ?? []
  }

  func emit(_ node: Node, into c: inout NodeWriter) {
    guard let y = c.output(0) else { return }
    let scale = c.kernel(.scaleRows)
    c.define(template: "layers/mix", name: "mix_input", ["SCALE": kernelName(scale)])
    let alpha = alphaRows(of: node, into: &c)
    let rows = c.count(y.rows)
    for position in node.inputs.indices {
      let x = c.input(position)
      c.call(
        "mix_input",
        ["r->k", rows] + sizes(columns: y.columns)
          + [alpha.pointer + column(of: position), alpha.stride] + [
            x.pointer, x.stride, y.pointer, y.stride, position == 0 ? "0" : "1",
          ])
    }
  }

  /// Subspaces, directions and units of a subspace.
  fileprivate func sizes(columns: Int) -> [String] {
    ["\(subspaces)", "\(directions)", "\(columns / directions / subspaces)"]
  }

  /// The output's rows of α, spread out from the parameter where that holds some of its entries only.
  fileprivate func alphaRows(
    of node: Node, into c: inout NodeWriter
  ) -> (pointer: String, stride: String) {
    let parameter = node.parameters[0]
    guard let entries else {
      let columns = c.graph[parameter].columns
      let first = row * subspaces * columns
      return (c.raw(parameter) + (first == 0 ? "" : " + \(first)"), "\(columns)")
    }
    let (table, constants) = tables(entries, parameter, into: &c)
    c.define(template: "layers/mix_entries", name: "spread_entries", [:])
    c.call(
      "spread_entries",
      [
        "\(subspaces * entries.columns)", table + firstEntry(entries), constants + firstEntry(entries),
        c.raw(parameter), c.scratch(0),
      ])
    return (c.scratch(0), "\(entries.columns)")
  }

  /// Where the output's rows begin in the tables of entries.
  fileprivate func firstEntry(_ entries: MixEntries) -> String {
    row == 0 ? "" : " + \(row * subspaces * entries.columns)"
  }

  /// For each entry of α its place in the parameter, or -1; and the constants, 0 for the others.
  fileprivate func tables(
    _ entries: MixEntries, _ parameter: ParameterID, into c: inout NodeWriter
  ) -> (places: String, constants: String) {
    let name = c.identifier(of: parameter)
    var (places, constants) = ([String](), [String]())
    for entry in entries.entries {
      switch entry {
      case .constant(let value):
        places.append("-1")
        constants.append(CIdentifier.float(value))
      case .learned(let index):
        places.append("\(index)")
        constants.append("0.0f")
      }
    }
    return (
      c.constant("places_\(name)", type: "int32_t", places),
      c.constant("constants_\(name)", type: "float", constants)
    )
  }

  /// An input's first column of α, as an addition to a pointer.
  fileprivate func column(of position: Int) -> String {
    sources[position] == 0 ? "" : " + \(sources[position] * subspaces)"
  }
}

extension MixGradient: Emitting {
  func scratch(for node: Node, in graph: Graph, purpose: Purpose) -> [Scratch] {
    guard let entries = mix.entries else { return [] }
    return mix.scratch(for: node, in: graph, purpose: purpose) + [
      Scratch(name: "gradient of a row of alpha", rows: .one, width: mix.subspaces * entries.columns)
    ]
  }

  func emit(_ node: Node, into c: inout NodeWriter) {
    let (scale, dot) = (c.kernel(.scaleRows), c.kernel(.dotRows))
    c.define(
      template: "layers/mix_gradient", name: "mix_input_gradient",
      ["SCALE": kernelName(scale), "DOT": kernelName(dot)])
    let dy = c.input(mix.sources.count)
    let rows = c.count(dy.rows)
    let alpha = mix.alphaRows(of: node, into: &c)
    var target: String?
    if let parameter = node.accumulates.first {
      if let entries = mix.entries {
        c.line("float *dalpha = \(c.scratch(1));")
        c.line("memset(dalpha, 0, \(mix.subspaces * entries.columns) * sizeof(float));")
      } else {
        let first = mix.row * mix.subspaces * c.graph[parameter].columns
        c.line("float *dalpha = \(c.gradientToAddTo(parameter))\(first == 0 ? "" : " + \(first)");")
      }
      target = "dalpha"
    }
    for position in mix.sources.indices {
      let (x, dx) = (c.input(position), c.output(position))
      c.call(
        "mix_input_gradient",
        ["r->k", rows] + mix.sizes(columns: dy.columns)
          + [alpha.pointer + mix.column(of: position), alpha.stride] + [
            x.pointer, x.stride, dy.pointer, dy.stride, dx?.pointer ?? "NULL", dx?.stride ?? "0",
            dx == nil ? "0" : c.addFlag(position), target.map { $0 + mix.column(of: position) } ?? "NULL",
          ])
    }
    guard let parameter = node.accumulates.first, let entries = mix.entries else { return }
    let (places, _) = mix.tables(entries, parameter, into: &c)
    c.define(template: "layers/mix_entries_gradient", name: "gather_entries", [:])
    c.call(
      "gather_entries",
      [
        "\(mix.subspaces * entries.columns)", places + mix.firstEntry(entries), "dalpha",
        c.gradientToAddTo(parameter),
      ])
  }
}

/// The kernel's place in the dispatch table, as functions see it that are given the table alone.
private func kernelName(_ call: String) -> String { call.replacing("r->k->", with: "") }
