import WeftSpec

extension NetworkBuilder {
  /// Soft sharing by cross-stitch units (Misra et al. 2016) or, with subspaces, as in sluice networks (Ruder et al.
  /// 2019): over shared token features every task has layers of its own, `<task>.encoder.<k>`, and reads of each layer a mixture of what all tasks computed, `<task>.encoder.<k>.mixed`.
  ///
  /// A task's layers end at the one that its head reads; `mix.<k>.alpha` is over the tasks that have layer k.
  ///
  /// - Returns: what each task's head reads.
  mutating func addSoftSharing() throws(GraphError) -> [ValueID] {
    let layers = try layersRead()
    let features = try addTokenFeatures(prefix: "")
    var stacks = spec.tasks.map { _ in Stack(features: features, layers: []) }
    for k in network.encoder.indices {
      let members = spec.tasks.indices.filter { (layers[$0] ?? -1) >= k }
      var outputs: [ValueID] = []
      for task in members {
        outputs.append(try addLayer(k, prefix: "\(spec.tasks[task].name).", reading: stacks[task].top))
      }
      let alpha = try addAlpha("mix.\(k).alpha", tasks: members.count)
      for (row, task) in members.enumerated() {
        let mixed = try addMix(
          "\(spec.tasks[task].name).encoder.\(k).mixed", of: outputs, by: alpha, row: row, directions: 2)
        stacks[task].layers.append(mixed)
      }
    }
    var read: [ValueID] = []
    for (index, task) in spec.tasks.enumerated() {
      read.append(
        try addOutput(of: stacks[index], layer: layers[index], for: task, prefix: "\(task.name)."))
    }
    return read
  }

  private mutating func addAlpha(_ name: String, tasks: Int) throws(GraphError) -> ParameterID {
    let mix = spec.sharing.mix
    return try graph.addParameter(
      name, shape: [tasks * mix.subspaces, tasks * mix.subspaces],
      initializer: .values(MixStart.alpha(mix.start, tasks: tasks, subspaces: mix.subspaces)), group: .mixing,
      isTrainable: mix.learned)
  }

  /// Adds a row of a mixture. Inputs that a constant zero keeps out are not read, so that tasks which do not mix do not
  /// depend on each other.
  private mutating func addMix(
    _ name: String, of values: [ValueID], by alpha: ParameterID, row: Int, directions: Int
  ) throws(GraphError) -> ValueID {
    let subspaces = spec.sharing.mix.subspaces
    let sources = values.indices.filter { source in
      guard !graph[alpha].isTrainable, case .values(let entries) = graph[alpha].initializer else {
        return true
      }
      return (0..<subspaces).contains { part in
        let first = (row * subspaces + part) * graph[alpha].columns + source * subspaces
        return entries[first..<first + subspaces].contains { $0 != 0 }
      }
    }
    let mix = Mix(row: row, sources: Array(sources), subspaces: subspaces, directions: directions)
    return try graph.add(mix, named: name, inputs: sources.map { values[$0] }, parameters: [alpha])[0]
  }
}
