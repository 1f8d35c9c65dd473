/// The parameters of a graph, who reaches them, and how many numbers they hold.
public struct ParameterTable: Sendable, Equatable {
  public struct Row: Sendable, Equatable {
    public var name: String
    public var shape: [Int]
    public var count: Int
    public var group: Parameter.Group
    public var isPrunable: Bool
    public var isTrainable: Bool
    /// Bit t: task t reaches it.
    public var tasks: UInt64
    /// Is it counted as part of the network? See `Counts.network`.
    public var isCounted: Bool { group == .convolution || group == .recurrent }
  }

  /// Numbers in the parts of a network.
  public struct Counts: Sendable, Equatable {
    /// LSTM weights and biases, convolution weight and bias: what the literature counts (Sun et al. 2020).
    public var network = 0
    /// Those of them that a mask may remove.
    public var prunable = 0
    /// Those of them that are added to something, and that no mask removes.
    public var biases = 0
    /// α between tasks and β over layers. Sun et al. do not count them as part of soft sharing's network; Ruder et al. (2019)
    /// count nothing else.
    public var mixing = 0
    public var embeddings = 0
    public var heads = 0
    public var total: Int { network + mixing + embeddings + heads }
    /// Of the total, those that training never changes.
    public var frozen = 0
  }

  public var tasks: [String]
  public var rows: [Row]

  public init(_ graph: Graph) {
    tasks = graph.tasks.map(\.name)
    let (training, use) = (graph.reach(.training), graph.reach(.use))
    rows = graph.parameters.map { parameter in
      let index = parameter.id.index
      return Row(
        name: parameter.name, shape: parameter.shape, count: parameter.count, group: parameter.group,
        isPrunable: parameter.isPrunable, isTrainable: parameter.isTrainable,
        tasks: training.parameters[index] | use.parameters[index])
    }
  }

  /// All parameters.
  public var all: Counts { counts { _ in true } }
  /// Parameters that more than one task reaches.
  public var shared: Counts { counts { $0.tasks.nonzeroBitCount > 1 } }
  /// Everything that a task reaches, shared or not.
  public func reached(byTask index: Int) -> Counts { counts { $0.tasks & (1 << UInt64(index)) != 0 } }
  /// What only this task reaches.
  public func own(ofTask index: Int) -> Counts { counts { $0.tasks == 1 << UInt64(index) } }

  private func counts(where isIncluded: (Row) -> Bool) -> Counts {
    rows.filter(isIncluded).reduce(into: Counts()) { counts, row in
      switch row.group {
      case .convolution, .recurrent:
        counts.network += row.count
        if row.shape.count == 1 { counts.biases += row.count }
      case .mixing: counts.mixing += row.count
      case .embedding: counts.embeddings += row.count
      case .head: counts.heads += row.count
      }
      if row.isPrunable { counts.prunable += row.count }
      if !row.isTrainable { counts.frozen += row.count }
    }
  }
}
