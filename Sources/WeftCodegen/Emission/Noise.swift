import WeftGraph

extension Noise: Emitting {
  func scratch(for node: Node, in graph: Graph, purpose: Purpose) -> [Scratch] {
    [Scratch(name: "row keys", rows: graph[node.inputs[0]].type.rows, width: 2)]
  }

  func emit(_ node: Node, into c: inout NodeWriter) {
    guard let y = c.output(0), case .gaussian(let deviation) = site.kind else { return }
    let x = c.input(0)
    let rows = c.count(y.rows)
    _ = (c.kernel(.copyRows), c.kernel(.gaussian))
    c.define(template: "runtime/random_noise", name: "fill_noise", [:])
    c.call(
      "fill_noise",
      [
        "r", c.site(site, rows: y.rows, columns: y.columns), rows, "\(y.columns)",
        CIdentifier.float(deviation), "(uint64_t *)(void *)\(c.scratch(0))", y.pointer, y.stride,
      ])
    c.call(c.kernel(.addRows), [rows, "\(y.columns)", x.pointer, x.stride, y.pointer, y.stride])
  }
}
