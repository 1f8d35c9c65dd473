import Testing
import WeftCorpus
import WeftGraph

/// The CRF operations against enumeration of all paths.
struct CRFTests {
  /// All four operations over one table of scores.
  private struct Net {
    var graph: Graph
    var hasStartEnd: Bool
    var constraints: CRFConstraints?
    var labels: Int

    init(labels: Int, hasStartEnd: Bool, constraints: CRFConstraints?) throws {
      (self.labels, self.hasStartEnd, self.constraints) = (labels, hasStartEnd, constraints)
      graph = Graph()
      let word = try graph.addInput("word", ValueType(.token, 1, .index))
      let label = try graph.addInput("label.t", ValueType(.token, 1, .index))
      let seed = try graph.addInput("seed.t", ValueType(.one, 1))
      func parameter(_ graph: inout Graph, _ name: String, _ shape: [Int]) throws -> ParameterID {
        try graph.addParameter(name, shape: shape, initializer: .zero, group: .head)
      }
      let table = try parameter(&graph, "table", [7, labels])
      var parameters = [try parameter(&graph, "transitions", [labels, labels])]
      for name in hasStartEnd ? ["start", "end"] : [] {
        parameters.append(try parameter(&graph, name, [labels]))
      }
      let scores = try graph.add(Embed(), named: "scores.t", inputs: [word], parameters: [table])[0]
      let crf = Crf(hasStartEnd: hasStartEnd, constraints: constraints)
      let viterbi = Viterbi(hasStartEnd: hasStartEnd, constraints: constraints)
      let marginals = CrfMarginals(hasStartEnd: hasStartEnd, constraints: constraints)
      graph.tasks = [
        Graph.TaskOutputs(
          name: "t", scores: scores,
          loss: try graph.add(crf, named: "loss.t", inputs: [scores, label], parameters: parameters)[0],
          prediction: try graph.add(viterbi, named: "best", inputs: [scores], parameters: parameters)[0],
          probabilities: try graph.add(
            marginals, named: "marginals", inputs: [scores], parameters: parameters)[
              0], seed: seed, decoderParameters: parameters, labelCount: labels)
      ]
    }

    func fixture(_ parameters: [String: Matrix], words: [Int]) -> CRFFixture {
      let zero = [Double](repeating: 0, count: labels)
      let table = parameters["table"] ?? Matrix(rows: 7, columns: labels)
      return CRFFixture(
        scores: words.map { table.row($0) },
        transitions: parameters["transitions"] ?? Matrix(rows: labels, columns: labels),
        start: parameters["start"]?.elements ?? zero, end: parameters["end"]?.elements ?? zero,
        constraints: constraints)
    }
  }

  @Test(arguments: [1, 2, 4], [true, false])
  func agreesWithEnumeration(labels: Int, hasStartEnd: Bool) throws {
    for constraints in [nil, CRFFixture.constraints(labels)] {
      let net = try Net(labels: labels, hasStartEnd: hasStartEnd, constraints: constraints)
      let parameters = net.graph.randomParameters(scale: 2)
      let interpreter = ReferenceInterpreter(net.graph, parameters: parameters)
      for unlabelled in [0, 0.4, 1] {
        let shape = RandomBatch(
          lengths: [1, 4, 2, 5], labels: ["t": labels], unlabelled: unlabelled, seed: 21)
        let batch = CRFFixture.legal(shape.pack(), labels: labels)
        let run = try interpreter.train(batch, seeds: ["t": 1])
        let use = try interpreter.use(batch)
        let (word, label) = (try #require(batch.inputs["word"]), try #require(batch.inputs["label.t"]))
        var losses: [Double] = []
        for rows in Packing(batch).sequences(of: .token) {
          let fixture = net.fixture(parameters, words: rows.map { Int(word[$0]) })
          let known = rows.map { Int(label[$0]) }
          if known.contains(where: { $0 >= 0 }) { losses.append(fixture.loss(known: known)) }
          let (marginals, best) = (try #require(use.values["marginals"]), try #require(use.values["best"]))
          #expect(rows.map { Int(best[$0, 0]) } == fixture.best())
          for (position, row) in rows.enumerated() {
            for label in 0..<labels {
              #expect(abs(marginals[row, label] - fixture.marginal(position, label)) < 1e-12)
            }
          }
        }
        let expected = losses.isEmpty ? 0 : losses.reduce(0, +) / Double(losses.count)
        #expect(abs(try #require(run.losses["t"]) - expected) < 1e-11)
      }
    }
  }

  @Test func aSentenceWithoutLabelsCostsNothingAndIsNotCounted() throws {
    let net = try Net(labels: 3, hasStartEnd: true, constraints: nil)
    let graph = try net.graph.differentiated()
    let interpreter = ReferenceInterpreter(graph, parameters: graph.randomParameters())
    var batch = RandomBatch(lengths: [2, 3], labels: ["t": 3]).pack()
    // Rows 0, 2, 4 are the longer sentence.
    batch.inputs["label.t"] = [2, -1, 0, -1, 1]
    let both = try interpreter.train(batch, seeds: ["t": 1])
    var alone = RandomBatch(lengths: [3]).pack()
    alone.inputs["word"] = [0, 2, 4].compactMap { batch.inputs["word"]?[$0] }
    alone.inputs["label.t"] = [2, 0, 1]
    let one = try interpreter.train(alone, seeds: ["t": 1])
    #expect(both.losses == one.losses)
    #expect(both.gradients == one.gradients)
  }

  @Test func equalScoresDecodeToTheSmallestLabels() throws {
    let net = try Net(labels: 3, hasStartEnd: true, constraints: nil)
    let zero = net.graph.randomParameters(scale: 0)
    let batch = RandomBatch(lengths: [1, 4]).pack()
    let run = try ReferenceInterpreter(net.graph, parameters: zero).use(batch)
    #expect(run.values["best"]?.elements == [0, 0, 0, 0, 0])
  }

  @Test func largeScoresNeitherOverflowNorVanish() throws {
    let net = try Net(labels: 3, hasStartEnd: true, constraints: CRFFixture.constraints(3))
    let graph = try net.graph.differentiated()
    let parameters = graph.randomParameters(scale: 1e4)
    let batch = CRFFixture.legal(
      RandomBatch(lengths: [1, 30], labels: ["t": 3], unlabelled: 0.5).pack(), labels: 3)
    let run = try ReferenceInterpreter(graph, parameters: parameters).train(batch, seeds: ["t": 1])
    #expect(try #require(run.losses["t"]).isFinite)
    #expect(run.gradients.values.allSatisfy { $0.elements.allSatisfy(\.isFinite) })
  }

  @Test func constraintsThatForbidEveryLabellingAreAnError() throws {
    // Only B may begin and only E may end, E follows B: no sentence of one token, none of three.
    let constraints = CRFConstraints(LabelSet(labels: ["B-X", "E-X"], scheme: .bioes))
    #expect(constraints.impossibleLength == 1)
    let error = #expect(throws: GraphError.self) {
      try Net(labels: 2, hasStartEnd: false, constraints: constraints)
    }
    #expect(error?.subject == "loss.t")
    #expect(error?.message.contains("a sentence of 1 tokens") == true)
    #expect(CRFConstraints(LabelSet(labels: ["O", "B-X", "E-X"], scheme: .bioes)).impossibleLength == nil)
    #expect(CRFConstraints(LabelSet(labels: ["S-X", "B-X", "E-X"], scheme: .bioes)).impossibleLength == nil)
    // S may only stand alone here, and B E only in pairs.
    var pairs = CRFConstraints(LabelSet(labels: ["S-X", "B-X", "E-X"], scheme: .bioes))
    pairs.allowed = [false, false, false, false, false, true, false, true, false]
    #expect(pairs.impossibleLength == 3)
  }

  @Test func constraintsComeFromTheSchemeOfTheLabels() {
    let bio = CRFConstraints(LabelSet(labels: ["O", "B-X", "I-X", "I-Y"], scheme: .bio))
    #expect(bio.allowedStart == [true, true, false, false])
    #expect(bio.allowedEnd == [true, true, true, true])
    let follow = (0..<4).map { from in (0..<4).filter { bio.allows(from, $0) } }
    #expect(follow == [[0, 1], [0, 1, 2], [0, 1, 2], [0, 1, 3]])
  }
}
