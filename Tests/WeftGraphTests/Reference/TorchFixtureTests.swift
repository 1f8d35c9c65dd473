import Testing
import WeftGraph
import WeftSpec

/// Whole networks in double precision against PyTorch in double precision, from equal parameters and random values.
struct TorchFixtureTests {
  private func expectEqual(
    _ found: Matrix?, _ expected: TorchFixture.Tensor, _ what: String, tolerance: Double = 1e-10
  ) throws {
    let found = try #require(found, "\(what) is missing")
    try #require(found.elements.count == expected.values.count, "\(what) has another size")
    let error = zip(found.elements, expected.values).reduce(0) { max($0, abs($1.0 - $1.1)) }
    #expect(error < tolerance, "\(what) differs by \(error)")
  }

  @Test(arguments: TorchFixture.names) func parametersHaveTheContractedNamesAndShapes(name: String) throws {
    let fixture = try TorchFixture(name)
    let graph = try Graph(spec: try fixture.spec(), sizes: try fixture.sizes())
    let expected = fixture.group("param.").mapValues(\.shape)
    #expect(Dictionary(uniqueKeysWithValues: graph.parameters.map { ($0.name, $0.shape) }) == expected)
  }

  @Test(arguments: TorchFixture.names) func inUse(name: String) throws {
    let fixture = try TorchFixture(name)
    let (spec, sizes) = (try fixture.spec(), try fixture.sizes())
    let graph = try Graph(spec: spec, sizes: sizes)
    let batch = fixture.batch(0)
    for graph in [graph, try graph.specialized(for: .use)] {
      let run = try ReferenceInterpreter(graph, parameters: fixture.parameters).use(batch)
      var compared = 0
      for (name, expected) in fixture.group("expect.use.") {
        let parts = name.split(separator: ".").map(String.init)
        // A network with words alone has nothing to put side by side: its input is the words.
        let value =
          switch parts[0] {
          case "labels": "prediction.\(parts[1])"
          case "input" where spec.network.chars == nil && spec.network.features.isEmpty: "words"
          default: name
          }
        try expectEqual(run.values[value], expected, name)
        compared += 1
      }
      #expect(compared >= 2 + 3 * spec.tasks.count)
    }
  }

  @Test(arguments: TorchFixture.names) func firstTrainingStep(name: String) throws {
    let fixture = try TorchFixture(name)
    let (spec, sizes) = (try fixture.spec(), try fixture.sizes())
    let graph = try Graph(spec: spec, sizes: sizes).differentiated()
    let index = Int(try fixture.tensor("steps.task").values[0])
    let task = spec.tasks[index]
    let random = RandomKeys(seed: 1, injected: fixture.injected(0))
    let run = try ReferenceInterpreter(graph, parameters: fixture.parameters)
      .train(fixture.batch(0), seeds: [task.name: 1], random: random)
    let loss = try fixture.tensor("expect.0.loss").values[0]
    #expect(abs(try #require(run.losses[task.name]) - loss) < 1e-10)
    try expectEqual(
      run.values["scores.\(task.name)"], try fixture.tensor("expect.train.scores.\(task.name)"), "scores")

    let gradients = fixture.group("expect.grad.")
    let updated = graph.updateSet(ofTask: index).map { graph[$0].name }
    #expect(Set(updated) == Set(gradients.keys))
    #expect(Set(run.gradients.keys) == Set(gradients.keys))
    for (name, expected) in gradients { try expectEqual(run.gradients[name], expected, name) }
    let squares = run.gradients.values.reduce(0) { $0 + $1.elements.reduce(0) { $0 + $1 * $1 } }
    #expect(abs(squares.squareRoot() - (try fixture.tensor("expect.norm").values[0])) < 1e-9)
  }
}
