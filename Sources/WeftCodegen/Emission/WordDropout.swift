import WeftGraph

extension WordDropout: Emitting {
  func scratch(for node: Node, in graph: Graph, purpose: Purpose) -> [Scratch] {
    [Scratch(name: "row keys", rows: graph[node.inputs[0]].type.rows, width: 2)]
  }

  func emit(_ node: Node, into c: inout NodeWriter) {
    guard let y = c.output(0) else { return }
    let rows = c.count(y.rows)
    c.define(template: "runtime/random_replacement", name: "replace_ids", [:])
    c.call(
      "replace_ids",
      [
        "r", c.site(site, rows: y.rows, columns: 1), rows, CIdentifier.float(site.probability), "\(unknown)",
        c.input(0).pointer, "(uint64_t *)(void *)\(c.scratch(0))", y.pointer,
      ])
  }
}
