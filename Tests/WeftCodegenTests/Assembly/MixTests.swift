import Foundation
import Testing
import WeftCodegen
import WeftCorpus
import WeftGraph
import WeftRuntime
import WeftSpec

/// Mixtures in generated C: whole networks against the double-precision reference, and the identities that hold bit for
/// bit.
@Suite(.serialized) struct MixTests {
  /// Inputs, subspaces, directions, columns; which inputs are mixed, all if nil; whether α is trained.
  static let shapes:
    [(inputs: Int, subspaces: Int, directions: Int, columns: Int, sources: [Int]?, isTrainable: Bool)] = [
      (1, 1, 1, 1, nil, true), (1, 2, 2, 4, nil, true), (2, 1, 2, 34, nil, true), (2, 2, 2, 68, nil, true),
      (3, 3, 1, 51, nil, true), (3, 1, 1, 5, [0, 2], false), (2, 2, 1, 32, nil, false),
      (3, 2, 2, 4, [1], true),
    ]

  /// Mixtures of mixtures of rows of tables in all shapes, side by side.
  private static func graph() throws -> Graph {
    var harness = try OperationHarness()
    var results: [ValueID] = []
    for (index, shape) in shapes.enumerated() {
      var values = try (0..<shape.inputs).map {
        try harness.source("x\(index).\($0)", .token, columns: shape.columns)
      }
      for layer in 0..<2 {
        let (name, size) = ("\(index).\(layer)", shape.inputs * shape.subspaces)
        let alpha = try harness.parameter("alpha\(name)", [size, size], isTrainable: shape.isTrainable)
        values = try (0..<shape.inputs).map { row in
          let sources = shape.sources ?? Array(0..<shape.inputs)
          let mix = Mix(row: row, sources: sources, subspaces: shape.subspaces, directions: shape.directions)
          return try harness.graph.add(
            mix, named: "y\(name).\(row)", inputs: sources.map { values[$0] }, parameters: [alpha])[0]
        }
      }
      results += values
    }
    let joined = try harness.graph.add(Concat(), named: "joined", inputs: results)[0]
    return try harness.closed(joined)
  }

  @Test func everyShapeAgreesWithTheReference() async throws {
    let graph = try Self.graph()
    let library = try await Compiled.training(graph, name: "mix")
    for lengths in [[], [1], [5, 3, 1]] {
      let batch = RandomBatch(
        lengths: lengths, formLengths: lengths.isEmpty ? [] : [1], labels: ["t": graph.tasks[0].labelCount]
      ).pack()
      try expectAgreement(graph, library, batch)
    }
  }

  static let softNetworks:
    [(kind: SharingSpec.Kind, subspaces: Int, depths: [String: Int], start: MixSpec.Start, learned: Bool)] = [
      (.soft, 1, [:], .imbalanced, true), (.soft, 3, ["pos": 0], .balanced, false),
      (.soft, 3, ["ner": 0], .identity, false), (.hard, 1, [:], .identity, true),
    ]
  /// What the heads read, pos first.
  static let read: [[LayersRead]] = [
    [.top, .top], [.top, .sum], [.concatenation, .mixture], [.mixture, .concatenation],
  ]

  @Test(arguments: softNetworks.indices) func networksOfMixturesAgreeWithTheReference(index: Int) async throws
  {
    let (kind, subspaces, depths, start, learned) = Self.softNetworks[index]
    var (spec, sizes) = Networks.hard()
    spec.network.encoder = [LayerSpec(hidden: 9), LayerSpec(hidden: 9)]
    spec.network.dropout = DropoutSpec(input: 0, output: 0)
    spec.network.words?.unkDropout = 0
    spec.sharing.kind = kind
    spec.sharing.mix.subspaces = subspaces
    (spec.sharing.mix.start, spec.sharing.mix.learned) = (start, learned)
    for task in spec.tasks.indices {
      spec.tasks[task].head.layer = depths[spec.tasks[task].name]
      spec.tasks[task].head.layers = Self.read[index][task]
    }
    let graph = try Graph(spec: spec, sizes: sizes)
    let batch = RandomBatch(
      lengths: [4, 1, 2], words: sizes.words, characters: sizes.characters, labels: ["pos": 4, "ner": 3]
    ).pack()
    try expectAgreement(graph, try await Compiled.training(graph, name: "soft"), batch)
  }

  /// Losses and gradients of each task alone and of all together, on every instruction set.
  private func expectAgreement(_ graph: Graph, _ library: TrainingLibrary, _ batch: PackedBatch) throws {
    let graph = try graph.differentiated()
    let values = graph.randomParameters()
    let interpreter = ReferenceInterpreter(graph, parameters: values)
    var block = try ParameterBlock(library.tables)
    for (name, matrix) in values where library.tables.parameters.contains(where: { $0.name == name }) {
      try block.set(name, to: matrix.elements.map(Float.init))
    }
    let tasks = graph.tasks.indices
    for isa in library.tables.instructionSets {
      let trainer = try TrainerState(library: library, instructionSet: isa)
      try trainer.setParameters(block)
      for chosen in tasks.map({ [$0] }) + (tasks.count > 1 ? [Array(tasks)] : []) {
        let set = TaskSet(tasks: chosen)
        let losses = try trainer.forward(batch, tasks: set, random: RandomKey(seed: 1, task: 0, step: 0))
        try trainer.zero()
        try trainer.backward(tasks: set)
        let seeds = Dictionary(uniqueKeysWithValues: chosen.map { (graph.tasks[$0].name, 1.0) })
        let expected = try interpreter.train(batch, seeds: seeds)
        for task in chosen {
          let loss = expected.losses[graph.tasks[task].name] ?? .nan
          #expect(abs(losses[task] - loss) < 2e-5 * max(1, abs(loss)))
        }
        let gradient = try trainer.gradient()
        for (name, matrix) in expected.gradients {
          guard library.tables.parameters.contains(where: { $0.name == name && !$0.isRowSparse }) else {
            continue
          }
          let distance = Compiled.distance(try #require(gradient[name]), matrix.elements)
          #expect(distance < 2e-5, "gradient of \(name) for tasks \(chosen) on \(isa)")
        }
      }
    }
  }

  /// With α = 1 for a task's own layers and constant, each task trains as if it were alone, whatever steps the other
  /// makes in between.
  @Test func constantIdentityTrainsEachTaskAsIfAlone() async throws {
    func network(_ kind: SharingSpec.Kind) -> (spec: Spec, sizes: NetworkSizes) {
      var (spec, sizes) = Networks.hard(name: "identity")
      spec.network.chars = nil
      spec.network.words?.frozen = true
      spec.network.words?.unkDropout = 0
      spec.network.encoder = [LayerSpec(hidden: 5), LayerSpec(hidden: 17)]
      spec.network.dropout = DropoutSpec(input: 0, layers: 0.3, output: 0.5)
      spec.sharing.kind = kind
      (spec.sharing.mix.start, spec.sharing.mix.learned) = (.identity, false)
      return (spec, sizes)
    }
    let (soft, single) = (network(.soft), network(.single))
    let together = try Graph(spec: soft.spec, sizes: soft.sizes)
    let apart = try Graph(spec: single.spec, sizes: single.sizes)
    let softLibrary = try await Compiled.training(together, name: "identity")
    let singleLibrary = try await Compiled.training(apart, name: "identity")
    let values = apart.randomParameters()
    var words = values
    words["ner.words.weight"] = values["pos.words.weight"]
    for isa in softLibrary.tables.instructionSets {
      func end(_ graph: Graph, _ library: TrainingLibrary, _ steps: [Int]) throws -> ParameterBlock {
        try train(graph, library, steps: steps, isa: isa) { parameter in
          if case .values(let numbers) = parameter.initializer { return numbers.map { Float($0) } }
          return (words[parameter.name] ?? words["pos.\(parameter.name)"])?.elements.map { Float($0) }
        }
      }
      let ends = try [
        end(together, softLibrary, [0, 1, 1, 0, 1, 0]), end(apart, singleLibrary, [0, 0, 0]),
        end(apart, singleLibrary, [1, 1, 1]),
      ]
      for (name, matrix) in values where !name.contains("words") {
        let isFirst = name.hasPrefix("pos.") || name.hasPrefix("heads.pos.")
        let alone = try #require(ends[isFirst ? 1 : 2][name])
        #expect(try #require(ends[0][name]).map(\.bitPattern) == alone.map(\.bitPattern), "\(name) on \(isa)")
        #expect(alone != matrix.elements.map { Float($0) }, "\(name) has been trained")
      }
    }
  }

  private func train(
    _ graph: Graph, _ library: TrainingLibrary, steps: [Int], isa: String, start: (Parameter) -> [Float]?
  ) throws -> ParameterBlock {
    var block = try ParameterBlock(library.tables)
    for parameter in graph.parameters {
      try block.set(parameter.name, to: try #require(start(parameter)))
    }
    let trainer = try TrainerState(library: library, instructionSet: isa)
    try trainer.setParameters(block)
    var rule = UpdateRule()
    (rule.rate, rule.momentum) = (0.1, 0.9)
    var taken = [0, 0]
    for task in steps {
      let tasks = TaskSet(task: task)
      let step = taken[task]
      taken[task] += 1
      let batch = RandomBatch(
        lengths: [4, 1, 3], words: 11, labels: ["pos": 4, "ner": 3], seed: UInt64(step + 1)
      ).pack()
      _ = try trainer.forward(
        batch, tasks: tasks, random: RandomKey(seed: 3, task: task, step: step))
      try trainer.zero()
      try trainer.backward(tasks: tasks)
      try trainer.apply(tasks: tasks, rule)
    }
    return try trainer.snapshot()
  }
}
