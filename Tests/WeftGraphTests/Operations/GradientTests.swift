import Testing
import WeftCorpus
import WeftGraph
import WeftSpec

/// Every operation's gradient against finite differences of its reference, for all inputs and parameters.
struct GradientTests {
  /// Batches: one token, one sentence, several of odd lengths, forms of one scalar.
  static let shapes: [RandomBatch] = [
    RandomBatch(lengths: [1], formLengths: [1]),
    RandomBatch(lengths: [5], formLengths: [3]),
    RandomBatch(lengths: [1, 4, 2], formLengths: [1, 5, 1, 2]),
  ]

  static func batch(_ shape: RandomBatch, labels: Int, unlabelled: Double = 0) -> PackedBatch {
    var shape = shape
    shape.labels = ["t": labels]
    shape.unlabelled = unlabelled
    return shape.pack()
  }

  private func check(
    _ graph: Graph, _ shape: RandomBatch, labels: Int, unlabelled: Double = 0, random: RandomKeys = .off,
    sourceLocation: Testing.SourceLocation = #_sourceLocation
  ) throws {
    try expectGradientsMatchDifferences(
      graph, Self.batch(shape, labels: labels, unlabelled: unlabelled), seeds: ["t": 1.7], random: random,
      sourceLocation: sourceLocation)
  }

  @Test(arguments: shapes) func embed(shape: RandomBatch) throws {
    var harness = try OperationHarness()
    let value = try harness.source("x", .token, columns: 3)
    try check(try harness.closed(value), shape, labels: 3)
  }

  @Test(arguments: shapes) func gatherAndCharacterConvolution(shape: RandomBatch) throws {
    for (width, relu, filters) in [(3, true, 3), (1, false, 1), (5, true, 4)] {
      var harness = try OperationHarness()
      let x = try harness.source("x", .scalar, columns: 2)
      let weight = try harness.parameter("weight", [filters, 2, width])
      let bias = try harness.parameter("bias", [filters])
      let y = try harness.graph.add(
        CharConv(width: width, relu: relu), named: "y", inputs: [x], parameters: [weight, bias])[0]
      try check(try harness.closed(y), shape, labels: filters)
    }
  }

  @Test(arguments: shapes) func lstmOfPositions(shape: RandomBatch) throws {
    for (hidden, columns) in [(1, 1), (3, 2)] {
      var harness = try OperationHarness()
      let x = try harness.source("x", .token, columns: columns)
      let parameters = try Self.lstmParameters(&harness, hidden: hidden, columns: columns)
      let y = try harness.graph.add(Lstm(hidden: hidden), named: "y", inputs: [x], parameters: parameters)[0]
      try check(try harness.closed(y), shape, labels: 2 * hidden)
    }
  }

  @Test(arguments: shapes) func lstmOfFinalStates(shape: RandomBatch) throws {
    var harness = try OperationHarness()
    let x = try harness.source("x", .scalar, columns: 2)
    let parameters = try Self.lstmParameters(&harness, hidden: 3, columns: 2)
    let y = try harness.graph.add(
      Lstm(hidden: 3, output: .final), named: "y", inputs: [x], parameters: parameters)[0]
    try check(try harness.closed(y), shape, labels: 6)
  }

  @Test func lstmOfOneDirection() throws {
    var harness = try OperationHarness()
    let x = try harness.source("x", .token, columns: 2)
    let parameters = Array(try Self.lstmParameters(&harness, hidden: 3, columns: 2).prefix(4))
    let y = try harness.graph.add(
      Lstm(hidden: 3, isBidirectional: false), named: "y", inputs: [x], parameters: parameters)[0]
    // The reverse direction's parameters are in the graph, but no task reaches them.
    try check(try harness.closed(y), Self.shapes[2], labels: 3)
  }

  private static func lstmParameters(
    _ harness: inout OperationHarness, hidden: Int, columns: Int
  ) throws -> [ParameterID] {
    var parameters: [ParameterID] = []
    for direction in ["forward", "reverse"] {
      parameters.append(try harness.parameter("\(direction).weight_ih", [4 * hidden, columns]))
      parameters.append(try harness.parameter("\(direction).weight_hh", [4 * hidden, hidden]))
      parameters.append(try harness.parameter("\(direction).bias_ih", [4 * hidden]))
      parameters.append(try harness.parameter("\(direction).bias_hh", [4 * hidden]))
    }
    return parameters
  }

  @Test(arguments: shapes) func linearAndConcat(shape: RandomBatch) throws {
    for hasBias in [true, false] {
      var harness = try OperationHarness()
      let parts = [
        try harness.source("a", .token, columns: 1), try harness.source("b", .token, columns: 3),
        try harness.source("frozen", .token, columns: 2, isTrainable: false),
      ]
      let x = try harness.graph.add(Concat(), named: "x", inputs: parts)[0]
      var parameters = [try harness.parameter("weight", [5, 6])]
      if hasBias { parameters.append(try harness.parameter("bias", [5])) }
      let y = try harness.graph.add(
        Linear(hasBias: hasBias), named: "y", inputs: [x], parameters: parameters)[0]
      try check(try harness.closed(y), shape, labels: 5)
    }
  }

  @Test(arguments: Activation.allCases) func activation(_ activation: Activation) throws {
    var harness = try OperationHarness()
    let x = try harness.source("x", .token, columns: 3)
    let y = try harness.graph.add(Activate(activation), named: "y", inputs: [x])[0]
    for shape in Self.shapes { try check(try harness.closed(y), shape, labels: 3) }
  }

  @Test(arguments: [false, true]) func dropoutNoiseAndWordDropout(variational: Bool) throws {
    var harness = try OperationHarness()
    let ids = try harness.graph.add(
      WordDropout(site: "dropout.words", probability: 0.4), named: "word.dropped",
      inputs: [try harness.input("word")])[0]
    let table = try harness.parameter("table", [7, 3])
    let x = try harness.graph.add(Embed(), named: "x", inputs: [ids], parameters: [table])[0]
    let noisy = try harness.graph.add(Noise(site: "noise", deviation: 0.3), named: "noisy", inputs: [x])[0]
    let y = try harness.graph.add(
      Dropout(site: "dropout", probability: 0.4, variational: variational), named: "y", inputs: [noisy])[0]
    let z = try harness.graph.add(Copy(), named: "z", inputs: [y])[0]
    for shape in Self.shapes {
      try check(try harness.closed(z), shape, labels: 3, random: RandomKeys(seed: 3, task: 1, step: 8))
    }
  }

  @Test(arguments: [0, 0.1, 0.6], [0, 0.5]) func crossEntropy(smoothing: Double, unlabelled: Double) throws {
    var harness = try OperationHarness()
    let x = try harness.source("x", .token, columns: 4)
    for shape in Self.shapes {
      try check(try harness.closed(x, smoothing: smoothing), shape, labels: 4, unlabelled: unlabelled)
    }
  }

  @Test(arguments: [1, 3], [0, 0.5]) func crf(labels: Int, unlabelled: Double) throws {
    for hasStartEnd in [true, false] {
      for constraints in [nil, CRFFixture.constraints(labels)] {
        var harness = try OperationHarness()
        let x = try harness.source("x", .token, columns: labels)
        var parameters = [try harness.parameter("transitions", [labels, labels])]
        for name in hasStartEnd ? ["start", "end"] : [] {
          parameters.append(try harness.parameter(name, [labels]))
        }
        let crf = Crf(hasStartEnd: hasStartEnd, constraints: constraints)
        let graph = try harness.closedByCRF(x, crf, parameters)
        for shape in Self.shapes {
          var batch = Self.batch(shape, labels: labels, unlabelled: unlabelled)
          if constraints != nil { batch = CRFFixture.legal(batch, labels: labels) }
          try expectGradientsMatchDifferences(graph, batch, seeds: ["t": 0.6])
        }
      }
    }
  }

  @Test func anEmptyBatchHasNoLossAndNoGradient() throws {
    var harness = try OperationHarness()
    let x = try harness.source("x", .token, columns: 2)
    let parameters = try Self.lstmParameters(&harness, hidden: 2, columns: 2)
    let y = try harness.graph.add(Lstm(hidden: 2), named: "y", inputs: [x], parameters: parameters)[0]
    let transitions = try harness.parameter("transitions", [4, 4])
    let crf = Crf(hasStartEnd: false)
    for graph in [try harness.closed(y), try harness.closedByCRF(y, crf, [transitions])] {
      for shape in [RandomBatch(lengths: [], formLengths: []), RandomBatch(lengths: [0, 0])] {
        let run = try ReferenceInterpreter(try graph.differentiated(), parameters: graph.randomParameters())
          .train(Self.batch(shape, labels: 4), seeds: ["t": 1])
        #expect(run.losses == ["t": 0])
        #expect(run.gradients.values.allSatisfy { $0.elements.allSatisfy { $0 == 0 } })
      }
    }
  }

  @Test func aSentenceWithoutTokensLeavesTheOthersAlone() throws {
    var harness = try OperationHarness()
    let x = try harness.source("x", .token, columns: 2)
    let parameters = try Self.lstmParameters(&harness, hidden: 2, columns: 2)
    let y = try harness.graph.add(Lstm(hidden: 2), named: "y", inputs: [x], parameters: parameters)[0]
    let graph = try harness.closed(y).differentiated()
    let interpreter = ReferenceInterpreter(graph, parameters: graph.randomParameters())
    let with = try interpreter.train(
      Self.batch(RandomBatch(lengths: [3, 2, 0]), labels: 4), seeds: ["t": 1])
    let without = try interpreter.train(
      Self.batch(RandomBatch(lengths: [3, 2]), labels: 4), seeds: ["t": 1])
    #expect(with.losses == without.losses)
    #expect(with.gradients == without.gradients)
  }
}
