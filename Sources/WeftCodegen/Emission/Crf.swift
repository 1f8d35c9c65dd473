import WeftGraph

extension Crf: Emitting {
  func scratch(for node: Node, in graph: Graph, purpose: Purpose) -> [Scratch] {
    CrfWork.scratch(labels: graph[node.inputs[0]].type.columns)
  }

  func emit(_ node: Node, into c: inout NodeWriter) {
    guard let loss = c.output(0) else { return }
    let (scores, labels) = (c.input(0), c.input(1))
    c.declareCrf(constraints: constraints)
    c.line("int32_t labelled = 0;")
    let sentences = c.count(.sentence)
    c.call(
      "const double sum", c.kernel(.crfLoss, [scores.columns]),
      [
        sentences, c.offsets(of: .token), c.steps(of: .token), scores.pointer, scores.stride, labels.pointer,
        "&crf", c.scratch(0), "&labelled",
      ])
    c.line("\(loss.pointer)[0] = labelled ? (float)(sum / labelled) : 0.0f;")
  }
}

extension CrfGradient: Emitting {
  func scratch(for node: Node, in graph: Graph, purpose: Purpose) -> [Scratch] {
    CrfWork.scratch(labels: graph[node.inputs[0]].type.columns)
  }

  func emit(_ node: Node, into c: inout NodeWriter) {
    guard let d = c.output(0) else { return }
    let (scores, labels, dLoss) = (c.input(0), c.input(1), c.input(2))
    c.declareCrf(constraints: constraints)
    let (sentences, offsets, steps) = (c.count(.sentence), c.offsets(of: .token), c.steps(of: .token))
    c.call("const int32_t labelled", "count_labelled_sentences", [steps, offsets, labels.pointer])
    c.line("const float scale = labelled ? *(\(dLoss.pointer)) / (float)labelled : 0.0f;")
    // Transitions, start and end, in the order of the parameters; NULL for what is frozen or absent.
    let targets = (0..<3).map { position in
      position < node.parameters.count && node.accumulates.contains(node.parameters[position])
        ? c.gradientToAddTo(node.parameters[position]) : "NULL"
    }
    c.call(
      c.kernel(.crfGradient, [scores.columns]),
      [
        sentences, offsets, steps, scores.pointer, scores.stride, labels.pointer, "&crf", c.scratch(0),
        "scale",
        d.pointer, d.stride, c.addFlag(0),
      ] + targets)
  }
}

extension CrfMarginals: Emitting {
  func scratch(for node: Node, in graph: Graph, purpose: Purpose) -> [Scratch] {
    CrfWork.scratch(labels: graph[node.inputs[0]].type.columns)
  }

  func emit(_ node: Node, into c: inout NodeWriter) {
    guard let y = c.output(0) else { return }
    let scores = c.input(0)
    c.declareCrf(constraints: constraints)
    let sentences = c.count(.sentence)
    c.call(
      c.kernel(.crfMarginals, [scores.columns]),
      [
        sentences, c.offsets(of: .token), c.steps(of: .token), scores.pointer, scores.stride, "&crf",
        c.scratch(0), y.pointer, y.stride,
      ])
  }
}

extension Viterbi: Emitting {
  func scratch(for node: Node, in graph: Graph, purpose: Purpose) -> [Scratch] {
    CrfWork.scratch(labels: graph[node.inputs[0]].type.columns)
  }

  func emit(_ node: Node, into c: inout NodeWriter) {
    guard let y = c.output(0) else { return }
    let scores = c.input(0)
    c.declareCrf(constraints: constraints)
    let sentences = c.count(.sentence)
    c.call(
      c.kernel(.crfViterbi, [scores.columns]),
      [
        sentences, c.offsets(of: .token), c.steps(of: .token), scores.pointer, scores.stride, "&crf",
        c.scratch(0), y.pointer,
      ])
  }
}

/// Memory of the CRF kernels: a part for each token and a part for the transitions.
private enum CrfWork {
  static func scratch(labels: Int) -> [Scratch] {
    let constant = KernelWork.crf(labels: labels, tokens: 0)
    let width = KernelWork.crf(labels: labels, tokens: 1) - constant
    return [Scratch(name: "work", rows: .token, width: width, constant: constant)]
  }
}

extension NodeWriter {
  /// Declares `crf`: scores from the node's parameters (transitions, then start and end if there are), constraints
  /// from constant tables.
  mutating func declareCrf(constraints: CRFConstraints?) {
    let pointers = node.parameters.prefix(3).map { raw($0) }
    line("const struct crf crf = {")
    line("    .transitions = \(pointers[0]),")
    if pointers.count == 3 {
      line("    .start = \(pointers[1]),")
      line("    .end = \(pointers[2]),")
    }
    if let constraints {
      let base = "\(program.parameterNames[node.parameters[0].index])"
      for (field, table) in [
        ("allowed", constraints.allowed), ("allowed_start", constraints.allowedStart),
        ("allowed_end", constraints.allowedEnd),
      ] {
        line("    .\(field) = \(constant("\(field)_\(base)", table.map { $0 ? 1 : 0 })),")
      }
    }
    line("};")
  }
}
