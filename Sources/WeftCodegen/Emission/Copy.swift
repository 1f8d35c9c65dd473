import WeftGraph

extension Copy: Emitting {
  func emit(_ node: Node, into c: inout NodeWriter) {
    guard let y = c.output(0) else { return }
    c.copyOrAdd(c.input(0).pointer, c.input(0).stride, into: y, flag: c.addFlag(0))
  }
}

extension NodeWriter {
  /// y = x, or y += x where the flag says so.
  mutating func copyOrAdd(_ x: String, _ xStride: String, into y: Operand, flag: String) {
    let rows = count(y.rows)
    let arguments = [rows, "\(y.columns)", x, xStride, y.pointer, y.stride]
    if flag == "0" {
      call(kernel(.copyRows), arguments)
    } else {
      block("if (\(flag))") { c in c.call(c.kernel(.addRows), arguments) }
      block("else") { c in c.call(c.kernel(.copyRows), arguments) }
    }
  }
}
