import Testing
import WeftCorpus
import WeftGraph

/// Random values are those of the contracted streams; the expected numbers come from another implementation.
struct RandomKeysTests {
  private let batch = RandomBatch(lengths: [3, 2]).pack()
  private let keys = RandomKeys(seed: 7, task: 2, step: 5)

  @Test func tokensAreKeyedBySentenceAndPosition() {
    // Sentences 100 and 103; row 1 is the first token of 103, row 3 its second.
    let half = keys.values(
      RandomSite("dropout.input", .dropout(0.5)), rows: .token, columns: 3, batch: batch)
    #expect(half[1, 0] == 2)  // 0.6520161032676697 ≥ 0.5
    #expect(half[3, 2] == 0)  // 0.3333527445793152 < 0.5
    let third = keys.values(
      RandomSite("dropout.input", .dropout(0.33)), rows: .token, columns: 3, batch: batch)
    #expect(third[3, 2] == 1 / (1 - 0.33))
    let replaced = keys.values(
      RandomSite("dropout.input", .replacement(0.5)), rows: .token, columns: 3, batch: batch)
    #expect((replaced[1, 0], replaced[3, 2]) == (0, 1))
    let noise = keys.values(RandomSite("noise.input", .gaussian(0.5)), rows: .token, columns: 3, batch: batch)
    #expect(abs(noise[3, 2] - 0.5291800897456609) < 1e-15)
  }

  @Test func sentencesDrawTheRowOfTheirFirstToken() {
    let site = RandomSite("dropout.input", .dropout(0.5))
    let tokens = keys.values(site, rows: .token, columns: 8, batch: batch)
    let sentences = keys.values(site, rows: .sentence, columns: 8, batch: batch)
    #expect(sentences.rows == 2)
    #expect((sentences.row(0), sentences.row(1)) == (tokens.row(0), tokens.row(1)))
  }

  @Test func everyPartOfTheKeyMatters() {
    let site = RandomSite("s", .gaussian(1))
    func draw(_ keys: RandomKeys, _ site: RandomSite) -> Matrix {
      keys.values(site, rows: .token, columns: 4, batch: batch)
    }
    let first = draw(keys, site)
    #expect(draw(keys, site) == first)
    for other in [
      RandomKeys(seed: 8, task: 2, step: 5), RandomKeys(seed: 7, task: 1, step: 5),
      RandomKeys(seed: 7, task: 2, step: 6),
    ] {
      #expect(draw(other, site) != first)
    }
    #expect(draw(keys, RandomSite("t", .gaussian(1))) != first)
  }

  @Test func valuesDoNotDependOnTheRestOfTheBatch() {
    let site = RandomSite("s", .gaussian(1))
    var alone = RandomBatch(lengths: [2]).pack()
    alone.sentences = [103]
    let (one, both) = (
      keys.values(site, rows: .token, columns: 4, batch: alone),
      keys.values(site, rows: .token, columns: 4, batch: batch)
    )
    #expect(one.row(0) == both.row(1))
    #expect(one.row(1) == both.row(3))
  }

  @Test func injectedValuesReplaceDrawnOnes() throws {
    var harness = try OperationHarness()
    let x = try harness.source("x", .token, columns: 2)
    let y = try harness.graph.add(Dropout(site: "d", probability: 0.5), named: "y", inputs: [x])[0]
    let interpreter = ReferenceInterpreter(
      try harness.closed(y), parameters: harness.graph.randomParameters())
    let batch = RandomBatch(lengths: [2], labels: ["t": 2]).pack()
    let mask = Matrix(rows: 2, columns: 2, elements: [3, 0, 0, 5])
    let run = try interpreter.train(
      batch, seeds: ["t": 1], random: RandomKeys(seed: 1, injected: ["d": mask]))
    let (before, after) = (try #require(run.values["x"]), try #require(run.values["y"]))
    #expect(after.elements == zip(before.elements, mask.elements).map(*))
    let error = #expect(throws: GraphError.self) {
      try interpreter.train(
        batch, seeds: ["t": 1],
        random: RandomKeys(seed: 1, injected: ["d": Matrix(rows: 3, columns: 2)]))
    }
    #expect(error == GraphError("needs 2 × 2 injected values, has 3 × 2", at: "d"))
  }

  @Test func withoutRandomnessTrainingIsUse() throws {
    let spec = SmallNetwork.spec(.hard)
    let graph = try Graph(spec: spec, sizes: SmallNetwork.sizes)
    let interpreter = ReferenceInterpreter(graph, parameters: graph.randomParameters())
    let batch = SmallNetwork.batch.pack()
    let training = try interpreter.train(batch, seeds: ["a": 1, "b": 1])
    let use = try interpreter.use(batch)
    for name in ["scores.a", "scores.b"] { #expect(training.values[name] == use.values[name]) }
    let random = try interpreter.train(batch, seeds: ["a": 1, "b": 1], random: RandomKeys(seed: 1))
    #expect(random.values["scores.a"] != use.values["scores.a"])
  }
}
