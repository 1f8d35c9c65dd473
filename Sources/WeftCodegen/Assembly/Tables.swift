import WeftCorpus
import WeftGraph

/// Numbers and tables: what the library says of itself.
extension SourceFile {
  /// Numbers of inputs, parameters, sites and tasks, and where parameters begin in the parameter block.
  func sizes() -> String {
    let (offsets, total) = Program.parameterOffsets(graph)
    let sparse = sparseParameters
    var c = CWriter()
    c.line(
      "// ---- numbers ---------------------------------------------------------------------------------------------------"
    )
    c.line()
    enumeration(
      "Inputs, in the order of a batch's table.", "input_",
      tableInputs.map { program.valueNames[$0] ?? "" }, last: "input_count", &c)
    enumeration("Parameters.", "parameter_", program.parameterNames, last: "parameter_count", &c)
    c.comment("Where parameters begin in the parameter block, in floats.")
    c.block("enum", closing: "};") { c in
      for (name, offset) in zip(program.parameterNames, offsets) { c.line("at_\(name) = \(offset),") }
      c.line("parameter_floats = \(total)")
    }
    c.line()
    c.line("enum { prunable_weights = \(prunableWeights) };")
    let kept = keptOffsets
    if isTraining {
      c.comment("Where prunable parameters begin in a mask of bits, in words of 16; each row begins a word.")
      c.block("enum", closing: "};") { c in
        for (name, offset) in zip(program.parameterNames, kept.offsets) {
          if let offset { c.line("kept_at_\(name) = \(offset),") }
        }
        c.line("kept_words = \(kept.total)")
      }
    }
    c.line()
    if isTraining {
      enumeration(
        "Sources of random values.", "site_", resources.sites.map { CIdentifier.mangle($0.site.name) },
        last: "site_count", &c)
      c.comment("Row-sparse parameters: only the rows that a batch looks up have a gradient.")
      c.line("enum { sparse_count = \(sparse.count), lag_capacity = 4096 };")
      c.line("enum { widest_sparse_row = \(sparse.map { $0.columns }.max() ?? 1) };")
      c.comment("Terms of the objective over parameters alone.")
      c.line("enum { penalty_count = \(resources.penalties.count) };")
    }
    let bits = graph.tasks.indices.map { "task_\(CIdentifier.mangle(graph.tasks[$0].name)) = \($0)" }
    c.comment("Tasks.")
    c.list("enum {", bits, closing: "};")
    c.line("enum { number_of_tasks = \(graph.tasks.count) };")
    c.line("static const uint64_t all_tasks = \(hex(graph.allTasks));")
    return c.text
  }

  /// Integer inputs: seeds are floats and come with the call.
  var tableInputs: [ValueID] { graph.inputs.filter { graph[$0].type.element == .index } }

  var sparseParameters: [Parameter] { graph.parameters.filter { $0.isRowSparse && $0.isTrainable } }

  /// First weights of the prunable parameters in a mask, in the order of the parameter table; nil for the others.
  var maskOffsets: [Int?] {
    var next = 0
    return graph.parameters.map { parameter in
      guard parameter.isPrunable else { return nil }
      defer { next += parameter.count }
      return next
    }
  }

  /// The same in a mask of bits, where each row of a parameter begins a word of 16; and how many words there are.
  private var keptOffsets: (offsets: [Int?], total: Int) {
    var next = 0
    let offsets = graph.parameters.map { parameter -> Int? in
      guard parameter.isPrunable else { return nil }
      defer { next += parameter.rows * ((parameter.columns + 15) / 16) }
      return next
    }
    return (offsets, next)
  }

  /// The groups of weights that the group lasso keeps or removes together.
  func weightGroups() -> String {
    let offsets = Program.parameterOffsets(graph).offsets
    var c = CWriter()
    c.comment("Weights that the group lasso keeps or removes together: rows of parameters.")
    c.line("struct group_part { int parameter; size_t at, count; };")
    c.line("struct weight_group { float weight; int first_part, part_count; };")
    c.line("enum { weight_group_count = \(graph.weightGroups.count) };")
    c.block("static const struct group_part group_parts[] =", closing: "};") { c in
      for group in graph.weightGroups {
        c.comment(group.name)
        for part in group.parts {
          let columns = graph[part.parameter].columns
          let at = offsets[part.parameter.index] + part.rows.lowerBound * columns
          let name = "parameter_\(program.parameterNames[part.parameter.index])"
          c.list("{", [name, "\(at)", "\(part.rows.count * columns)"], closing: "},")
        }
      }
    }
    c.block("static const struct weight_group weight_groups[] =", closing: "};") { c in
      var first = 0
      for group in graph.weightGroups {
        c.list(
          "{", [CIdentifier.float(group.weight), "\(first)", "\(group.parts.count)"], closing: "},")
        first += group.parts.count
      }
    }
    return c.text
  }

  private var prunableWeights: Int { graph.parameters.reduce(0) { $0 + ($1.isPrunable ? $1.count : 0) } }

  private func enumeration(
    _ comment: String, _ prefix: String, _ names: [String], last: String, _ c: inout CWriter
  ) {
    c.comment(comment)
    c.block("enum", closing: "};") { c in
      for name in names { c.line(prefix + name + ",") }
      c.line(last)
    }
    c.line()
  }

  func hex(_ mask: UInt64) -> String { "UINT64_C(0x" + String(mask, radix: 16) + ")" }

  /// The tables of the ABI.
  func tables() -> String {
    let reach = graph.reach(program.purpose)
    let offsets = Program.parameterOffsets(graph).offsets
    let text = CIdentifier.literal
    var c = CWriter()
    c.line(
      "// ---- tables ----------------------------------------------------------------------------------------------------"
    )
    c.line()
    c.block("static const weft_parameter parameters[parameter_count] =", closing: "};") { c in
      for (parameter, offset) in zip(graph.parameters, offsets) {
        var flags: [String] = []
        if parameter.isPrunable { flags.append("WEFT_PRUNABLE") }
        if parameter.isRowSparse && parameter.isTrainable { flags.append("WEFT_ROW_SPARSE") }
        if parameter.isTrainable { flags.append("WEFT_TRAINABLE") }
        c.list(
          "{",
          [
            text(parameter.name), "\(offset)", "\(parameter.rows)", "\(parameter.columns)",
            flags.isEmpty ? "0" : flags.joined(separator: " | "), hex(reach.parameters[parameter.id.index]),
          ], closing: "},")
      }
    }
    c.line()
    c.block("static const weft_input inputs[input_count] =", closing: "};") { c in
      for id in tableInputs {
        let value = graph[id]
        c.list("{", [text(value.name), rowsConstant(value.type.rows), "\(limit(of: id))"], closing: "},")
      }
    }
    c.line()
    c.block("static const weft_task tasks[\(graph.tasks.count)] =", closing: "};") { c in
      for task in graph.tasks {
        c.list(
          "{", [text(task.name), "\(task.labelCount)", task.decoderParameters.isEmpty ? "0" : "1"],
          closing: "},")
      }
    }
    c.line()
    let sites = isTraining ? resources.sites : []
    if !sites.isEmpty {
      c.block("static const weft_site sites[site_count] =", closing: "};") { c in
        for site in sites {
          c.list("{", [text(site.site.name), rowsConstant(site.rows), "\(site.columns)"], closing: "},")
        }
      }
      c.line()
      c.comment("FNV-1a hashes of the sites' names, which key their random streams.")
      c.list(
        "static const uint64_t site_hashes[site_count] = {",
        sites.map { hex(fnv1a64($0.site.name)) }, closing: "};")
      c.line()
    } else if isTraining {
      c.line("static const weft_site sites[1] = {{NULL, WEFT_ONE, 0}};")
      c.line("static const uint64_t site_hashes[1] = {0};")
      c.line()
    }
    if isTraining {
      let sparse = sparseParameters
      c.comment("Numbers of the row-sparse parameters, and each parameter's place among them or -1.")
      c.list(
        "static const int sparse_parameters[sparse_count + 1] = {",
        sparse.map { "parameter_\(program.parameterNames[$0.id.index])" } + ["0"], closing: "};")
      c.list(
        "static const int sparse_of[parameter_count] = {",
        graph.parameters.map { parameter in
          sparse.firstIndex { $0.id == parameter.id }.map(String.init) ?? "-1"
        }, closing: "};")
      c.line()
      c.comment("Each parameter's place in a mask, or -1.")
      c.list(
        "static const int64_t mask_offsets[parameter_count] = {",
        maskOffsets.map { $0.map(String.init) ?? "-1" }, closing: "};")
      c.comment("The same in words of a mask of bits.")
      c.list(
        "static const int64_t kept_offsets[parameter_count] = {",
        keptOffsets.offsets.map { $0.map(String.init) ?? "-1" }, closing: "};")
      c.line()
    }
    c.block("static const weft_tables tables =", closing: "};") { c in
      c.line(".name = \(text(generator.name)),")
      c.line(".tool_version = \(text(generator.options.toolVersion)),")
      c.line(".architecture_hash = \(text(generator.architectureHash)),")
      c.line(".instruction_sets = \(text(instructionSets.map(\.rawValue).joined(separator: " "))),")
      c.line(".parameter_count = parameter_count,")
      c.line(".input_count = input_count,")
      c.line(".task_count = \(graph.tasks.count),")
      c.line(".site_count = \(sites.count),")
      c.line(".parameters = parameters,")
      c.line(".inputs = inputs,")
      c.line(".tasks = tasks,")
      c.line(".sites = \(isTraining ? "sites" : "NULL"),")
      c.line(".parameter_floats = parameter_floats,")
      c.line(".prunable_weights = prunable_weights,")
    }
    return c.text
  }

  private func rowsConstant(_ set: IndexSet) -> String { "WEFT_" + set.name.uppercased() }

  /// Ids of an input must be below this: the rows of the table it looks up, the forms of a batch, the labels of a task.
  private func limit(of id: ValueID) -> Int {
    let name = graph[id].name
    for node in graph.nodes where node.inputs.contains(id) {
      if node.operation is Embed { return graph[node.parameters[0]].rows }
      if node.operation is WordDropout, let replaced = node.outputs[0] { return limit(of: replaced) }
    }
    if name.hasPrefix("label."), let task = graph.tasks.first(where: { "label." + $0.name == name }) {
      return task.labelCount
    }
    // Indices into another set of the batch are bounded by the batch itself.
    return Int(Int32.max)
  }
}
