import Testing
import WeftCorpus
import WeftGraph

/// Compares every gradient of a graph with central differences of Σ_t seed_t · loss_t.
///
/// - Parameters:
///   - step: of the differences; their own error is of its square.
///   - tolerance: largest difference, absolute and relative to the gradient.
func expectGradientsMatchDifferences(
  _ graph: Graph, _ batch: PackedBatch, seeds: [String: Double], random: RandomKeys = .off,
  step: Double = 1e-5,
  tolerance: Double = 2e-8, sourceLocation: Testing.SourceLocation = #_sourceLocation
) throws {
  let graph = graph.isDifferentiated ? graph : try graph.differentiated()
  var interpreter = ReferenceInterpreter(graph, parameters: graph.randomParameters())
  let gradients = try interpreter.train(batch, seeds: seeds, random: random).gradients
  // Forward only: what the differences are taken of does not depend on the gradients.
  let mask = graph.tasks.indices.reduce(UInt64(0)) {
    seeds[graph.tasks[$1].name] == nil ? $0 : $0 | 1 << UInt64($1)
  }
  let reach = graph.reach(.training, tasks: mask)
  func loss() throws -> Double {
    try interpreter.losses(batch, tasks: seeds.keys.sorted(), random: random)
      .reduce(0) { $0 + $1.value * (seeds[$1.key] ?? 0) }
  }
  for parameter in graph.parameters {
    guard parameter.isTrainable, reach.parameters[parameter.id.index] != 0 else {
      #expect(gradients[parameter.name] == nil, sourceLocation: sourceLocation)
      continue
    }
    let gradient = try #require(gradients[parameter.name], sourceLocation: sourceLocation)
    for i in 0..<parameter.count {
      let value = interpreter.parameters[parameter.name]?.elements[i] ?? 0
      interpreter.parameters[parameter.name]?.elements[i] = value + step
      let above = try loss()
      interpreter.parameters[parameter.name]?.elements[i] = value - step
      let below = try loss()
      interpreter.parameters[parameter.name]?.elements[i] = value
      let difference = (above - below) / (2 * step)
      let error = abs(difference - gradient.elements[i])
      #expect(
        error <= tolerance * (1 + abs(difference)),
        "\(parameter.name)[\(i)]: gradient \(gradient.elements[i]), difference \(difference)",
        sourceLocation: sourceLocation)
    }
  }
}
