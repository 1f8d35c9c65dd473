import WeftCorpus
import WeftGraph

/// A generated pair of files: the header that a host includes, and the C file, put together from top to bottom in the
/// order of the methods below.
struct SourceFile {
  let generator: CodeGenerator
  let program: Program
  /// Node functions with what they turned out to need.
  let functions: [(node: Node, text: String)]
  let resources: Resources
  /// Nodes whose functions take all groups of tasks.
  let groupFunctions: Set<NodeID>

  init(generator: CodeGenerator, program: Program) throws(CodegenError) {
    self.generator = generator
    self.program = program
    var resources = Resources()
    var functions: [(node: Node, text: String)] = []
    var regions: [NodeID: [NodeWriter.Region]] = [:]
    var groupFunctions: Set<NodeID> = []
    let groups = Dictionary(
      uniqueKeysWithValues: program.groups.values.flatMap { group in group.map { ($0.id, group) } })
    for node in program.nodes {
      guard let emitting = node.operation as? any Emitting else {
        throw CodegenError.cannotEmit(kind: type(of: node.operation).kind)
      }
      var writer = NodeWriter(program: program, node: node, resources: resources)
      emitting.emit(node, into: &writer)
      if let group = groups[node.id] {
        regions[node.id] = writer.regions
        // The function of a group comes where its last node's would.
        if group.last?.id == node.id {
          functions.append((group[0], Self.function(of: group, regions: regions, program: program)))
        }
      } else {
        functions.append((node, writer.function()))
      }
      resources = writer.resources
      if writer.takesGroups { groupFunctions.insert(node.id) }
    }
    if program.purpose == .training {
      let always: [Kernel] = [
        .sumOfSquares, .dot, .axpy, .maskGradient, .sgdUpdate, .adamUpdate, .columnSums, .copyRows,
      ]
      let shrinking: [Kernel] = program.graph.weightGroups.isEmpty ? [] : [.scaleRows]
      for kernel in always + shrinking {
        resources.use(kernel: KernelInstance(kernel, []))
      }
    } else {
      for task in program.graph.tasks { resources.use(kernel: KernelInstance(.nbest, [task.labelCount])) }
    }
    for piece in resources.pieces {
      if let kernel = piece.form.kernel { resources.use(kernel: KernelInstance(kernel, [])) }
    }
    self.functions = functions
    self.resources = resources
    self.groupFunctions = groupFunctions
  }

  /// One function for nodes that do not depend on each other, so that their pieces run at the same time.
  private static func function(
    of group: [Node], regions: [NodeID: [NodeWriter.Region]], program: Program
  ) -> String {
    var c = CWriter()
    c.comment("\(group.map(\.name).joined(separator: ", ")): they do not depend on each other.")
    c.block("static void \(program.functionName(of: group[0]))(const struct run *r)") { c in
      for stage in 0..<(group.map { regions[$0.id]?.count ?? 0 }.max() ?? 0) {
        let present = group.compactMap { node in
          regions[node.id].flatMap { stage < $0.count ? $0[stage] : nil }
        }
        let together = present.contains { $0.isContested } ? present.map { [$0] } : [present]
        for pieces in together {
          let list = pieces.flatMap { piece in (0..<piece.count).map { "{\(piece.worker), \($0)}" } }
          c.block("") { c in
            c.list("static const struct piece pieces[\(list.count)] = {", list, closing: "};")
            c.line("run_pieces(r, pieces, \(list.count));")
          }
        }
      }
    }
    return c.text
  }

  var graph: Graph { program.graph }
  /// Whether products of recurrent layers are over pairs of numbers in bf16.
  var multipliesPairs: Bool { isTraining && program.weights.contains(.bf16) }
  var isTraining: Bool { program.purpose == .training }
  var baseName: String { generator.name + (isTraining ? "-train" : "") }
  /// The variants that can be chosen, best first.
  ///
  /// Beside AVX-512 stands what multiplies pairs, if training does.
  var instructionSets: [InstructionSet] {
    if generator.options.isForOneMachine {
      return generator.options.instructionSets.compactMap { $0.layers.last(where: hasKernels) }
    }
    // What an addition adds to belongs to it.
    var sets: [InstructionSet] = []
    for set in generator.options.instructionSets.flatMap({ $0.layers.reversed() }) where !sets.contains(set) {
      sets.append(set)
    }
    if multipliesPairs { sets.addAdditions() }
    return sets.filter(hasKernels)
  }

  /// Additions to an instruction set only where there is a kernel to replace.
  private func hasKernels(of set: InstructionSet) -> Bool {
    resources.kernels.contains { standIn(for: $0, on: set).kernel.isSpecial(for: set) }
  }

  func files() throws(TemplateError) -> [GeneratedFile] {
    var c = CWriter()
    c.comment(provenance)
    c.line()
    c.line("#include \"\(baseName).h\"")
    c.line()
    var text = c.text
    text +=
      try KernelUnit.prelude(for: resources.kernels + resources.kernels.map(\.dense)) + "\n" + sizes() + "\n"
      + tables() + "\n"
    text += try kernelCode() + "\n"
    text += try Template(embedded: "runtime/cpu").render([:]) + "\n"
    for name in multipliesPairs ? ["cpu_narrow", "cpu_pairs", "cpu_tiles"] : [] {
      text += try Template(embedded: "runtime/\(name)").render([:]) + "\n"
    }
    text += dispatch() + "\n"
    text += workspace() + "\n" + packing() + "\n" + runStructure() + "\n"
    text += try Template(embedded: "runtime/run").render([:]) + "\n"
    if !program.groups.isEmpty { text += try Template(embedded: "runtime/run_pieces").render([:]) + "\n" }
    text += try Template(embedded: isTraining ? "runtime/trainer" : "runtime/model").render([:]) + "\n"
    text += try nodeCode() + "\n" + schedule() + "\n"
    text += try Template(embedded: isTraining ? "runtime/trainer_api" : "runtime/model_api")
      .render(["NAME": generator.symbol].merging(isTraining ? try shrinking() : [:]) { name, _ in name })
    return [
      GeneratedFile(name: baseName + ".h", contents: try header()),
      GeneratedFile(name: baseName + ".c", contents: CLayout.wrap(text)),
    ]
  }

  /// What an update ends in, if the spec has a group lasso.
  private func shrinking() throws(TemplateError) -> [String: String] {
    guard !graph.weightGroups.isEmpty else { return ["SHRINK": "", "CALL_SHRINK": ""] }
    return [
      "SHRINK": weightGroups() + "\n" + (try Template(embedded: "runtime/shrink_groups").render([:])),
      "CALL_SHRINK": "    shrink_groups(t, tasks, u->rate);\n",
    ]
  }

  // MARK: Header

  private var provenance: String {
    """
    \(baseName): \(isTraining ? "training" : "inference") code for the tagger '\(generator.name)'.
    Generated by weft \(generator.options.toolVersion); do not edit.

    architecture      \(generator.architectureHash)
    instruction sets  \(instructionSets.map(\.rawValue).joined(separator: " "))
    memory            \(memoryFigure)
    threads           \(isTraining
      ? "a trainer belongs to one thread at a time; what the host lends it runs in parallel"
      : "any number of threads may share a model; a workspace belongs to one at a time")
    """
  }

  var memoryFigure: String {
    var bytes: [String] = []
    for set in IndexSet.all {
      let width =
        program.memory.slots.filter { $0.rows == set }.reduce(0) { $0 + $1.width } * 4 * program.groupCount
      if width > 0 { bytes.append("\(width) bytes a \(set.name == "one" ? "batch" : set.name)") }
    }
    return "workspace " + bytes.joined(separator: ", ")
  }

  private func header() throws(TemplateError) -> String {
    var c = CWriter()
    c.comment(provenance)
    let guardName = "WEFT_" + CIdentifier.mangle(baseName).uppercased() + "_H"
    c.line("#ifndef \(guardName)")
    c.line("#define \(guardName)")
    c.line()
    c.lines(try Template(embedded: "abi").render([:]))
    c.line("#ifdef __cplusplus")
    c.line("extern \"C\" {")
    c.line("#endif")
    c.line()
    c.comment("Null if the library's ABI is newer than max_abi.")
    c.line("#if defined(__GNUC__)")
    c.line("__attribute__((visibility(\"default\")))")
    c.line("#endif")
    c.line(
      isTraining
        ? "const weft_training *weft_\(generator.symbol)_train(uint32_t max_abi);"
        : "const weft_inference *weft_\(generator.symbol)(uint32_t max_abi);")
    c.line()
    c.line("#ifdef __cplusplus")
    c.line("}")
    c.line("#endif")
    c.line()
    c.line("#endif")
    return c.text
  }

  // MARK: Kernels

  /// What an instruction set runs where a kernel is called: that kernel, or the dense one where packed weights are slower
  /// or where there are no tiles.
  func standIn(for kernel: KernelInstance, on set: InstructionSet) -> KernelInstance {
    if kernel.kernel.needsTiles { return set.hasTiles ? kernel : kernel.dense }
    return program.matrices.windowSets.contains { $0.layers[0] == set.layers[0] } ? kernel : kernel.dense
  }

  func kernelCode() throws(TemplateError) -> String {
    var text = isTraining ? try KernelUnit.random() + "\n" : ""
    // What an addition to an instruction set takes over comes first.
    let sets = instructionSets
    var all: [InstructionSet] = []
    for set in sets.flatMap(\.layers) where !all.contains(set) { all.append(set) }
    for set in all.filter({ $0.base == nil }) + all.filter({ $0.base != nil }) {
      text += "// ---- kernels for \(set.rawValue) "
      text += String(repeating: "-", count: max(0, 92 - set.rawValue.count)) + "\n\n"
      let kernels = resources.kernels.map { standIn(for: $0, on: set) }
      text += try KernelUnit.source(of: kernels, for: set, chosen: sets) + "\n"
    }
    return text
  }

  /// The table through which node functions call kernels, one instance for each instruction set.
  func dispatch() -> String {
    let kernels = Set(resources.kernels).sorted { $0.baseName < $1.baseName }
    var c = CWriter()
    c.comment("The kernels of one instruction set.")
    c.block("struct kernels", closing: "};") { c in
      c.line("const char *name;")
      for kernel in kernels { c.line(kernel.pointerDeclaration() + ";") }
    }
    c.line()
    for set in instructionSets {
      if let condition = set.condition { c.line("#if \(condition)") }
      c.block("static const struct kernels kernels_\(set.rawValue) =", closing: "};") { c in
        c.line(".name = \"\(set.rawValue)\",")
        for kernel in kernels { c.line(".\(kernel.baseName) = \(kernel.symbol(set)),") }
      }
      if set.condition != nil { c.line("#endif") }
      c.line()
    }
    c.comment("The named variant, or the best for a null name; null if this processor or library lacks it.")
    c.block("static const struct kernels *choose_kernels(const char *isa)") { c in
      for set in instructionSets {
        if let condition = set.condition { c.line("#if \(condition)") }
        // Some processors add pairs more slowly than floats; asked for by name, they do it all the same.
        let isChosen =
          multipliesPairs && set.isFor(.bf16) && !set.hasTiles
          ? "(isa != NULL || adds_pairs_fast()) && " : ""
        c.line("if (\(set.presence)\(isChosen)(isa == NULL || same_text(isa, \"\(set.rawValue)\")))")
        c.line("    return &kernels_\(set.rawValue);")
        if set.condition != nil { c.line("#endif") }
      }
      c.line("return NULL;")
    }
    return c.text
  }

  // MARK: Nodes

  func nodeCode() throws(TemplateError) -> String {
    var text = ""
    for constant in resources.constants { text += constant.declaration + "\n" }
    // Shared functions come before the first node that calls them; all of them together read well enough.
    for function in resources.functions {
      switch function.source {
      case .text(let body): text += body + "\n"
      case .template(let name, let values): text += try Template(embedded: name).render(values) + "\n"
      }
    }
    return text + functions.map(\.text).joined(separator: "\n")
  }
}
