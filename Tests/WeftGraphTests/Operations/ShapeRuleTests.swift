import Testing
import WeftGraph
import WeftSpec

/// What shape rules refuse, with the message that names the node.
struct ShapeRuleTests {
  private var graph = Graph()
  private let x: ValueID
  private let forms: ValueID
  private let ids: ValueID
  private let loss: ValueID

  init() throws {
    x = try graph.addInput("x", ValueType(.token, 3))
    forms = try graph.addInput("forms", ValueType(.form, 3))
    ids = try graph.addInput("ids", ValueType(.token, 1, .index))
    loss = try graph.addInput("loss", ValueType(.one, 1))
  }

  private func expect(
    _ operation: any Operation, _ inputs: [ValueID], _ shapes: [[Int]] = [], _ message: String,
    sourceLocation: Testing.SourceLocation = #_sourceLocation
  ) throws {
    var graph = graph
    let parameters = try shapes.enumerated().map {
      try graph.addParameter("p\($0.offset)", shape: $0.element, initializer: .zero, group: .head)
    }
    let error = #expect(throws: GraphError.self, sourceLocation: sourceLocation) {
      try graph.add(operation, named: "node", inputs: inputs, parameters: parameters)
    }
    #expect(
      error == GraphError("\(type(of: operation).kind): \(message)", at: "node"),
      sourceLocation: sourceLocation)
  }

  @Test func lookUps() throws {
    try expect(Embed(), [x], [[4, 2]], "ids must be [token × 1] index, is [token × 3]")
    try expect(Embed(), [ids], [[4]], "the table (p0) must be a matrix")
    try expect(Embed(), [ids], [], "needs 1 parameters, has 0")
    try expect(Gather(), [forms, x], [], "the index must be [token × 1] index, is [token × 3]")
    try expect(Gather(), [ids, ids], [], "the source must hold floats, is [token × 1] index")
    try expect(
      GatherGradient(rows: .form), [x, x], [], "the index must be [token × 1] index, is [token × 3]")
    try expect(EmbedGradient(), [ids, forms], [], "ids must be [form × 1] index, is [token × 1] index")
  }

  @Test func columns() throws {
    try expect(Concat(), [], [], "needs 1 inputs, has 0")
    try expect(Concat(), [x, forms], [], "input 1 must be [token × 3], is [form × 3]")
    try expect(Slice(offset: 2, columns: 2), [x], [], "columns 2 ..< 4 do not lie in [token × 3]")
  }

  @Test func randomness() throws {
    try expect(
      Dropout(site: "s", probability: 1), [x], [],
      "s: dropout 1.0 is not dropout with a probability in 0 ..< 1")
    try expect(
      Dropout(site: "s", probability: 0.5), [forms], [], "the input must be [token × 3], is [form × 3]")
    try expect(WordDropout(site: "s", probability: -1), [ids], [], "probability -1.0 is not in 0 ..< 1")
    try expect(
      WordDropout(site: "s", probability: 0.5), [x], [], "ids must be [token × 1] index, is [token × 3]")
    try expect(
      Noise(site: "s", deviation: -1), [x], [],
      "s: gaussian -1.0 is not Gaussian noise of a finite deviation ≥ 0")
    try expect(
      DropoutGradient(variational: true), [x, x], [], "the mask must be [sentence × 3], is [token × 3]")
  }

  @Test func layers() throws {
    try expect(Linear(), [x], [[2, 4], [2]], "the weight (p0) must have shape [2, 3], has [2, 4]")
    try expect(Linear(), [x], [[2, 3], [3]], "the bias (p1) must have shape [2], has [3]")
    try expect(Linear(hasBias: false), [x], [[2, 3], [2]], "needs 1 parameters, has 2")
    try expect(
      LinearGradient(), [x, x], [[2, 3]], "the output's gradient must be [token × 2], is [token × 3]")
    try expect(Activate(.relu), [ids], [], "the input must hold floats, is [token × 1] index")
    let lstm = [[8, 3], [8, 2], [8], [8]]
    try expect(Lstm(hidden: 2), [x], lstm, "needs 8 parameters, has 4")
    try expect(
      Lstm(hidden: 2), [x], lstm + [[8, 3], [8, 3], [8], [8]],
      "weight_hh (p5) must have shape [8, 2], has [8, 3]")
    try expect(Lstm(hidden: 2), [forms], lstm + lstm, "needs positions of sequences, form are none")
    try expect(Lstm(hidden: 0), [x], lstm + lstm, "the hidden size must be positive, is 0")
  }

  @Test func characters() throws {
    let shapes = [[2, 3, 3], [2]]
    try expect(
      CharConv(width: 3, relu: true), [x], shapes, "the embeddings must be [scalar × 3], is [token × 3]")
    var graph = graph
    let scalars = try graph.addInput("scalars", ValueType(.scalar, 3))
    let parameters = try shapes.enumerated().map {
      try graph.addParameter("p\($0.offset)", shape: $0.element, initializer: .zero, group: .convolution)
    }
    for (width, message) in [
      (2, "charConv: the width must be odd, is 2"),
      (5, "charConv: the weight (p0) must have shape [2, 3, 5], has [2, 3, 3]"),
    ] {
      #expect(throws: GraphError(message, at: "node")) {
        try graph.add(
          CharConv(width: width, relu: true), named: "node", inputs: [scalars], parameters: parameters)
      }
    }
  }

  @Test func losses() throws {
    try expect(CrossEntropy(), [x, x], [], "labels must be [token × 1] index, is [token × 3]")
    try expect(CrossEntropy(smoothing: 1), [x, ids], [], "label smoothing 1.0 is not in 0 ..< 1")
    try expect(
      CrossEntropyGradient(), [x, ids, x], [], "the loss's gradient must be [one × 1], is [token × 3]")
    try expect(Crf(hasStartEnd: true), [x, ids], [[3, 3]], "needs 3 parameters, has 1")
    try expect(
      Crf(hasStartEnd: false), [x, ids], [[2, 3]], "the transitions (p0) must have shape [3, 3], has [2, 3]")
    try expect(
      Viterbi(hasStartEnd: true), [x], [[3, 3], [3], [2]], "the end scores (p2) must have shape [3], has [2]")
    let two = CRFConstraints(
      allowed: [true, true, true, true], allowedStart: [true, true], allowedEnd: [true, true])
    try expect(
      CrfMarginals(hasStartEnd: false, constraints: two), [x], [[3, 3]],
      "the constraints are not those of 3 labels")
    try expect(Argmax(), [ids], [], "scores must hold floats, is [token × 1] index")
    try expect(Softmax(), [ids], [], "scores must hold floats, is [token × 1] index")
  }
}
