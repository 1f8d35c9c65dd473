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

  /// β of a task's layers, the uppermost last. Imbalanced: that one weighs 0.9 and the others share 0.1.
  static func beta(_ start: BetaSpec.Start, layers: Int) -> [Double] {
    switch start {
    case .imbalanced where layers > 1:
      Array(repeating: 0.1 / Double(layers - 1), count: layers - 1) + [0.9]
    case .imbalanced, .balanced: Array(repeating: 1 / Double(layers), count: layers)
    }
  }
}
