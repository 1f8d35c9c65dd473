import Testing
import WeftGraph
import WeftSpec

/// Which nodes and parameters a task needs.
struct ReachTests {
  private func reached(_ graph: Graph, _ masks: [UInt64], _ task: Int) -> [String] {
    graph.parameters.filter { masks[$0.id.index] & (1 << UInt64(task)) != 0 }.map(\.name)
  }

  @Test func hierarchicalSharingStopsAtTheLayerRead() throws {
    let graph = try Graph(spec: SmallNetwork.spec(.hard), sizes: SmallNetwork.sizes).differentiated()
    let training = graph.reach(.training)
    let all = Set(graph.parameters.map(\.name))
    let upper = all.filter { $0.hasPrefix("encoder.1.") }
    let (headsOfA, headsOfB) = (
      all.filter { $0.hasPrefix("heads.a.") }, all.filter { $0.hasPrefix("heads.b.") }
    )
    #expect(upper.count == 8 && headsOfA.count == 2 && headsOfB.count == 7)
    #expect(Set(reached(graph, training.accumulated, 0)) == all.subtracting(headsOfB))
    #expect(Set(reached(graph, training.accumulated, 1)) == all.subtracting(headsOfA).subtracting(upper))
    #expect(training.parameters == training.accumulated)
    #expect(graph.updateSet(ofTask: 1).map { graph[$0].name } == reached(graph, training.accumulated, 1))

    let layer = try #require(graph.nodes.first { $0.name == "encoder.1" })
    let back = try #require(graph.nodes.first { $0.name == "gradient.encoder.1" })
    let lower = try #require(graph.nodes.first { $0.name == "gradient.encoder.0" })
    #expect([layer, back, lower].map { training.nodes[$0.id.index] } == [0b01, 0b01, 0b11])
    #expect(graph.reach(.training, tasks: 0b10).nodes[layer.id.index] == 0)
    #expect(training.runs(layer.id, tasks: 0b11) && !training.runs(layer.id, tasks: 0b10))
  }

  @Test func separateNetworksReachNothingOfEachOther() throws {
    let graph = try Graph(spec: SmallNetwork.spec(.single), sizes: SmallNetwork.sizes).differentiated()
    let reach = graph.reach(.training)
    for parameter in graph.parameters {
      let isOfA = parameter.name.hasPrefix("a.") || parameter.name.hasPrefix("heads.a.")
      #expect(reach.accumulated[parameter.id.index] == (isOfA ? 0b01 : 0b10))
    }
    #expect(reach.nodes.allSatisfy { $0.nonzeroBitCount <= 1 })
  }

  @Test func useNeedsNoLossNoLabelsAndNothingRandom() throws {
    let graph = try Graph(spec: SmallNetwork.spec(.hard), sizes: SmallNetwork.sizes).differentiated()
    let use = graph.reach(.use)
    let running = graph.nodes.filter { use.nodes[$0.id.index] != 0 }
    #expect(
      !running.contains { $0.operation.isTrainingOnly || $0.operation is Crf || $0.operation is CrossEntropy }
    )
    #expect(running.allSatisfy { $0.id.index < graph.forwardCount })
    #expect(
      graph.inputs.filter { use.values[$0.index] != 0 }.map { graph[$0].name } == [
        "word", "form", "character", "feature.case",
      ])
    let training = graph.reach(.training)
    #expect(!graph.nodes.contains { training.nodes[$0.id.index] != 0 && $0.operation is Viterbi })
  }

  @Test func specializedForUseComputesTheSame() throws {
    for sharing in SharingSpec.Kind.allCases {
      let graph = try Graph(spec: SmallNetwork.spec(sharing), sizes: SmallNetwork.sizes).differentiated()
      let parameters = graph.randomParameters()
      let batch = SmallNetwork.batch.pack()
      let whole = try ReferenceInterpreter(graph, parameters: parameters).use(batch)
      let use = try graph.specialized(for: .use)
      #expect(!use.isDifferentiated)
      #expect(use.parameters.map(\.name) == graph.parameters.map(\.name))
      #expect(!use.nodes.contains { $0.operation.isTrainingOnly })
      #expect(
        !use.values.contains { $0.name.hasPrefix("d_") || $0.name.hasSuffix(".mask") || $0.name == "label.a" }
      )
      let run = try ReferenceInterpreter(use, parameters: parameters).use(batch)
      for task in ["a", "b"] {
        for what in ["scores", "prediction", "probabilities"] {
          #expect(run.values["\(what).\(task)"] == whole.values["\(what).\(task)"])
        }
      }
    }
  }

  @Test func specializedForOneTaskHasThatTasksPartsOnly() throws {
    let graph = try Graph(spec: SmallNetwork.spec(.hard), sizes: SmallNetwork.sizes).differentiated()
    let (parameters, batch) = (graph.randomParameters(), SmallNetwork.batch.pack())
    let use = try graph.specialized(for: .use, tasks: 0b10)
    #expect(use.tasks.map(\.name) == ["b"])
    #expect(!use.parameters.contains { $0.name.hasPrefix("encoder.1") || $0.name.hasPrefix("heads.a") })
    #expect(
      use.tasks[0].decoderParameters.map { use[$0].name }
        == ["transitions", "start", "end"].map { "heads.b.\($0)" })

    let training = try graph.specialized(for: .training, tasks: 0b10)
    #expect(training.isDifferentiated)
    let (random, seeds) = (RandomKeys(seed: 5), ["b": 0.7])
    let whole = try ReferenceInterpreter(graph, parameters: parameters).train(
      batch, seeds: seeds, random: random)
    let part = try ReferenceInterpreter(training, parameters: parameters).train(
      batch, seeds: seeds, random: random)
    #expect(part.losses == whole.losses)
    #expect(part.gradients == whole.gradients)
  }
}
