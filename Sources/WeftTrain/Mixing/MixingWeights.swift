import WeftGraph
import WeftRuntime
import WeftSpec

/// What a network with soft sharing has learned about sharing: α between tasks and β over layers (Ruder et al. 2019).
public struct MixingWeights: Sendable, Equatable, Codable {
  /// What weights were before training.
  public struct Origin: Sendable, Equatable, Codable {
    /// In the form of the weights.
    public var values: [Double]
    /// Otherwise they are constants. Of a mixture with `entries` some can be even so.
    public var isTrained: Bool
    public init(values: [Double], isTrained: Bool) {
      self.values = values
      self.isTrained = isTrained
    }
  }

  /// The mixture behind one layer: row r of h̃ = α h is what a subspace reads, column c what it reads from.
  public struct Alpha: Sendable, Equatable, Codable {
    /// Number of the layer, from 0 at the bottom.
    public var layer: Int
    /// The tasks that have the layer.
    public var tasks: [String]
    /// Subspaces of each task.
    public var subspaces: Int
    /// Row-major, [tasks·S × tasks·S].
    public var values: [Double]
    /// nil if that is not known.
    public var origin: Origin?
    public init(
      layer: Int, tasks: [String], subspaces: Int, values: [Double], origin: Origin? = nil
    ) {
      self.layer = layer
      self.tasks = tasks
      self.subspaces = subspaces
      self.values = values
      self.origin = origin
    }

    /// The mixture before training; nil if that is not known.
    public var start: Alpha? {
      origin.map { Alpha(layer: layer, tasks: tasks, subspaces: subspaces, values: $0.values) }
    }

    /// Rows and columns.
    public var size: Int { tasks.count * subspaces }

    /// `ner·2`, or `ner` where tasks are not split.
    public var labels: [String] {
      tasks.flatMap { task in subspaces == 1 ? [task] : (1...subspaces).map { "\(task)·\($0)" } }
    }

    /// How much of what a task reads comes from each of the tasks: Σ|α| over its rows and their columns, in parts of the
    /// whole; zeros if it reads nothing.
    public func shares(of reader: Int) -> [Double] {
      shares(ofRows: reader * subspaces..<(reader + 1) * subspaces)
    }

    /// The same of one subspace of a task.
    public func shares(of reader: Int, subspace: Int) -> [Double] {
      shares(ofRows: reader * subspaces + subspace..<reader * subspaces + subspace + 1)
    }

    private func shares(ofRows rows: Range<Int>) -> [Double] {
      let sums = tasks.indices.map { source in
        rows.reduce(0.0) { sum, row in
          let first = row * size + source * subspaces
          return sum + values[first..<first + subspaces].reduce(0) { $0 + abs($1) }
        }
      }
      let total = sums.reduce(0, +)
      return sums.map { total > 0 ? $0 / total : 0 }
    }
  }

  /// The weights of the layers that a task's head reads.
  public struct Beta: Sendable, Equatable, Codable {
    public var task: String
    /// Layer by layer, from the bottom.
    public var values: [Double]
    /// nil if that is not known.
    public var origin: Origin?
    public init(task: String, values: [Double], origin: Origin? = nil) {
      self.task = task
      self.values = values
      self.origin = origin
    }

    /// |β_k| in parts of their sum; zeros if all are 0.
    public var shares: [Double] {
      let total = values.reduce(0) { $0 + abs($1) }
      return values.map { total > 0 ? abs($0) / total : 0 }
    }
  }

  /// From the lowest layer.
  public var alphas: [Alpha]
  /// In the order of the tasks; those whose head reads one layer alone, or all side by side, have none.
  public var betas: [Beta]

  public init(alphas: [Alpha] = [], betas: [Beta] = []) {
    self.alphas = alphas
    self.betas = betas
  }

  public var isEmpty: Bool { alphas.isEmpty && betas.isEmpty }
}

extension MixingWeights {
  /// Reads the mixtures of a network.
  ///
  /// - Parameters:
  ///   - graph: says which tasks each mixture is over.
  ///   - parameters: their values by name.
  public init(_ graph: Graph, tasks: [TaskSpec], parameters: ParameterBlock) {
    self.init(graph, tasks: tasks) { parameters[$0] }
  }

  init(_ graph: Graph, tasks: [TaskSpec], values: (String) -> [Float]?) {
    self.init()
    for node in graph.nodes {
      guard let mix = node.operation as? Mix, let id = node.parameters.first else { continue }
      let parameter = graph[id]
      guard let values = values(parameter.name), values.count == parameter.shape.reduce(1, *) else {
        continue
      }
      let matrix = graph.mixingMatrix(of: id, values: values).elements
      let origin: Origin? =
        if case .values(let start) = parameter.initializer {
          Origin(
            values: graph.mixingMatrix(of: id, values: start.map { Float($0) }).elements,
            isTrained: parameter.isTrainable)
        } else { nil }
      if let task = tasks.first(where: { parameter.name == "heads.\($0.name).beta" }) {
        betas.append(Beta(task: task.name, values: matrix, origin: origin))
        continue
      }
      // `mix.<k>.alpha`; the node of each reader is called `<task>.encoder.<k>.mixed`.
      let parts = parameter.name.split(separator: ".")
      guard parts.count == 3, parts[0] == "mix", let layer = Int(parts[1]),
        let task = tasks.first(where: { node.name == "\($0.name).encoder.\(layer).mixed" })
      else { continue }
      if let known = alphas.firstIndex(where: { $0.layer == layer }) {
        alphas[known].tasks.append(task.name)
      } else {
        alphas.append(
          Alpha(
            layer: layer, tasks: [task.name], subspaces: mix.subspaces, values: matrix, origin: origin))
      }
    }
    alphas.sort { $0.layer < $1.layer }
    betas.sort { first, second in
      (tasks.firstIndex { $0.name == first.task } ?? 0) < (tasks.firstIndex { $0.name == second.task } ?? 0)
    }
  }

  /// The element-wise mean of the weights of several runs of one system; nil without any, or if they differ in form.
  public init?(meanOf weights: [MixingWeights]) {
    guard var mean = weights.first else { return nil }
    let forms = weights.map { weights in
      weights.alphas.map { "\($0.layer) \($0.labels)" }
        + weights.betas.map { "\($0.task) \($0.values.count)" }
    }
    guard Set(forms).count == 1 else { return nil }
    func average(_ rows: [[Double]]) -> [Double] {
      rows[0].indices.map { index in rows.reduce(0) { $0 + $1[index] } / Double(rows.count) }
    }
    for index in mean.alphas.indices {
      mean.alphas[index].values = average(weights.map { $0.alphas[index].values })
    }
    for index in mean.betas.indices {
      mean.betas[index].values = average(weights.map { $0.betas[index].values })
    }
    self = mean
  }
}
