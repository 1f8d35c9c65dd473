import WeftSpec

/// Builds the forward graph of a spec.
///
/// The order is: inputs, base network(s) as the sharing mechanism says, then each task's head, loss and decoding. The
/// parts are in extensions: `TokenFeatures`, `Encoder`, `Heads`, and a file for each sharing mechanism.
struct NetworkBuilder {
  let spec: Spec
  let sizes: NetworkSizes
  var graph = Graph()
  /// Inputs by name.
  var inputs: [String: ValueID] = [:]

  init(spec: Spec, sizes: NetworkSizes) throws(GraphError) {
    self.spec = spec
    self.sizes = sizes
    try checkSpec()
    try declareInputs()
  }

  var network: NetworkSpec { spec.network }

  private func checkSpec() throws(GraphError) {
    guard !spec.tasks.isEmpty else { throw GraphError("a network needs at least one task", at: "tasks") }
    guard spec.tasks.count <= Reach.maximumTasks else {
      throw GraphError(
        "a network can have at most \(Reach.maximumTasks) tasks, this one has \(spec.tasks.count)",
        at: "tasks")
    }
    guard network.words != nil || network.chars != nil || !network.features.isEmpty else {
      throw GraphError("needs words, chars or a feature to read", at: "network")
    }
    let dropout = network.dropout
    for (name, probability) in [
      ("dropout.input", dropout.input), ("dropout.layers", dropout.layers),
      ("dropout.output", dropout.output),
      ("words.unk-dropout", network.words?.unkDropout ?? 0),
    ] where !(0..<1).contains(probability) {
      throw GraphError("a dropout probability must lie in 0 ..< 1, is \(probability)", at: "network.\(name)")
    }
    guard network.noise >= 0, network.noise.isFinite else {
      throw GraphError(
        "the standard deviation of noise must be 0 or more, is \(network.noise)", at: "network.noise")
    }
  }

  private mutating func declareInputs() throws(GraphError) {
    if network.words != nil { try declareInput("word", .token) }
    if network.chars != nil {
      try declareInput("form", .token)
      try declareInput("character", .scalar)
    }
    for feature in network.features { try declareInput("feature.\(feature.name)", .token) }
    for task in spec.tasks { try declareInput("label.\(task.name)", .token) }
    for task in spec.tasks {
      let name = "seed.\(task.name)"
      inputs[name] = try graph.addInput(name, ValueType(.one, 1))
    }
  }

  private mutating func declareInput(_ name: String, _ rows: IndexSet) throws(GraphError) {
    inputs[name] = try graph.addInput(name, ValueType(rows, 1, .index))
  }

  func input(_ name: String) throws(GraphError) -> ValueID {
    guard let id = inputs[name] else { throw GraphError("the network has no such input", at: name) }
    return id
  }

  /// Adds dropout unless its probability is 0.
  mutating func addDropout(
    _ value: ValueID, probability: Double, named name: String, site: String
  ) throws(GraphError) -> ValueID {
    guard probability > 0 else { return value }
    let dropout = Dropout(site: site, probability: probability, variational: network.dropout.variational)
    return try graph.add(dropout, named: name, inputs: [value], outputNames: [name, "\(name).mask"])[0]
  }

  /// The size of something that must be positive.
  static func positive(_ size: Int, _ role: String, at subject: String) throws(GraphError) -> Int {
    guard size > 0 else { throw GraphError("\(role) must be positive, is \(size)", at: subject) }
    return size
  }
}

extension Graph {
  /// The forward graph of a spec: every task's loss, prediction and probabilities, before `differentiated()`.
  ///
  /// - Throws: `GraphError` with the spec's key (`network.chars.width`), the task or the parameter at fault.
  public init(spec: Spec, sizes: NetworkSizes) throws(GraphError) {
    var builder = try NetworkBuilder(spec: spec, sizes: sizes)
    let read =
      switch spec.sharing.kind {
      case .single: try builder.addSingleTaskNetworks()
      case .hard, .sparse: try builder.addHardSharing()
      case .soft: try builder.addSoftSharing()
      }
    for (task, value) in zip(spec.tasks, read) { try builder.addHead(task, reading: value) }
    builder.graph.setPrunable(try builder.prunableParameters())
    self = builder.graph
    try GraphVerifier.checkInDebug(self)
  }
}
