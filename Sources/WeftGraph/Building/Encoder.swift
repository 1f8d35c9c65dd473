import WeftSpec

extension NetworkBuilder {
  /// The layers that a stack gives its readers: the token features below it, and each layer's output.
  struct Stack {
    var features: ValueID
    var layers: [ValueID]
    /// What is on top; the token features of an empty stack.
    var top: ValueID { layers.last ?? features }
  }

  /// Adds token features and the layers of the encoder below `depth`.
  mutating func addStack(prefix: String, depth: Int) throws(GraphError) -> Stack {
    var stack = Stack(features: try addTokenFeatures(prefix: prefix), layers: [])
    for k in 0..<depth { stack.layers.append(try addLayer(k, prefix: prefix, reading: stack.top)) }
    return stack
  }

  /// Adds layer k of the encoder, with the dropout between it and the layer below.
  mutating func addLayer(_ k: Int, prefix: String, reading input: ValueID) throws(GraphError) -> ValueID {
    try addLayer(k, prefix: prefix, readingDropped: addInput(ofLayer: k, prefix: prefix, reading: input))
  }

  /// Adds the dropout between layer k of the encoder and the layer below.
  mutating func addInput(ofLayer k: Int, prefix: String, reading input: ValueID) throws(GraphError) -> ValueID
  {
    guard k > 0 else { return input }
    return try addDropout(
      input, probability: network.dropout.layers, named: prefix + "encoder.\(k - 1).dropped",
      site: prefix + "dropout.encoder.\(k - 1)")
  }

  /// Adds layer k of the encoder alone.
  mutating func addLayer(
    _ k: Int, prefix: String, readingDropped value: ValueID
  ) throws(GraphError) -> ValueID {
    let layer = network.encoder[k]
    let hidden = try Self.positive(layer.hidden, "the hidden size", at: "network.encoder.\(k).hidden")
    switch layer.kind {
    case .bilstm:
      let name = prefix + "encoder.\(k)"
      return try addLSTM(name, parameters: name, reading: value, hidden: hidden, output: .positions)
    }
  }

  /// Adds a bidirectional LSTM with the parameters of a one-layer `torch.nn.LSTM`.
  mutating func addLSTM(
    _ name: String, parameters prefix: String, reading input: ValueID, hidden: Int, output: Lstm.Output
  ) throws(GraphError) -> ValueID {
    let columns = graph[input].type.columns
    var parameters: [ParameterID] = []
    for direction in ["", "_reverse"] {
      for (role, fanIn) in [("weight_ih_l0", columns), ("weight_hh_l0", hidden)] {
        parameters.append(
          try graph.addParameter(
            "\(prefix).\(role)\(direction)", shape: [4 * hidden, fanIn],
            initializer: .xavier(fanIn: fanIn, fanOut: 4 * hidden), group: .recurrent))
      }
      for role in ["bias_ih_l0", "bias_hh_l0"] {
        parameters.append(
          try graph.addParameter(
            "\(prefix).\(role)\(direction)", shape: [4 * hidden], initializer: .forgetGateOne,
            group: .recurrent))
      }
    }
    return try graph.add(
      Lstm(hidden: hidden, output: output), named: name, inputs: [input], parameters: parameters,
      outputNames: [name, "\(name).gates", "\(name).cells", "\(name).states"])[0]
  }

  /// The layer that a task's head reads, nil for the token features under an empty encoder.
  func layer(of task: TaskSpec) throws(GraphError) -> Int? {
    let layers = network.encoder.count
    guard let layer = task.head.layer else { return layers == 0 ? nil : layers - 1 }
    guard (0..<layers).contains(layer) else {
      throw GraphError(
        layers == 0
          ? "the head cannot read layer \(layer): the encoder has none"
          : "the head cannot read layer \(layer): the encoder's layers are 0 to \(layers - 1)",
        at: "tasks.\(task.name).head.layer")
    }
    return layer
  }

  /// The layers that the tasks' heads read, in the order of the tasks.
  ///
  /// - Throws: if no task needs the top layer.
  func layersRead() throws(GraphError) -> [Int?] {
    var layers: [Int?] = []
    for task in spec.tasks { layers.append(try layer(of: task)) }
    let depth = layers.compactMap { $0 }.max().map { $0 + 1 } ?? 0
    guard depth == network.encoder.count else {
      throw GraphError("no task's head reads this layer or one above it", at: "network.encoder.\(depth)")
    }
    return layers
  }

  /// What the head of a task reads: its layer or, as the spec says, all layers up to it together; then dropout.
  ///
  /// - Parameters:
  ///   - layer: nil for the token features.
  ///   - prefix: of the stack; without one a value that is of this task alone is called after it.
  mutating func addOutput(
    of stack: Stack, layer: Int?, for task: TaskSpec, prefix: String
  ) throws(GraphError) -> ValueID {
    guard let layer, task.head.layers != .top else {
      return try addOutput(of: stack, layer: layer, prefix: prefix)
    }
    let read = Array(stack.layers[...layer])
    let name = "heads.\(task.name)"
    let joined: ValueID
    switch task.head.layers {
    case .top: joined = stack.layers[layer]
    case .concatenation: joined = try graph.add(Concat(), named: "\(name).layers", inputs: read)[0]
    case .mixture, .sum:
      let isMixture = task.head.layers == .mixture
      let start =
        isMixture ? MixStart.beta(task.head.beta, layers: read.count) : read.map { _ in 1 }
      let beta = try graph.addParameter(
        "\(name).beta", shape: [1, read.count], initializer: .values(start), group: .mixing,
        isTrainable: isMixture && task.head.beta.learned)
      // Layers that a constant zero keeps out are not read; of a task that reads nothing, the top is, times zero.
      let isConstant = !graph[beta].isTrainable
      let sources = read.indices.filter {
        !isConstant || start[$0] != 0 || $0 == layer && start.allSatisfy { $0 == 0 }
      }
      joined = try graph.add(
        Mix(row: 0, sources: sources), named: "\(name).layers", inputs: sources.map { read[$0] },
        parameters: [beta])[0]
    }
    let suffix = prefix.isEmpty ? ".\(task.name)" : ""
    return try addDropout(
      joined, probability: network.dropout.output, named: prefix + "output" + suffix,
      site: prefix + "dropout.output" + suffix)
  }

  /// Dropout between a layer and the heads that read it; the heads of one layer share it.
  ///
  /// - Parameter layer: nil for the token features.
  mutating func addOutput(of stack: Stack, layer: Int?, prefix: String) throws(GraphError) -> ValueID {
    let top = network.encoder.count - 1
    let suffix = layer.map { $0 == top ? "" : ".\($0)" } ?? ""
    return try addDropout(
      layer.map { stack.layers[$0] } ?? stack.features, probability: network.dropout.output,
      named: prefix + "output" + suffix, site: prefix + "dropout.output" + suffix)
  }
}
