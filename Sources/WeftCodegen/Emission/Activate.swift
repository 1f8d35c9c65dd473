import WeftGraph
import WeftSpec

extension Activate: Emitting {
  func emit(_ node: Node, into c: inout NodeWriter) {
    guard let y = c.output(0) else { return }
    let x = c.input(0)
    let rows = c.count(y.rows)
    let kernel: Kernel =
      switch activation {
      case .relu: .relu
      case .tanh: .tanh
      case .sigmoid: .sigmoid
      }
    c.call(c.kernel(kernel), [rows, "\(y.columns)", x.pointer, x.stride, y.pointer, y.stride])
  }
}

extension ActivateGradient: Emitting {
  func scratch(for node: Node, in graph: Graph, purpose: Purpose) -> [Scratch] {
    let type = graph[node.inputs[0]].type
    return [Scratch(name: "contribution", rows: type.rows, width: MemoryPlan.stride(columns: type.columns))]
  }

  func emit(_ node: Node, into c: inout NodeWriter) {
    guard let dx = c.output(0) else { return }
    let (y, dy) = (c.input(0), c.input(1))
    let rows = c.count(dx.rows)
    let kernel: Kernel =
      switch activation {
      case .relu: .reluGradient
      case .tanh: .tanhGradient
      case .sigmoid: .sigmoidGradient
      }
    // Where others contribute too, this contribution is made beside the sum and then added.
    let flag = c.addFlag(0)
    let own = flag == "0" ? dx.pointer : c.scratch(0)
    let ownStride = flag == "0" ? dx.stride : "\(MemoryPlan.stride(columns: dx.columns))"
    c.call(
      c.kernel(kernel),
      [rows, "\(dx.columns)", y.pointer, y.stride, dy.pointer, dy.stride, own, ownStride])
    if flag != "0" { c.copyOrAdd(own, ownStride, into: dx, flag: flag) }
  }
}
