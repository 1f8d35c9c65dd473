import WeftGraph

extension CrossEntropy: Emitting {
  func emit(_ node: Node, into c: inout NodeWriter) {
    guard let loss = c.output(0) else { return }
    let (scores, labels) = (c.input(0), c.input(1))
    let rows = c.count(scores.rows)
    c.line("int32_t labelled = 0;")
    c.call(
      "const double sum", c.kernel(.crossEntropy, [scores.columns]),
      [rows, scores.pointer, scores.stride, labels.pointer, CIdentifier.float(smoothing), "&labelled"])
    c.line("\(loss.pointer)[0] = labelled ? (float)(sum / labelled) : 0.0f;")
  }
}

extension CrossEntropyGradient: Emitting {
  func emit(_ node: Node, into c: inout NodeWriter) {
    guard let d = c.output(0) else { return }
    let (scores, labels, dLoss) = (c.input(0), c.input(1), c.input(2))
    let rows = c.count(scores.rows)
    c.line("const int32_t labelled = count_labelled(\(rows), \(labels.pointer));")
    c.line("const float scale = labelled ? *(\(dLoss.pointer)) / (float)labelled : 0.0f;")
    c.call(
      c.kernel(.crossEntropyGradient, [scores.columns]),
      [
        rows, scores.pointer, scores.stride, labels.pointer, CIdentifier.float(smoothing), "scale", d.pointer,
        d.stride, c.addFlag(0),
      ])
  }
}
