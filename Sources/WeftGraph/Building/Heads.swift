import WeftSpec

extension NetworkBuilder {
  /// Adds a task's head: hidden layers, label scores, loss and decoding.
  mutating func addHead(_ task: TaskSpec, reading input: ValueID) throws(GraphError) {
    guard let labels = sizes.labels[task.name] else {
      throw GraphError("the labels of this task are missing", at: "tasks.\(task.name)")
    }
    let count = try Self.positive(labels.count, "the number of labels", at: "tasks.\(task.name)")
    let name = "heads.\(task.name)"
    let hidden = try addHiddenLayers(task, reading: input)
    let scores = try addLinear(
      name, parameters: name, reading: hidden, columns: count, output: "scores.\(task.name)")
    let decoder =
      switch task.decoder {
      case .softmax: try addSoftmaxDecoder(task, scores: scores)
      case .crf: try addCRFDecoder(task, scores: scores, labels: labels)
      }
    graph.tasks.append(
      Graph.TaskOutputs(
        name: task.name, scores: scores, loss: decoder.loss, prediction: decoder.prediction,
        probabilities: decoder.probabilities, seed: try self.input("seed.\(task.name)"),
        decoderParameters: decoder.parameters, labelCount: count))
  }

  private mutating func addHiddenLayers(
    _ task: TaskSpec, reading input: ValueID
  ) throws(GraphError) -> ValueID {
    var value = input
    for (k, size) in task.head.hidden.enumerated() {
      let name = "heads.\(task.name).mlp.\(k)"
      let size = try Self.positive(size, "a hidden layer's size", at: "tasks.\(task.name).head.hidden")
      value = try addLinear(
        "\(name).linear", parameters: name, reading: value, columns: size, output: "\(name).linear")
      value = try graph.add(Activate(task.head.activation), named: name, inputs: [value])[0]
    }
    return value
  }

  private mutating func addLinear(
    _ name: String, parameters prefix: String, reading input: ValueID, columns: Int, output: String
  ) throws(GraphError) -> ValueID {
    let fanIn = graph[input].type.columns
    let weight = try graph.addParameter(
      "\(prefix).weight", shape: [columns, fanIn], initializer: .xavier(fanIn: fanIn, fanOut: columns),
      group: .head)
    let bias = try graph.addParameter("\(prefix).bias", shape: [columns], initializer: .zero, group: .head)
    return try graph.add(
      Linear(), named: name, inputs: [input], parameters: [weight, bias], outputNames: [output])[0]
  }

  private typealias Decoder = (
    loss: ValueID, prediction: ValueID, probabilities: ValueID, parameters: [ParameterID]
  )

  private mutating func addSoftmaxDecoder(_ task: TaskSpec, scores: ValueID) throws(GraphError) -> Decoder {
    let labels = try input("label.\(task.name)")
    let loss = CrossEntropy(smoothing: task.labelSmoothing)
    return (
      try graph.add(loss, named: "loss.\(task.name)", inputs: [scores, labels])[0],
      try graph.add(Argmax(), named: "prediction.\(task.name)", inputs: [scores])[0],
      try graph.add(Softmax(), named: "probabilities.\(task.name)", inputs: [scores])[0], []
    )
  }

  private mutating func addCRFDecoder(
    _ task: TaskSpec, scores: ValueID, labels: LabelShape
  ) throws(GraphError) -> Decoder {
    guard task.labelSmoothing == 0 else {
      throw GraphError("a CRF has no label smoothing", at: "tasks.\(task.name).label-smoothing")
    }
    let (name, count) = ("heads.\(task.name)", labels.count)
    let (startEnd, constraints) = (task.crf.startEnd, task.crf.constrained ? labels.constraints : nil)
    var parameters = [
      try graph.addParameter(
        "\(name).transitions", shape: [count, count], initializer: .zero, group: .head)
    ]
    for role in startEnd ? ["start", "end"] : [] {
      parameters.append(
        try graph.addParameter("\(name).\(role)", shape: [count], initializer: .zero, group: .head))
    }
    let gold = try input("label.\(task.name)")
    return (
      try graph.add(
        Crf(hasStartEnd: startEnd, constraints: constraints), named: "loss.\(task.name)",
        inputs: [scores, gold], parameters: parameters)[0],
      try graph.add(
        Viterbi(hasStartEnd: startEnd, constraints: constraints), named: "prediction.\(task.name)",
        inputs: [scores], parameters: parameters)[0],
      try graph.add(
        CrfMarginals(hasStartEnd: startEnd, constraints: constraints), named: "probabilities.\(task.name)",
        inputs: [scores], parameters: parameters)[0],
      parameters
    )
  }
}
