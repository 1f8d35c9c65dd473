import WeftGraph

/// Groups of tasks that read recurrent weights jointly.
extension FoldedLstm {
  /// Writes a function over all groups: their inputs one after the other, their steps of one row at the same time.
  func emitJointly(_ node: Node, _ states: Operand, into c: inout NodeWriter) {
    guard let y = c.output(0) else { return }
    c.takesGroups = true
    let layer = jointLayer(node, into: &c)
    let tasks = "UINT64_C(0x" + String(c.program.guards[node.id] ?? 0, radix: 16) + ")"
    let worker = "\(c.functionName)_direction"
    let recurrent = (0..<directions).map { node.parameters[4 * $0 + 1] }
    var body = CWriter()
    body.block("static void \(worker)(void *argument, int32_t direction)") { w in
      w.line("const struct groups *g = argument;")
      w.line("const struct run *r = &g->run[0];")
      let own = recurrent.map { c.wide(.wideGates, $0).replacing("r->own + ", with: "") }
      w.line("static const size_t own_words[\(directions)] = {\(own.joined(separator: ", "))};")
      let joint = recurrent.map { id in
        c.packed(
          PackedPiece(
            form: .joint, parameters: [id], weights: c.weights(of: id), groups: c.program.groupCount))
      }
      w.lines(c.table("joint_words", joint))
      w.call(
        layer,
        [
          "g", tasks, "\(c.functionName)_begin(r, direction)", "own_words[direction]",
          "joint_words[direction]",
        ])
    }
    c.define(helper: worker, body.text)
    c.call("run_for_groups", ["g", worker, "\(directions)"])
    guard output == .final else { return }
    c.define(template: "runtime/final_states", name: "copy_final_states", [:])
    c.block("for (int32_t i = 0; i < g->count; i++)") { c in
      c.line("const struct run *r = &g->run[i];")
      c.line("if ((g->tasks[i] & \(tasks)) != 0)")
      c.call("    copy_final_states", finalStates(c.input(0).rows, states, y, c))
    }
  }

  /// The function that runs the steps of all groups; layers of equal sizes share it.
  private func jointLayer(_ node: Node, into c: inout NodeWriter) -> String {
    let (recurrent, groups) = (node.parameters[1], c.program.groupCount)
    let weights = c.weights(of: recurrent)
    let step = c.kernel(c.program.lstmStep(recurrent), [hidden]).replacing("r->k->", with: "")
    let most = min(groups, JointLayout.groupsOfBundle)
    let joint = c.kernel(.jointLstmStep(weights), [hidden, most]).replacing("r->k->", with: "")
    let layout = JointLayout(rows: 4 * hidden, depth: hidden, weights: weights, groups: groups)
    let name = "lstm_steps_h\(hidden)_joint_\(weights)"
    c.define(
      template: "layers/joint_lstm_steps", name: name,
      [
        "NAME": name, "HIDDEN": "\(hidden)", "STEP": step, "JOINT": joint, "BUNDLES": "\(layout.bundles)",
        "WORDS": "\(layout.words)", "OF_BUNDLE": "\(layout.ofBundle)",
      ])
    return name
  }
}
