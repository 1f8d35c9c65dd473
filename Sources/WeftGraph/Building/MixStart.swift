import WeftSpec

/// Where the weights of mixtures start (Ruder et al. 2019, section 4, and the code published with it).
enum MixStart {
  /// α [tasks·S × tasks·S], row-major.
  ///
  /// Imbalanced: a task's own layer weighs 0.9 and the others share 0.1; with subspaces the own one weighs 0.95 and
  /// each of the others 0.05. A task alone keeps all that it has.
  static func alpha(_ start: MixSpec.Start, tasks: Int, subspaces: Int) -> [Double] {
    let size = tasks * subspaces
    let (own, others): (Double, Double) =
      switch start {
      case .identity: (1, 0)
      case .balanced: (1 / Double(size), 1 / Double(size))
      case .imbalanced where size == 1: (1, 0)
      case .imbalanced where subspaces == 1: (0.9, 0.1 / Double(tasks - 1))
      case .imbalanced: (0.95, 0.05)
      }
    return (0..<size * size).map { $0 / size == $0 % size ? own : others }
  }

  /// α of some of the tasks, by a spec whose matrices are over all of them.
  ///
  /// - Returns: where the parameter starts and, if it does not hold every entry by itself, which it holds.
  static func alpha(_ mix: MixSpec, members: [Int]) -> (
    start: [Double], entries: MixEntries?, isTrained: Bool
  ) {
    let places = members.flatMap { task in (0..<mix.subspaces).map { task * mix.subspaces + $0 } }
    func chosen<Element>(_ matrix: [[Element]]) -> [Element] {
      places.flatMap { row in places.map { matrix[row][$0] } }
    }
    let start =
      mix.matrix.map(chosen) ?? alpha(mix.start, tasks: members.count, subspaces: mix.subspaces)
    guard let pattern = mix.entries.map(chosen) else { return (start, nil, mix.learned) }
    var names: [String] = []
    let entries = pattern.map { entry -> MixEntries.Entry in
      switch entry {
      case .constant(let value): return .constant(value)
      case .learned(let name):
        if let known = names.firstIndex(of: name) { return .learned(known) }
        names.append(name)
        return .learned(names.count - 1)
      }
    }
    let constants = entries.compactMap { if case .constant(let value) = $0 { value } else { nil } }
    // Nothing is learned: a constant matrix as any other.
    if constants.count == entries.count { return (constants, nil, false) }
    let means = names.indices.map { index in
      let values = zip(entries, start).filter { $0.0 == .learned(index) }.map(\.1)
      return values.reduce(0, +) / Double(values.count)
    }
    return (means, MixEntries(columns: places.count, entries: entries), true)
  }

  /// β of a task's layers, the uppermost last. Imbalanced: that one weighs 0.9 and the others share 0.1.
  static func beta(_ beta: BetaSpec, layers: Int) -> [Double] {
    if let values = beta.values { return values }
    return switch beta.start {
    case .imbalanced where layers > 1:
      Array(repeating: 0.1 / Double(layers - 1), count: layers - 1) + [0.9]
    case .imbalanced, .balanced: Array(repeating: 1 / Double(layers), count: layers)
    }
  }
}
