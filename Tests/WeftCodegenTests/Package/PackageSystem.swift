import WeftSpec

/// Networks that differ in how tasks share, and in what heads read.
enum PackageSystem: String, CaseIterable {
  case single, hierarchical, soft, sluice, skip, dense, perceptron

  func change(_ spec: inout Spec) {
    switch self {
    case .single: spec.sharing = SharingSpec(kind: .single)
    case .hierarchical:
      spec.network.encoder = [LayerSpec(hidden: 5), LayerSpec(hidden: 18)]
      spec.tasks[0].head.layer = 0
    case .soft:
      spec.network.encoder = [LayerSpec(hidden: 4), LayerSpec(hidden: 6)]
      spec.sharing = SharingSpec(kind: .soft)
    case .sluice:
      spec.network.encoder = [LayerSpec(hidden: 4), LayerSpec(hidden: 4)]
      spec.sharing = SharingSpec(kind: .soft)
      spec.sharing.mix.subspaces = 2
      for task in spec.tasks.indices { spec.tasks[task].head.layers = .mixture }
    case .skip, .dense:
      spec.network.encoder = [LayerSpec(hidden: 5), LayerSpec(hidden: 5)]
      spec.tasks[1].head.layers = self == .skip ? .sum : .concatenation
    case .perceptron:
      spec.tasks[0].head = HeadSpec(hidden: [6, 9], activation: .tanh)
      spec.tasks[1].head = HeadSpec(hidden: [17], activation: .relu)
    }
  }
}
