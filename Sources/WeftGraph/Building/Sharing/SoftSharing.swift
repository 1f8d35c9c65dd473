import WeftSpec

extension NetworkBuilder {
  /// Soft sharing by cross-stitch units (Misra et al. 2016) or, with subspaces, as in sluice networks (Ruder et al.
  /// 2019): every task has layers of its own, `<task>.encoder.<k>`, and reads of each layer a mixture of what all tasks
  /// computed, `<task>.encoder.<k>.mixed`. Token features are shared, or each task's own.
  ///
  /// A task's layers end at the one that its head reads; `mix.<k>.alpha` is over the tasks that have layer k.
  ///
  /// - Returns: what each task's head reads.
  mutating func addSoftSharing() throws(GraphError) -> [ValueID] {
    let layers = try layersRead()
    var stacks: [Stack] = []
    for (index, task) in spec.tasks.enumerated() {
      let isOwn = spec.sharing.embeddings == .perTask
      let features =
        isOwn || index == 0
        ? try addTokenFeatures(prefix: isOwn ? "\(task.name)." : "") : stacks[0].features
      stacks.append(Stack(features: features, layers: []))
    }
    for k in network.encoder.indices {
      let members = spec.tasks.indices.filter { (layers[$0] ?? -1) >= k }
      var outputs: [ValueID] = []
      // The layers one after the other: nothing stands between what can be computed at the same time.
      var inputs: [ValueID] = []
      for task in members {
        inputs.append(
          try addInput(ofLayer: k, prefix: "\(spec.tasks[task].name).", reading: stacks[task].top))
      }
      for (task, input) in zip(members, inputs) {
        outputs.append(try addLayer(k, prefix: "\(spec.tasks[task].name).", readingDropped: input))
      }
      let mixture = try addMixture("mix.\(k).alpha", over: members)
      for (row, task) in members.enumerated() {
        let mixed = try addMix(
          "\(spec.tasks[task].name).encoder.\(k).mixed", of: outputs, by: mixture, row: row)
        stacks[task].layers.append(mixed)
      }
      for task in members { try addPenalties("\(spec.tasks[task].name).encoder.\(k)") }
    }
    var read: [ValueID] = []
    for (index, task) in spec.tasks.enumerated() {
      read.append(
        try addOutput(of: stacks[index], layer: layers[index], for: task, prefix: "\(task.name)."))
    }
    return read
  }

  /// α of a layer.
  private struct Mixture {
    var alpha: ParameterID
    var entries: MixEntries?
    /// Entries that are constants, row-major; nil for the others.
    var constants: [Double?]
  }

  private mutating func addMixture(_ name: String, over members: [Int]) throws(GraphError) -> Mixture {
    try checkMixture()
    let size = members.count * spec.sharing.mix.subspaces
    let (start, entries, isTrained) = MixStart.alpha(spec.sharing.mix, members: members)
    let alpha = try graph.addParameter(
      name, shape: entries.map { [1, $0.learnedCount] } ?? [size, size], initializer: .values(start),
      group: .mixing, isTrainable: isTrained)
    let constants: [Double?] =
      entries?.entries.map { if case .constant(let value) = $0 { value } else { nil } }
      ?? start.map { isTrained ? nil : $0 }
    return Mixture(alpha: alpha, entries: entries, constants: constants)
  }

  /// Matrices over all tasks must be so; specs from files have been checked, with better messages.
  private func checkMixture() throws(GraphError) {
    let mix = spec.sharing.mix
    let size = spec.tasks.count * mix.subspaces
    for (rows, key) in [(mix.matrix?.map(\.count), "start"), (mix.entries?.map(\.count), "entries")] {
      guard let rows, rows.count != size || rows.contains(where: { $0 != size }) else { continue }
      throw GraphError(
        "α over \(spec.tasks.count) tasks of \(mix.subspaces) subspaces is a matrix of \(size) × \(size)",
        at: "sharing.mix.\(key)")
    }
  }

  /// Adds a row of a mixture. Inputs that constant zeros keep out are not read, so that tasks which do not mix do not
  /// depend on each other.
  private mutating func addMix(
    _ name: String, of values: [ValueID], by mixture: Mixture, row: Int
  ) throws(GraphError) -> ValueID {
    let subspaces = spec.sharing.mix.subspaces
    let columns = values.count * subspaces
    var sources = values.indices.filter { source in
      (0..<subspaces).contains { part in
        let first = (row * subspaces + part) * columns + source * subspaces
        return mixture.constants[first..<first + subspaces].contains { $0 != 0 }
      }
    }
    // A subspace that reads nothing is its own output times zero.
    if sources.isEmpty { sources = [row] }
    let mix = Mix(
      row: row, sources: sources, subspaces: subspaces, directions: 2, entries: mixture.entries)
    return try graph.add(
      mix, named: name, inputs: sources.map { values[$0] }, parameters: [mixture.alpha])[0]
  }

  /// Adds what the spec asks for over the input weights of a layer.
  private mutating func addPenalties(_ layer: String) throws(GraphError) {
    let (penalties, subspaces) = (spec.sharing.penalties, spec.sharing.mix.subspaces)
    var weights: [ParameterID] = []
    for direction in ["", "_reverse"] {
      guard let id = graph.parameter(named: "\(layer).weight_ih_l0\(direction)") else {
        throw GraphError("a layer without input weights cannot be penalised", at: layer)
      }
      weights.append(id)
    }
    if penalties.orthogonality > 0 {
      let operation = Orthogonality(
        weight: penalties.orthogonality, subspaces: subspaces, every: penalties.orthogonalityEvery)
      graph.penalties.append(
        Penalty(name: "\(layer).orthogonality", operation: operation, parameters: weights))
    }
    guard penalties.groupLasso > 0 else { return }
    for subspace in 0..<subspaces {
      let parts = weights.flatMap { id in
        Orthogonality.rows(ofSubspace: subspace, of: subspaces, rows: graph[id].rows).map {
          WeightGroup.Part(id, rows: $0)
        }
      }
      graph.weightGroups.append(
        WeightGroup(
          name: WeightGroup.name(layer: layer, subspace: subspace), weight: penalties.groupLasso, parts: parts
        ))
    }
  }
}
