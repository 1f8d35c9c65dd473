import WeftGraph

/// The order in which nodes run, and for which tasks.
extension SourceFile {
  func schedule() -> String { isTraining ? trainingSchedule() : inferenceSchedule() }

  /// Calls of nodes, those of the same tasks under one condition.
  private func calls(_ nodes: [Node], _ c: inout CWriter, condition: (Node) -> String?) {
    let others = Set(program.groups.values.flatMap { $0.dropFirst().map(\.id) })
    let nodes = nodes.filter { !others.contains($0.id) }
    var index = 0
    while index < nodes.count {
      let test = condition(nodes[index])
      var end = index
      while end < nodes.count, condition(nodes[end]) == test { end += 1 }
      let group = nodes[index..<end].map { "\(program.functionName(of: $0))(r);" }
      if let test {
        c.block("if (\(test))") { c in for call in group { c.line(call) } }
      } else {
        for call in group { c.line(call) }
      }
      index = end
    }
  }

  private func taskTest(_ node: Node) -> String? {
    let mask = program.guards[node.id] ?? 0
    return mask == graph.allTasks ? nil : "(tasks & \(hex(mask))) != 0"
  }

  private func trainingSchedule() -> String {
    let forward = program.nodes.filter { $0.id.index < graph.forwardCount }
    let backward = program.nodes.filter { $0.id.index >= graph.forwardCount }
    var c = CWriter()
    c.line(
      "// ---- the order of a pass ---------------------------------------------------------------------------------------"
    )
    c.line()
    for (name, nodes) in [("forward_nodes", forward), ("backward_nodes", backward)] {
      c.block("static void \(name)(const struct run *r, uint64_t tasks)") { c in
        c.line("(void)tasks;")
        calls(nodes, &c, condition: taskTest)
      }
      c.line()
    }
    c.block("static void read_losses(const struct run *r, uint64_t tasks, double *losses)") { c in
      for (number, task) in graph.tasks.enumerated() {
        c.line("if ((tasks & \(hex(1 << UInt64(number)))) != 0)")
        c.line("    losses[\(number)] = (double)r->v.\(program.valueNames[task.loss] ?? "")[0];")
      }
    }
    c.line()
    c.block("static void set_seeds(struct run *r, const float *seeds)") { c in
      for (number, task) in graph.tasks.enumerated() {
        c.line("r->\(program.valueNames[task.seed] ?? "") = seeds[\(number)];")
      }
    }
    return c.text
  }

  /// Of a result that nobody asked for.
  private func wantedTest(_ node: Node) -> String? {
    for case let id? in node.outputs {
      if graph.tasks.contains(where: { $0.prediction == id }) { return "(wanted & WEFT_PREDICTION) != 0" }
      if graph.tasks.contains(where: { $0.probabilities == id }) {
        return "(wanted & WEFT_PROBABILITIES) != 0"
      }
    }
    return nil
  }

  /// Nodes in their order: what groups have in common once, the others for each group that needs them.
  private func groupsInStep(_ c: inout CWriter) {
    /// One call, under conditions.
    func call(_ node: Node, _ argument: String, tasks: String, _ c: inout CWriter) {
      let mask = program.guards[node.id] ?? 0
      let tests = [
        mask == graph.allTasks ? nil : "(\(tasks) & \(hex(mask))) != 0", wantedTest(node),
      ].compactMap { $0 }
      if !tests.isEmpty { c.line("if (\(tests.joined(separator: " && ")))") }
      c.line("\(tests.isEmpty ? "" : "    ")\(program.functionName(of: node))(\(argument));")
    }
    var index = 0
    while index < program.nodes.count {
      let node = program.nodes[index]
      if program.common.nodes.contains(node.id) || groupFunctions.contains(node.id) {
        call(node, groupFunctions.contains(node.id) ? "g" : "&g->run[0]", tasks: "tasks", &c)
        index += 1
        continue
      }
      var end = index
      while end < program.nodes.count, !program.common.nodes.contains(program.nodes[end].id),
        !groupFunctions.contains(program.nodes[end].id)
      {
        end += 1
      }
      c.block("for (int32_t i = 0; i < g->count; i++)") { c in
        for node in program.nodes[index..<end] { call(node, "&g->run[i]", tasks: "g->tasks[i]", &c) }
      }
      index = end
    }
  }

  private func inferenceSchedule() -> String {
    var c = CWriter()
    c.line(
      "// ---- the order of a pass ---------------------------------------------------------------------------------------"
    )
    c.line()
    let parameter = program.groupCount > 1 ? "const struct groups *g" : "const struct run *r"
    c.block("static void run_nodes(\(parameter), uint64_t tasks, uint32_t wanted)") { c in
      c.line("(void)tasks;")
      if program.groupCount > 1 {
        groupsInStep(&c)
        return
      }
      calls(program.nodes, &c) { node in
        let tests = [taskTest(node), wantedTest(node)].compactMap { $0 }
        return tests.isEmpty ? nil : tests.joined(separator: " && ")
      }
    }
    c.line()
    c.block(
      "static void read_outputs(const struct run *r, uint64_t tasks, uint32_t wanted, weft_output *outputs)"
    ) { c in
      for (number, task) in graph.tasks.enumerated() {
        c.block("if ((tasks & \(hex(1 << UInt64(number)))) != 0)") { c in
          let name = { (id: ValueID) in "r->v.\(program.valueNames[id] ?? "")" }
          c.line("outputs[\(number)].scores = \(name(task.scores));")
          c.line(
            "outputs[\(number)].prediction = (wanted & WEFT_PREDICTION) != 0 ? \(name(task.prediction)) : NULL;"
          )
          c.line(
            "outputs[\(number)].probabilities = (wanted & WEFT_PROBABILITIES) != 0 ? \(name(task.probabilities)) : NULL;"
          )
        }
      }
    }
    return c.text + "\n" + nbest()
  }

  /// The n best label sequences: a loop over the tasks, which differ in their labels and transitions.
  private func nbest() -> String {
    var c = CWriter()
    // The formula of `KernelWork.nbest`, whose sizes are known only when it is called.
    c.comment("Bytes of work for the n best paths: a lattice over all paths, or in its place the search.")
    c.lines(
      """
      static size_t nbest_work(size_t tokens, size_t labels, size_t n) {
          const size_t padded = (labels + 7) / 8 * 8, all = labels * n;
          const size_t lattice = 2 * padded * (3 * labels + 2 * tokens + 3);
          const size_t search = labels * labels + 2 * all + labels + 2 * n + tokens * all;
          return (lattice > search ? lattice : search) * sizeof(float);
      }
      """)
    c.line()
    c.block("static size_t nbest_size(int32_t task, int32_t tokens, int32_t n)") { c in
      c.block("switch (task)") { c in
        for (number, task) in graph.tasks.enumerated() {
          c.line("case \(number):")
          c.line("    return nbest_work((size_t)tokens, \(task.labelCount), (size_t)n);")
        }
        c.line("default:")
        c.line("    return 0;")
      }
    }
    c.line()
    c.list(
      "static weft_status nbest(",
      [
        "const weft_model *model", "int32_t task", "int32_t tokens", "const float *scores", "int32_t n",
        "void *workspace", "size_t bytes", "int32_t *paths", "float *log_probabilities", "int32_t *found",
      ], closing: ") {")
    var body = CWriter()
    body.block("") { c in
      c.line("if (task < 0 || task >= \(graph.tasks.count) || tokens < 0 || n < 1)")
      c.line("    return WEFT_BAD_ARGUMENT;")
      c.line("if (bytes < nbest_size(task, tokens, n))")
      c.line("    return WEFT_TOO_SMALL;")
      c.line("const struct kernels *k = model->kernels;")
      c.block("switch (task)") { c in
        for (number, task) in graph.tasks.enumerated() {
          c.line("case \(number): {")
          let isCrf = !task.decoderParameters.isEmpty
          if isCrf {
            var writer = CWriter()
            crfOf(task, &writer)
            for line in writer.text.split(separator: "\n") { c.line("    " + line) }
          }
          c.line(
            "    *found = k->nbest_f32_l\(task.labelCount)(tokens, scores, \(isCrf ? "&crf" : "NULL"), n, paths, log_probabilities, workspace);"
          )
          c.line("    break;")
          c.line("}")
        }
        c.line("default:")
        c.line("    break;")
      }
      c.line("return WEFT_OK;")
    }
    return c.text + body.text.dropFirst(" {\n".count)
  }

  private func crfOf(_ task: Graph.TaskOutputs, _ c: inout CWriter) {
    // The Viterbi node declares the same structure; its text is taken over with the model in place of the run.
    guard
      let node = program.nodes.first(where: { $0.outputs.contains(task.prediction) }),
      let constraints = (node.operation as? Viterbi)
    else { return }
    var writer = NodeWriter(program: program, node: node, resources: resources)
    writer.declareCrf(constraints: constraints.constraints)
    c.lines(String(writer.bodyText.replacing("r->", with: "model->").dropLast()))
  }
}
