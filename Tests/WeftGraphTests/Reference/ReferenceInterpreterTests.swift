import Testing
import WeftGraph

/// Bad calls of the interpreter, and small operations whose results can be written down.
struct ReferenceInterpreterTests {
  private func small() throws -> ReferenceInterpreter {
    let graph = try Graph(spec: SmallNetwork.spec(.hard), sizes: SmallNetwork.sizes).differentiated()
    return ReferenceInterpreter(graph, parameters: graph.randomParameters())
  }

  @Test func missingThingsAreNamed() throws {
    var interpreter = try small()
    var batch = SmallNetwork.batch.pack()
    func subject(_ body: () throws -> Void) -> String? {
      let error = #expect(throws: GraphError.self) { try body() }
      return error?.subject
    }
    #expect(subject { _ = try interpreter.use(batch, tasks: ["c"]) } == "c")
    batch.inputs["label.b"] = nil
    _ = try interpreter.use(batch)
    _ = try interpreter.train(batch, seeds: ["a": 1])
    #expect(subject { _ = try interpreter.train(batch, seeds: ["b": 1]) } == "label.b")
    batch.inputs["word"]?.removeLast()
    #expect(subject { _ = try interpreter.use(batch) } == "word")
    batch = SmallNetwork.batch.pack()
    interpreter.parameters["encoder.0.bias_ih_l0"] = Matrix(rows: 8, columns: 2)
    #expect(subject { _ = try interpreter.use(batch) } == "encoder.0.bias_ih_l0")
    interpreter.parameters["encoder.0.bias_ih_l0"] = nil
    #expect(subject { _ = try interpreter.use(batch) } == "encoder.0.bias_ih_l0")
  }

  @Test func lossesAreThoseOfTraining() throws {
    let interpreter = try small()
    let (batch, random) = (SmallNetwork.batch.pack(), RandomKeys(seed: 4))
    let run = try interpreter.train(batch, seeds: ["a": 2, "b": 3], random: random)
    #expect(try interpreter.losses(batch, tasks: ["b", "a"], random: random) == run.losses)
  }

  @Test func aTaskAloneTouchesItsUpdateSetOnly() throws {
    let interpreter = try small()
    let run = try interpreter.train(SmallNetwork.batch.pack(), seeds: ["b": 1])
    #expect(run.values["encoder.1"] == nil)
    #expect(run.values["scores.a"] == nil)
    let names = interpreter.graph.updateSet(ofTask: 1).map { interpreter.graph[$0].name }
    #expect(Set(run.gradients.keys) == Set(names))
  }

  @Test func rowsOfTheTableThatNoTokenReadsHaveNoGradient() throws {
    let interpreter = try small()
    var batch = SmallNetwork.batch.pack()
    batch.inputs["word"] = batch.inputs["word"]?.map { _ in 3 }
    let gradient = try #require(
      try interpreter.train(batch, seeds: ["a": 1]).gradients["words.weight"])
    for row in 0..<5 { #expect(gradient.row(row).contains { $0 != 0 } == (row == 3)) }
  }

  @Test func softmaxAndArgmax() throws {
    var harness = try OperationHarness()
    let scores = try harness.source("scores", .token, columns: 3)
    let graph = try harness.closed(scores)
    var batch = RandomBatch(lengths: [2]).pack()
    batch.inputs["word"] = [1, 2]
    var table = Matrix(rows: 7, columns: 3)
    table.setRow(1, [2000, 2000, -2000])
    table.setRow(2, [0, 1, 1])
    let run = try ReferenceInterpreter(graph, parameters: ["scores.table": table]).use(batch)
    #expect(run.values["prediction.t"]?.elements == [0, 1])
    let probabilities = try #require(run.values["probabilities.t"])
    #expect(probabilities.row(0) == [0.5, 0.5, 0])
    #expect(abs(probabilities.row(1).reduce(0, +) - 1) < 1e-15)
    #expect(abs(probabilities[1, 1] / probabilities[1, 0] - 2.718281828459045) < 1e-14)
  }

  @Test func theFirstOfEqualMaximaIsRemembered() throws {
    var harness = try OperationHarness()
    let x = try harness.source("x", .scalar, columns: 1)
    let weight = try harness.parameter("weight", [2, 1, 1])
    let bias = try harness.parameter("bias", [2])
    let y = try harness.graph.add(
      CharConv(width: 1, relu: true), named: "y", inputs: [x], parameters: [weight, bias],
      outputNames: ["y", "argmax"])[0]
    var batch = RandomBatch(lengths: [1], formLengths: [3]).pack()
    batch.inputs["character"] = [1, 2, 2]
    batch.inputs["form"] = [0]
    let run = try ReferenceInterpreter(
      try harness.closed(y),
      parameters: [
        "x.table": Matrix(rows: 6, columns: 1, elements: [0, -1, 1, 0, 0, 0]),
        "weight": Matrix(rows: 2, columns: 1, elements: [1, -1]),
        "bias": Matrix(rows: 2, columns: 1, elements: [0.5, -3]),
      ]
    ).use(batch)
    #expect(run.values["argmax"]?.elements == [1, 0])
    // The second filter's maximum is −2, which the ReLU cuts off.
    #expect(run.values["y"]?.elements == [1.5, 0])
  }

  @Test func aThousandTokensAndCharactersAreNothingSpecial() throws {
    let interpreter = try small()
    let batch = RandomBatch(
      lengths: [1000, 1], formLengths: [1024, 1], words: 5, characters: 4, features: ["case": 4],
      labels: ["a": 3, "b": 2]
    ).pack()
    let run = try interpreter.train(batch, seeds: ["a": 1, "b": 1], random: RandomKeys(seed: 1))
    #expect(run.losses.values.allSatisfy { $0.isFinite && $0 > 0 })
    #expect(run.gradients.values.allSatisfy { $0.elements.allSatisfy(\.isFinite) })
  }
}
