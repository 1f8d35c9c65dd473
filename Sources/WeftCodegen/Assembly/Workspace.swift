import WeftGraph

/// The workspace of a call: where each value is for a batch.
extension SourceFile {
  /// Values with memory of their own or inside another's.
  private var placed: [(value: Value, placement: Placement)] {
    graph.values.compactMap { value in program.memory.placements[value.id].map { (value, $0) } }
  }

  private var scratch: [(name: String, slot: Int)] {
    program.nodes.flatMap { node in
      (program.memory.scratch[node.id] ?? []).enumerated().map { position, slot in
        (Program.scratchName(of: node, position, in: program), slot)
      }
    }
  }

  func workspace() -> String {
    let slots = program.memory.slots
    var c = CWriter()
    c.line(
      "// ---- workspace -------------------------------------------------------------------------------------------------"
    )
    c.line()
    c.comment("Elements from one row of a value to the next.")
    c.block("enum", closing: "};") { c in
      for (value, placement) in placed {
        c.line("stride_\(program.valueNames[value.id] ?? "") = \(placement.stride),")
      }
      c.line("slot_count = \(slots.count)")
    }
    c.line()
    c.comment("Where each value is. Values that are never needed at the same time share memory.")
    c.block("struct values", closing: "};") { c in
      for (value, placement) in placed {
        let type = value.type.element == .index ? "int32_t" : "float"
        let window = placement.column > 0 ? ", from column \(placement.column)" : ""
        c.line(
          "\(type) *\(program.valueNames[value.id] ?? ""); // [\(value.type.rows.name) x \(value.type.columns)]\(window)"
        )
      }
      for piece in scratch { c.line("float *\(piece.name);") }
    }
    c.line()
    c.comment("Four-byte elements of each piece of the workspace, rounded up to the alignment.")
    c.block("static void measure(const weft_extent *extent, size_t elements[slot_count])") { c in
      let used = Set(slots.map(\.rows))
      for set in IndexSet.all where used.contains(set) && set != .one {
        c.line("const size_t \(set.name)s = (size_t)extent->\(set.name)s;")
      }
      for (index, slot) in slots.enumerated() {
        let rows = slot.rows == .one ? "1" : slot.rows.name + "s"
        c.comment(slot.tenants.joined(separator: ", "))
        c.line("elements[\(index)] = (\(rows) * \(slot.width) + \(slot.constant + 15)) / 16 * 16;")
      }
    }
    c.line()
    c.block("static size_t workspace_bytes(const weft_extent *extent)") { c in
      c.line("size_t elements[slot_count], sum = 0;")
      c.line("measure(extent, elements);")
      c.line("for (int i = 0; i < slot_count; i++)")
      c.line("    sum += elements[i];")
      c.line("return sum * sizeof(float);")
    }
    c.line()
    c.block("static void place_values(const weft_extent *extent, void *memory, struct values *v)") { c in
      c.line("size_t elements[slot_count];")
      c.line("float *slot[slot_count], *next = memory;")
      c.line("measure(extent, elements);")
      c.block("for (int i = 0; i < slot_count; i++)") { c in
        c.line("slot[i] = next;")
        c.line("next += elements[i];")
      }
      for (value, placement) in placed {
        let name = program.valueNames[value.id] ?? ""
        let at = "slot[\(placement.slot)]" + (placement.column > 0 ? " + \(placement.column)" : "")
        c.line("v->\(name) = \(value.type.element == .index ? "(int32_t *)(void *)(\(at))" : at);")
      }
      for piece in scratch { c.line("v->\(piece.name) = slot[\(piece.slot)];") }
    }
    return c.text
  }

  /// What groups of tasks that run in step are to each other.
  func groupStructure() -> String {
    guard program.groupCount > 1 else { return "" }
    var c = CWriter()
    c.line()
    c.comment("Groups of tasks that run in step, in the order of their numbers. Each has values of its own.")
    c.block("struct groups", closing: "};") { c in
      c.line("int32_t count;")
      c.line("int32_t number[group_count];")
      c.line("uint64_t tasks[group_count];")
      c.line("struct run run[group_count];")
      c.line("size_t apart; // floats from a value of one group to that of the next number")
    }
    c.line()
    c.comment("What is the same for all groups is where the first one has it.")
    c.block("static void share_values(const struct values *first, struct values *v)") { c in
      c.line("(void)first, (void)v;")
      for (value, _) in placed where program.common.values.contains(value.id) {
        let name = program.valueNames[value.id] ?? ""
        c.line("v->\(name) = first->\(name);")
      }
    }
    return c.text
  }

  /// `struct run`: all that a node function reads.
  func runStructure() -> String {
    var c = CWriter()
    if isTraining {
      c.line("struct weft_trainer;")
      c.line("struct gradient_slot;")
      c.line()
      c.comment(
        "How many contributions the sums with several writers have had: the first assigns, the others add.")
      c.block("struct contributions", closing: "};") { c in
        let names = graph.values.filter { program.contested.contains($0.id) }
        if names.isEmpty { c.line("int none;") }
        for value in names { c.line("int \(program.valueNames[value.id] ?? "");") }
      }
      c.line()
    }
    c.comment("What a node function reads: one pass over one batch.")
    c.block("struct run", closing: "};") { c in
      c.line("const struct kernels *k;")
      c.line("const weft_threads *threads;")
      c.line("const weft_batch *batch;")
      c.line("struct values v;")
      if isTraining {
        c.line("const float *parameters; // as they are")
        c.line("const float *packed;     // as the kernels read them")
        c.line("struct weft_trainer *trainer;")
        c.line("const weft_random *random;")
        c.line("struct gradient_slot *slot;")
        c.line("struct contributions *contributions;")
        for task in graph.tasks {
          c.line(
            "float \(program.valueNames[task.seed] ?? ""); // gradient of the total loss with respect to this task's"
          )
        }
      } else if program.storage == .byGroup {
        c.line("const float *shared;     // packed weights of all tasks")
        c.line("const float *own;        // packed weights of this group of tasks")
        c.line("const float *const *raw; // parameters that are read as they are")
      } else {
        c.line("const float *stored; // parameters as the kernels read them")
      }
    }
    return c.text
  }
}
