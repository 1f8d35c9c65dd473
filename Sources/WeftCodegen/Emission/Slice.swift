import WeftGraph

extension Slice: Emitting {
  // Most slices are views and have no code; this is for a gradient to which others contribute too.
  func emit(_ node: Node, into c: inout NodeWriter) {
    guard let y = c.output(0) else { return }
    let x = c.input(0)
    c.copyOrAdd("\(x.pointer) + \(offset)", x.stride, into: y, flag: c.addFlag(0))
  }
}
