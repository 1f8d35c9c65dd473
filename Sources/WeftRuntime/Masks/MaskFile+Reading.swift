import Foundation

extension MaskFile {
  /// Reads a mask by itself, its parameters in order of their names.
  ///
  /// - Throws: `.fileAccess`; `.invalidFile` if it is damaged, no mask, or not what it says of itself.
  public init(contentsOf url: URL) throws(RuntimeError) {
    let file = try Safetensors.File(contentsOf: url)
    let fields = try MaskFields(file)
    let layout = try fields.layout()
    let mask = try Mask(file, layout, prefix: "")
    let reached = try fields.reached(layout)
    self.init(
      mask: mask, task: try fields.text("weft.task"), architectureHash: try fields.text("weft.architecture"),
      granularity: try fields.text("weft.granularity"), reached: reached, provenance: try fields.provenance(),
      devScore: try fields.number("weft.dev-score"))
    try fields.check(density: density, of: reachedCount)
  }

  /// Reads a mask for use in a network, its parameters in the network's order.
  ///
  /// - Throws: besides the above, `.checkpointMismatch` if its parameters or their shapes are not the network's, and
  ///   `.invalidFile` if it keeps nothing.
  public init(contentsOf url: URL, layout: MaskLayout) throws(RuntimeError) {
    try self.init(contentsOf: url)
    let problems = mask.layout.differences(from: layout, own: "in the file", its: "in the network")
    guard problems.isEmpty else {
      throw RuntimeError(
        .checkpointMismatch,
        "\(url.path) is a mask of another network: \(MaskLayout.sentence(problems))")
    }
    mask = try mask.laidOut(as: layout)
    guard reachedCount == 0 || keptCount > 0 else {
      throw RuntimeError(
        .invalidFile,
        "\(url.path) has density 0: it keeps none of the \(reachedCount) weights that task \(task) reaches.")
    }
  }

  /// Checks that this is the mask of a task in a network.
  ///
  /// - Throws: `.checkpointMismatch`, saying what differs.
  public func check(architecture: String, task: String, file: String) throws(RuntimeError) {
    guard self.task == task else {
      throw RuntimeError(
        .checkpointMismatch, "\(file) is the mask of task \(self.task), not of task \(task).")
    }
    guard architectureHash == architecture else {
      throw RuntimeError(
        .checkpointMismatch,
        "\(file) is a mask of a network with the architecture \(architectureHash) (made for the spec "
          + "`\(provenance.spec)`); this one's is \(architecture). Make a mask of this network, or export the 0/1 "
          + "tensors and bring them in with `weft masks import`.")
    }
  }
}

/// What the metadata of a mask file say, checked.
private struct MaskFields {
  let file: Safetensors.File

  init(_ file: Safetensors.File) throws(RuntimeError) {
    self.file = file
    guard file.metadata["weft.kind"] == MaskFile.kind else {
      let found = file.metadata["weft.format"].map { " (its format is `\($0)`)" } ?? ""
      throw RuntimeError(
        .invalidFile,
        "\(file.url.path) is not a mask of Weft\(found). 0/1 tensors made elsewhere are brought in with "
          + "`weft masks import`.")
    }
    let format = try text("weft.format")
    guard format == MaskFile.format else {
      throw RuntimeError(
        .invalidFile, "\(file.url.path) has the format `\(format)`; `\(MaskFile.format)` is expected here.")
    }
  }

  private func fail(_ problem: String) -> RuntimeError {
    RuntimeError(.invalidFile, "\(file.url.path) is not a valid mask: \(problem).")
  }

  func text(_ key: String) throws(RuntimeError) -> String {
    guard let value = file.metadata[key] else { throw fail("its metadata lack `\(key)`") }
    return value
  }

  /// - Returns: nil if there is no such field.
  func number(_ key: String) throws(RuntimeError) -> Double? {
    guard let text = file.metadata[key] else { return nil }
    guard let value = Double(text), value.isFinite else {
      throw fail("its `\(key)` is `\(text)`, which is no number")
    }
    return value
  }

  private func json<Value: Decodable>(_ key: String, _ type: Value.Type, _ form: String) throws(RuntimeError)
    -> Value
  {
    let text = try text(key)
    do {
      return try JSONDecoder().decode(type, from: Data(text.utf8))
    } catch {
      throw fail("its `\(key)` is not JSON of the form \(form)")
    }
  }

  /// The parameters that the file says it covers; exactly these have tensors.
  func layout() throws(RuntimeError) -> MaskLayout {
    let shapes = try json("weft.shapes", [String: [Int]].self, #"{"parameter": [rows, columns]}"#)
    let missing = shapes.keys.filter { file.tensors[$0] == nil }.sorted()
    let extra = file.names.filter { shapes[$0] == nil }
    guard missing.isEmpty, extra.isEmpty else {
      let problems =
        missing.map { "the tensor `\($0)` is missing" }
        + extra.map { "the tensor `\($0)` is not among `weft.shapes`" }
      throw fail(String(MaskLayout.sentence(problems).dropLast()))
    }
    let ordered = shapes.sorted { $0.key < $1.key }
    for (name, shape) in ordered { try PackedBits.check(file, name, shape: shape) }
    return MaskLayout(ordered.map { (name: $0.key, shape: $0.value) })
  }

  /// All parameters if the file does not say.
  func reached(_ layout: MaskLayout) throws(RuntimeError) -> Set<String> {
    guard file.metadata["weft.reached"] != nil else { return layout.names }
    let names = Set(try json("weft.reached", [String].self, #"["parameter"]"#))
    if let unknown = names.subtracting(layout.names).sorted().first {
      throw fail("`weft.reached` names \(unknown), which is not among `weft.shapes`")
    }
    return names
  }

  func provenance() throws(RuntimeError) -> MaskProvenance {
    try json("weft.provenance", MaskProvenance.self, #"{"spec": "…", "madeBy": "…"}"#)
  }

  /// Does the file say what its bits say? Half a weight or 10⁻⁶ of rounding are allowed.
  ///
  /// - Parameter count: weights that the density is taken over.
  func check(density: Double, of count: Int) throws(RuntimeError) {
    guard let stated = try number("weft.density") else { throw fail("its metadata lack `weft.density`") }
    guard stated >= 0, stated <= 1 else {
      throw fail("its density is given as \(stated), which is not in (0, 1]")
    }
    guard abs(stated - density) <= max(0.5 / Double(max(count, 1)), 1e-6) else {
      throw fail(
        "its density is given as \(stated), and its bits have \(density) of the \(count) weights that the task "
          + "reaches")
    }
  }
}
