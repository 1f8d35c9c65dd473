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

  /// A subspace of its own for each task, a common one whose weight is learned, constants in between.
  private static let entries: [[MixEntry]] = [
    [.constant(1), .constant(0), .constant(0), .constant(-0.5)],
    [.constant(0), .learned("shared"), .constant(0), .learned("shared")],
    [.constant(0), .learned("other"), .constant(1), .constant(0)],
    [.constant(0), .learned("shared"), .constant(0), .learned("shared")],
  ]

  /// Tied and constant entries of α, token features of a task's own, and the orthogonality penalty.
  @Test(arguments: [2, 3]) func settingsOfMixturesAgreeWithTheReference(subspaces: Int) async throws {
    var (spec, sizes) = Networks.hard()
    spec.network.encoder = [LayerSpec(hidden: 18), LayerSpec(hidden: 6)]
    spec.network.dropout = DropoutSpec(input: 0, output: 0)
    spec.network.words?.unkDropout = 0
    spec.sharing.kind = .soft
    spec.sharing.embeddings = .perTask
    spec.sharing.mix.subspaces = subspaces
    if subspaces == 2 { spec.sharing.mix.entries = Self.entries }
    spec.sharing.penalties.orthogonality = 0.02
    let graph = try Graph(spec: spec, sizes: sizes)
    for lengths in [[4, 1, 2], [40, 30, 1]] {
      let batch = RandomBatch(
        lengths: lengths, words: sizes.words, characters: sizes.characters, labels: ["pos": 4, "ner": 3]
      ).pack()
      try expectAgreement(graph, try await Compiled.training(graph, name: "soft"), batch)
    }
  }

  /// Stacks that run at the same time give the bits that they give one after the other.
  @Test func threadsChangeNoBits() async throws {
    var (spec, sizes) = Networks.hard(name: "together")
    spec.network.encoder = [LayerSpec(hidden: 18), LayerSpec(hidden: 18), LayerSpec(hidden: 6)]
    spec.network.dropout = DropoutSpec(input: 0.2, layers: 0.3, output: 0.1)
    spec.sharing.kind = .soft
    spec.sharing.mix.subspaces = 2
    spec.sharing.penalties.orthogonality = 0.01
    spec.sharing.penalties.groupLasso = 0.001
    let graph = try Graph(spec: spec, sizes: sizes)
    let library = try await Compiled.training(graph, name: "together")
    let initial = ParameterInitialization(seed: 4)
    for isa in library.tables.instructionSets {
      let ends = try [1, 2].map { threads in
        try train(graph, library, steps: [0, 1, 1, 0, 1], isa: isa, threads: threads) {
          initial.values(of: $0)
        }
      }
      for parameter in graph.parameters {
        let isEqual =
          ends[0][parameter.name]?.map(\.bitPattern) == ends[1][parameter.name]?.map(\.bitPattern)
        #expect(isEqual, "\(parameter.name) on \(isa)")
      }
    }
  }

  /// A gradient that is the sum of several passes has the penalty once; with `every` at each n-th update of a layer.
  @Test func penaltiesAreAddedOnceAStepAndNowAndThen() async throws {
    func library(every: Int, weight: Double = 0.02) async throws -> (TrainingLibrary, Graph) {
      var (spec, sizes) = Networks.hard(name: "penalty")
      spec.network.chars = nil
      spec.network.encoder = [LayerSpec(hidden: 4)]
      spec.network.dropout = DropoutSpec(input: 0, output: 0)
      spec.network.words?.unkDropout = 0
      spec.sharing.kind = .soft
      spec.sharing.mix.subspaces = 2
      spec.sharing.penalties.orthogonality = weight
      spec.sharing.penalties.orthogonalityEvery = every
      let graph = try Graph(spec: spec, sizes: sizes)
      return (try await Compiled.training(graph, name: "penalty"), graph)
    }
    let (each, graph) = try await library(every: 1)
    let (third, _) = try await library(every: 3)
    let (none, _) = try await library(every: 1, weight: 0)
    let batch = RandomBatch(lengths: [3, 1], words: 11, labels: ["pos": 4, "ner": 3]).pack()
    let layer = "pos.encoder.0.weight_ih_l0_reverse"
    /// Gradients of the layer in some steps of so many passes.
    func gradients(_ library: TrainingLibrary, passes: Int = 1, steps: Int = 1) throws -> [[Float]] {
      let trainer = try TrainerState(library: library)
      var block = try ParameterBlock(library.tables)
      for (name, matrix) in graph.randomParameters() {
        try block.set(name, to: matrix.elements.map(Float.init))
      }
      try trainer.setParameters(block)
      var rule = UpdateRule()
      rule.rate = 0
      return try (0..<steps).map { _ in
        try trainer.zero()
        for _ in 0..<passes {
          _ = try trainer.forward(batch, tasks: TaskSet(task: 0), random: .off)
          try trainer.backward(tasks: TaskSet(task: 0))
        }
        defer { try? trainer.apply(tasks: TaskSet(task: 0), rule) }
        return try #require(try trainer.gradient()[layer])
      }
    }
    let loss = try gradients(none)[0]
    let penalty = zip(try gradients(each)[0], loss).map { $0 - $1 }
    #expect(penalty.contains { abs($0) > 1e-3 })
    func expect(_ found: [Float], _ losses: Float, _ penalties: Float) {
      for (i, value) in found.enumerated() {
        #expect(abs(value - losses * loss[i] - penalties * penalty[i]) < 1e-5)
      }
    }
    expect(try gradients(each, passes: 3)[0], 3, 1)
    let steps = try gradients(third, steps: 4)
    for (step, factor) in [3, 0, 0, 3].enumerated() { expect(steps[step], 1, Float(factor)) }
  }

  /// A group lasso ends in groups that are exactly zero, and shrinks the others by the step's formula.
  @Test func theGroupLassoRemovesSubspaces() async throws {
    func network(_ weight: Double) -> (spec: Spec, sizes: NetworkSizes) {
      var (spec, sizes) = Networks.hard(name: "lasso")
      spec.network.chars = nil
      spec.network.encoder = [LayerSpec(hidden: 4), LayerSpec(hidden: 4)]
      spec.sharing.kind = .soft
      spec.sharing.mix.subspaces = 2
      (spec.sharing.mix.learned, spec.sharing.mix.start) = (false, .identity)
      spec.sharing.penalties.groupLasso = weight
      return (spec, sizes)
    }
    let sparse = try Graph(spec: network(3).spec, sizes: network(3).sizes)
    let dense = try Graph(spec: network(0).spec, sizes: network(0).sizes)
    let library = try await Compiled.training(sparse, name: "lasso")
    let plain = try await Compiled.training(dense, name: "lasso")
    var start = sparse.randomParameters().mapValues { $0.elements.map { Float($0) } }
    // One group begins so near to zero that a step removes it.
    let near = sparse.weightGroups[1]
    for part in near.parts {
      let columns = sparse[part.parameter].columns
      for i in part.rows.lowerBound * columns..<part.rows.upperBound * columns {
        start[sparse[part.parameter].name]?[i] *= 0.01
      }
    }
    for parameter in sparse.parameters where parameter.group == .mixing {
      start[parameter.name] = ParameterInitialization(seed: 1).values(of: parameter)
    }
    for isa in library.tables.instructionSets {
      let end = try train(sparse, library, steps: [0], isa: isa) { start[$0.name] }
      let without = try train(dense, plain, steps: [0], isa: isa) { start[$0.name] }
      #expect(sparse.zeroGroups { end[$0] }.map(\.name) == [near.name])
      for group in sparse.weightGroups {
        func values(_ block: ParameterBlock) throws -> [Float] {
          try group.parts.flatMap { part in
            let columns = sparse[part.parameter].columns
            return try #require(block[sparse[part.parameter].name])[
              (part.rows.lowerBound * columns)..<(part.rows.upperBound * columns)]
          }
        }
        let (found, before) = (try values(end), try values(without))
        let norm = before.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
        // Only the step's task shrinks.
        let factor = group.name.hasPrefix("pos.") ? max(0, 1 - 0.1 * 3 / norm) : 1
        for (value, old) in zip(found, before) { #expect(abs(Double(value) - factor * Double(old)) < 1e-6) }
      }
    }
  }

  /// With α = 1 for a task's own layers and constant, and token features of its own, each task's parameters after its
  /// steps are those of its single-task run, whatever steps the other makes in between.
  @Test func constantIdentityTrainsEachTaskAsIfAlone() async throws {
    func network(_ kind: SharingSpec.Kind) -> (spec: Spec, sizes: NetworkSizes) {
      var (spec, sizes) = Networks.hard(name: "identity")
      spec.network.encoder = [LayerSpec(hidden: 6), LayerSpec(hidden: 18)]
      spec.network.dropout = DropoutSpec(input: 0.2, layers: 0.3, output: 0.5)
      spec.network.noise = 0.1
      spec.tasks[1].head.layer = 0
      spec.sharing.kind = kind
      spec.sharing.embeddings = .perTask
      (spec.sharing.mix.start, spec.sharing.mix.learned) = (.identity, false)
      spec.sharing.mix.subspaces = 2
      return (spec, sizes)
    }
    let soft = network(.soft)
    let together = try Graph(spec: soft.spec, sizes: soft.sizes)
    let softLibrary = try await Compiled.training(together, name: "identity")
    let initial = ParameterInitialization(seed: 2019)
    for (number, name) in ["pos", "ner"].enumerated() {
      var (spec, sizes) = network(.single)
      spec.tasks = [spec.tasks[number]]
      sizes.labels = sizes.labels.filter { $0.key == name }
      let alone = try Graph(spec: spec, sizes: sizes)
      let library = try await Compiled.training(alone, name: "identity")
      for isa in softLibrary.tables.instructionSets {
        let mixed = try train(together, softLibrary, steps: [0, 1, 1, 0, 1, 0], isa: isa) {
          initial.values(of: $0)
        }
        let own = try train(alone, library, steps: [number, number, number], keys: [number: 0], isa: isa) {
          initial.values(of: $0)
        }
        #expect(own.names.contains("\(name).words.weight") && own.names.contains("heads.\(name).bias"))
        for parameter in alone.parameters {
          let (found, expected) = (try #require(mixed[parameter.name]), try #require(own[parameter.name]))
          let isEqual = found.map(\.bitPattern) == expected.map(\.bitPattern)
          #expect(isEqual, "\(parameter.name) on \(isa)")
          let isTrained = expected != initial.values(of: parameter)
          #expect(isTrained, "\(parameter.name) has been trained")
        }
      }
    }
  }

  /// - Parameter keys: numbers of the tasks in the library where they are not those of the random streams.
  private func train(
    _ graph: Graph, _ library: TrainingLibrary, steps: [Int], keys: [Int: Int] = [:], isa: String,
    threads: Int = 1, start: (Parameter) -> [Float]?
  ) throws -> ParameterBlock {
    var block = try ParameterBlock(library.tables)
    for parameter in graph.parameters {
      try block.set(parameter.name, to: try #require(start(parameter)))
    }
    let trainer = try TrainerState(library: library, instructionSet: isa, threads: threads)
    try trainer.setParameters(block)
    var rule = UpdateRule()
    (rule.rate, rule.momentum) = (0.1, 0.9)
    var taken = [0, 0]
    for task in steps {
      let tasks = TaskSet(task: keys[task] ?? task)
      let step = taken[task]
      taken[task] += 1
      let batch = RandomBatch(
        lengths: [4, 1, 3], words: 11, characters: 9, labels: ["pos": 4, "ner": 3], seed: UInt64(step + 1)
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
