import WeftGraph

/// Writes the function of one node.
///
/// The names it hands out (`tokens`, `r->v.input`, `r->k->linear_f32_n800_k130`) are the vocabulary of generated code; `r` is
/// the `struct run` that every node function takes.
struct NodeWriter {
  let program: Program
  let node: Node
  var resources: Resources
  private var body = CWriter()
  /// What the body runs in parallel, in order.
  private(set) var regions: [Region] = []

  /// Pieces that may run at the same time.
  struct Region {
    /// The function of a piece, which takes the run and the number of the piece.
    var worker: String
    var count: Int
    /// Does it write what the same region of another node may write too?
    var isContested: Bool
  }
  /// Whether the function takes all groups of tasks, not the run of one.
  var takesGroups = false
  /// Row counts that the body names.
  private var counts: Set<IndexSet> = []

  init(program: Program, node: Node, resources: Resources) {
    self.program = program
    self.node = node
    self.resources = resources
  }

  var graph: Graph { program.graph }
  var isTraining: Bool { program.purpose == .training }

  // MARK: Text

  mutating func line(_ text: String) { body.line(text) }
  mutating func comment(_ text: String) { body.comment(text) }
  mutating func call(_ function: String, _ arguments: [String]) { body.call(function, arguments) }
  /// Runs a function so many times, at the same time where the host lends threads.
  mutating func runPieces(_ worker: String, _ count: Int, isContested: Bool = false) {
    regions.append(Region(worker: worker, count: count, isContested: isContested))
    call("run_parallel", ["r", worker, "\(count)"])
  }

  /// Defines a function over a share of rows, which begins at `first` and has `count`, and runs it for the upper and the
  /// lower half: where each row is formed by itself, at the same time or not is the same.
  mutating func runHalves(
    of rows: IndexSet, _ suffix: String, _ write: (inout CWriter, inout NodeWriter) -> Void
  ) {
    let worker = "\(functionName)_\(suffix)"
    var function = CWriter()
    function.block("static void \(worker)(void *argument, int32_t part)") { w in
      w.line("const struct run *r = argument;")
      w.line("const int32_t rows = r->batch->extent.\(rows.name)s;")
      w.line("const int32_t first = part * rows / 2, count = (part + 1) * rows / 2 - first;")
      write(&w, &self)
    }
    define(helper: worker, function.text)
    runPieces(worker, 2)
  }

  /// An assignment or declaration of a call's result.
  mutating func call(_ target: String, _ function: String, _ arguments: [String]) {
    body.call("\(target) = \(function)", arguments)
  }
  mutating func block(_ head: String, _ inner: (inout NodeWriter) -> Void) {
    line(head + " {")
    // Nested text is written by the same writer, so that counts and resources are collected in one place.
    var nested = self
    nested.body = CWriter()
    inner(&nested)
    for text in nested.body.text.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
      body.line(text.isEmpty ? "" : "    " + text)
    }
    counts = nested.counts
    resources = nested.resources
    line("}")
  }

  // MARK: Sizes

  /// The number of rows of an index set.
  mutating func count(_ set: IndexSet) -> String {
    if set == .one { return "1" }
    counts.insert(set)
    return set.name + "s"
  }
  func offsets(of positions: IndexSet) -> String { "r->batch->\(positions.name)_offsets" }
  func steps(of positions: IndexSet) -> String {
    "r->batch->extent.longest_\(positions.sequences?.name ?? positions.name)"
  }

  // MARK: Values

  func operand(_ id: ValueID) -> Operand {
    let value = graph[id]
    let type = value.type
    if program.inputs.contains(id) {
      let name = program.valueNames[id] ?? value.name
      // Seeds are the one float input; everything else is an integer table of the batch.
      let pointer = type.element == .float ? "&r->\(name)" : "r->batch->inputs[input_\(name)]"
      return Operand(pointer: pointer, stride: "\(type.columns)", rows: type.rows, columns: type.columns)
    }
    let name = program.valueNames[id] ?? value.name
    return Operand(
      pointer: "r->v.\(name)", stride: "stride_\(name)", rows: type.rows, columns: type.columns)
  }
  func input(_ position: Int) -> Operand { operand(node.inputs[position]) }
  func output(_ position: Int) -> Operand? {
    position < node.outputs.count ? node.outputs[position].map(operand) : nil
  }

  /// Whether this contribution to an output adds to earlier ones: a C expression, `0` where there is one writer.
  func addFlag(_ position: Int) -> String {
    guard position < node.outputs.count, let id = node.outputs[position], program.contested.contains(id)
    else {
      return "0"
    }
    return "r->contributions->\(program.valueNames[id] ?? "")++ > 0"
  }

  /// Scratch by its position in `Emitting.scratch`.
  func scratch(_ position: Int) -> String {
    "r->v.\(Program.scratchName(of: node, position, in: program))"
  }

  // MARK: Kernels and parameters

  mutating func kernel(_ kernel: Kernel, _ constants: [Int] = []) -> String {
    let instance = KernelInstance(kernel, constants)
    resources.use(kernel: instance)
    return "r->k->\(instance.baseName)"
  }

  /// A parameter in its canonical layout; in training under the mask of the pass.
  mutating func raw(_ id: ParameterID) -> String {
    if program.storage == .byGroup && graph[id].isPrunable { return packed(.canonical, [id]) }
    if isTraining && graph[id].isPrunable {
      let piece = PackedPiece(form: .canonical, parameters: [id])
      resources.use(piece: piece)
      resources.use(raw: id)
      return "under_mask(r, \(parameterOffset(id)), \(Self.pieceName(piece, in: program)))"
    }
    resources.use(raw: id)
    if program.storage == .byGroup { return "r->raw[\(parameterOffset(id))]" }
    return "\(isTraining ? "r->parameters" : "r->stored") + \(parameterOffset(id))"
  }
  /// Arguments of a kernel that reads a matrix of training as it is: the matrix, and its bits in the mask of the pass.
  mutating func rawUnderMask(_ id: ParameterID) -> [String] {
    resources.use(raw: id)
    return [unmasked(id), kept(id)]
  }
  /// A parameter's bits in the mask of the pass, which may be null.
  func kept(_ id: ParameterID) -> String {
    graph[id].isPrunable ? "kept_of(r, \(number(id)))" : "NULL"
  }
  private func parameterOffset(_ id: ParameterID) -> String {
    (isTraining ? "at_" : "raw_") + program.parameterNames[id.index]
  }

  /// Parameters in the form in which a kernel reads them.
  mutating func packed(_ form: PackedForm, _ parameters: [ParameterID]) -> String {
    let piece = PackedPiece(form: form, parameters: parameters)
    resources.use(piece: piece)
    return "\(block(of: piece)) + \(Self.pieceName(piece, in: program))"
  }
  /// Words of a matrix of a package in the form that is chosen for it.
  mutating func wide(
    _ form: PackedForm, _ parameter: ParameterID, columns: [Range<Int>] = []
  ) -> String {
    packed(program.wide(form, parameter, columns: columns))
  }
  mutating func packed(_ piece: PackedPiece) -> String {
    resources.use(piece: piece)
    return "\(block(of: piece)) + \(Self.pieceName(piece, in: program))"
  }
  func weights(of parameter: ParameterID) -> WeightType { program.weights[parameter.index] }
  /// Whether training multiplies with pairs of these weights.
  func multipliesPairs(_ parameter: ParameterID) -> Bool { isTraining && weights(of: parameter) == .bf16 }

  /// A call that reads rows of a table, whatever its weights are stored as.
  mutating func lookUp(
    _ table: ParameterID, rows: String, ids: String, to y: String, stride: String
  ) -> (function: String, arguments: [String]) {
    let columns = "\(graph[table].columns)"
    let type = graph[table].isPrunable ? .f32 : weights(of: table)
    guard type != .f32 else {
      return (kernel(.gatherRows), [rows, columns, raw(table), columns, ids, y, stride])
    }
    resources.use(table: table)
    let pointer = "r->raw[\(parameterOffset(table))]"
    let scales =
      type == .int8 ? "scales_behind(\(pointer), \(PackageLayout.rounded(graph[table].count)))" : "NULL"
    return (kernel(.lookUp(type)), [rows, columns, pointer, scales, ids, y, stride])
  }

  private func block(of piece: PackedPiece) -> String {
    if isTraining { return "r->packed" }
    guard program.storage == .byGroup else { return "r->stored" }
    return piece.isPrunable(in: graph) ? "r->own" : "r->shared"
  }
  static func pieceName(_ piece: PackedPiece, in program: Program) -> String {
    let first = piece.columns.first?.lowerBound ?? 0
    let part = first > 0 ? "_from_\(first)" : ""
    let form = piece.sparse.map { $0.prefix + "_" } ?? ""
    return "\(form)\(piece.form.rawValue)_\(program.parameterNames[piece.parameters[0].index])\(part)"
  }

  /// The parameter's number in the parameter table.
  func number(_ id: ParameterID) -> String { "parameter_\(program.parameterNames[id.index])" }
  /// The parameter's name in C.
  func identifier(of id: ParameterID) -> String { program.parameterNames[id.index] }
  /// A parameter as it is, whatever the mask of the pass; in training only.
  func unmasked(_ id: ParameterID) -> String { "r->parameters + \(parameterOffset(id))" }
  /// Updates of a parameter so far.
  func clock(of id: ParameterID) -> String { "r->trainer->clocks[\(number(id))]" }
  /// The number of a penalty in the table of those that have been added to a slot.
  mutating func penalty() -> String { "\(resources.usePenalty(of: node.id))" }
  /// Gradient of a parameter to be added to; zeroed first if this is the first contribution.
  func gradientToAddTo(_ id: ParameterID) -> String { "gradient_to_add_to(r, \(number(id)))" }

  // MARK: Functions, constants and random sites

  /// The C name of the node's function.
  var functionName: String { program.nodeNames[node.id] ?? CIdentifier.mangle(node.name) }

  /// A function of this node alone that is written before it.
  mutating func define(helper name: String, _ text: String) {
    resources.define(SharedFunction(name: name, source: .text(text)))
  }

  /// A function from a template that nodes with equal values share; its calls of kernels must have been asked for.
  mutating func define(template: String, name: String, _ values: [String: String]) {
    resources.define(SharedFunction(name: name, source: .template(template, values)))
  }

  /// Declares an array of pointers, one a direction.
  func table(_ name: String, type: String = "float", _ pointers: [String]) -> String {
    let list = pointers.joined(separator: ", ")
    let head = "const \(type) *const \(name)[\(pointers.count)] = {"
    if head.count + list.count + 10 <= 110 { return head + list + "};" }
    let indentation = String(repeating: " ", count: head.count)
    return head + pointers.joined(separator: ",\n\(indentation)") + "};"
  }

  /// A constant table of bytes.
  mutating func constant(_ name: String, _ values: [Int]) -> String {
    constant(name, type: "uint8_t", values.map(String.init))
  }

  /// A constant table of numbers as C writes them.
  mutating func constant(_ name: String, type: String, _ values: [String]) -> String {
    var c = CWriter()
    c.list("static const \(type) \(name)[\(values.count)] = {", values, closing: "};")
    resources.define(constant: name, declaration: c.text)
    return name
  }

  /// The number of a random site.
  mutating func site(_ site: RandomSite, rows: IndexSet, columns: Int) -> String {
    resources.use(site: site, rows: rows, columns: columns)
    return "site_\(CIdentifier.mangle(site.name))"
  }

  // MARK: Result

  /// What has been written so far.
  var bodyText: String { body.text }

  /// The function, with a comment that says what it computes.
  func function() -> String {
    var c = CWriter()
    c.comment(headline)
    let parameter = takesGroups ? "const struct groups *g" : "const struct run *r"
    c.block("static void \(program.nodeNames[node.id] ?? node.name)(\(parameter))") { c in
      for set in IndexSet.all where counts.contains(set) {
        c.line("const int32_t \(set.name)s = r->batch->extent.\(set.name)s;")
      }
      for text in body.text.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
        c.line(String(text))
      }
    }
    return c.text
  }

  private var headline: String {
    let kind = type(of: node.operation).kind
    let inputs = node.inputs.map { "\(graph[$0].name) \(graph[$0].type)" }.joined(separator: ", ")
    let outputs = node.outputs.compactMap { $0 }.map { "\(graph[$0].name) \(graph[$0].type)" }
    let parameters =
      node.parameters.isEmpty
      ? "" : "; reads " + node.parameters.map { graph[$0].name }.joined(separator: ", ")
    let targets =
      node.accumulates.isEmpty
      ? "" : "; gradient of " + node.accumulates.map { graph[$0].name }.joined(separator: ", ")
    let arrow = outputs.isEmpty ? "" : " -> " + outputs.joined(separator: ", ")
    return "\(kind): \(inputs)\(arrow)\(parameters)\(targets)".replacing("×", with: "x")
  }
}

extension Program {
  static func scratchName(of node: Node, _ position: Int, in program: Program) -> String {
    "scratch_\(program.nodeNames[node.id] ?? "")_\(position)"
  }
}
