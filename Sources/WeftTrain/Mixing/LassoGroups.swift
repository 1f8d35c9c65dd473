import WeftGraph
import WeftRuntime
import WeftSpec

/// What a group lasso has left of a trained network: the input weights of each subspace of each task's layers.
public struct LassoGroups: Sendable, Equatable {
  /// The input weights of a subspace, both directions together.
  public struct Group: Sendable, Equatable {
    public var task: String
    /// From 0 at the bottom.
    public var layer: Int
    /// From 0.
    public var subspace: Int
    /// ‖G‖₂; exactly 0 of a group that the penalty has removed.
    public var norm: Double
    public init(task: String, layer: Int, subspace: Int, norm: Double) {
      self.task = task
      self.layer = layer
      self.subspace = subspace
      self.norm = norm
    }

    public var isZero: Bool { norm == 0 }
  }

  /// By task, by layer, by subspace.
  public var groups: [Group]
  /// λ of Σ ‖G‖₂.
  public var weight: Double

  public init(groups: [Group], weight: Double) {
    self.groups = groups
    self.weight = weight
  }

  /// Subspaces of a layer.
  public var subspaces: Int { (groups.map(\.subspace).max() ?? -1) + 1 }
  /// Layers of the deepest task.
  public var layers: Int { (groups.map(\.layer).max() ?? -1) + 1 }
  public var zeros: [Group] { groups.filter(\.isZero) }

  /// The group of a subspace; nil where the task has no such layer.
  public func group(of task: String, layer: Int, subspace: Int) -> Group? {
    groups.first { $0.task == task && $0.layer == layer && $0.subspace == subspace }
  }
}

extension LassoGroups {
  /// Reads the groups of a network; nil if it was trained without the penalty.
  public init?(_ graph: Graph, spec: Spec, parameters: ParameterBlock) {
    self.init(graph, spec: spec) { parameters[$0] }
  }

  init?(_ graph: Graph, spec: Spec, values: (String) -> [Float]?) {
    guard let weight = graph.weightGroups.first?.weight else { return nil }
    let known = Dictionary(uniqueKeysWithValues: graph.weightGroups.map { ($0.name, $0) })
    var groups: [Group] = []
    for task in spec.tasks {
      for layer in spec.network.encoder.indices {
        for subspace in 0..<spec.sharing.mix.subspaces {
          let name = WeightGroup.name(layer: "\(task.name).encoder.\(layer)", subspace: subspace)
          guard let group = known[name], let norm = graph.norm(of: group, values) else { continue }
          groups.append(Group(task: task.name, layer: layer, subspace: subspace, norm: norm))
        }
      }
    }
    self.init(groups: groups, weight: weight)
  }
}
