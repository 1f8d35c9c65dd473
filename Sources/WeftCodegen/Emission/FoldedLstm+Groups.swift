import WeftGraph

/// Groups of tasks that read recurrent weights jointly.
extension FoldedLstm {
  /// Writes a function over all groups: their inputs one after the other, their steps of one row at the same time.
  func emitJointly(
    _ node: Node, _ layer: String, gates: String, stride gatesStride: String,
    states: (pointer: String, stride: String), into c: inout NodeWriter
  ) {
    guard let y = c.output(0) else { return }
    c.takesGroups = true
    let positions = c.input(0).rows
    let (steps, offsets) = (c.steps(of: positions), c.offsets(of: positions))
    let statesStride = "\(MemoryPlan.stride(columns: directions * hidden))"
    let tasks = "UINT64_C(0x" + String(c.program.guards[node.id] ?? 0, radix: 16) + ")"
    let (adder, worker) = ("\(c.functionName)_gates", "\(c.functionName)_direction")
    var helper = CWriter()
    helper.block("static void \(adder)(const struct run *r, size_t d)") { w in
      addInputs(node, gates, gatesStride, &c, &w)
    }
    c.define(helper: adder, helper.text)
    let recurrent = (0..<directions).map { node.parameters[4 * $0 + 1] }
    var body = CWriter()
    body.block("static void \(worker)(void *argument, int32_t direction)") { w in
      w.line("const struct groups *g = argument;")
      w.line("const struct run *r = &g->run[0];")
      w.line("const size_t d = (size_t)direction;")
      w.line("for (int32_t i = 0; i < g->count; i++)")
      w.line("    if ((g->tasks[i] & \(tasks)) != 0)")
      w.line("        \(adder)(&g->run[i], d);")
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
          "g", tasks, "direction", steps, offsets, gates, gatesStride, "own_words[d]", "joint_words[d]",
          "\(c.scratch(Piece.cells.rawValue)) + d * \(hidden)", statesStride,
          "\(states.pointer) + d * \(hidden)", states.stride,
        ])
    }
    c.define(helper: worker, body.text)
    c.call("run_for_groups", ["g", worker, "\(directions)"])
    guard output == .final else { return }
    c.define(template: "runtime/final_states", name: "copy_final_states", [:])
    c.block("for (int32_t i = 0; i < g->count; i++)") { c in
      c.line("const struct run *r = &g->run[i];")
      c.line("if ((g->tasks[i] & \(tasks)) != 0)")
      c.call(
        "    copy_final_states",
        [
          steps, offsets, "\(hidden)", "\(directions)", states.pointer, states.stride, y.pointer, y.stride,
        ])
    }
  }

  /// The function that runs the steps of all groups; layers of equal sizes share it.
  func jointLayer(_ node: Node, step: String, into c: inout NodeWriter) -> String {
    let (recurrent, groups) = (node.parameters[1], c.program.groupCount)
    let weights = c.weights(of: recurrent)
    let most = min(groups, JointLayout.groupsOfPlane)
    let joint = c.kernel(.jointLstmStep(weights), [hidden, most]).replacing("r->k->", with: "")
    let layout = JointLayout(rows: 4 * hidden, depth: hidden, weights: weights, groups: groups)
    let name = "lstm_steps_h\(hidden)_joint_\(weights)"
    c.define(
      template: "layers/joint_lstm_steps", name: name,
      [
        "NAME": name, "HIDDEN": "\(hidden)", "STEP": step, "JOINT": joint, "PLANES": "\(layout.planes)",
        "WORDS": "\(layout.words)", "PLANE": "\(layout.plane)",
      ])
    return name
  }
}
