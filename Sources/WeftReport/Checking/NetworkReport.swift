import WeftGraph

/// What a network holds and costs, as tables.
public struct NetworkReport: Sendable {
  private let graph: Graph
  private let table: ParameterTable

  /// - Parameter graph: not differentiated.
  public init(_ graph: Graph) throws(GraphError) {
    self.graph = graph
    table = ParameterTable(try graph.differentiated())
  }

  /// Numbers by part of the network: shared by several tasks, of one task alone, and all.
  public func counts() -> TextTable {
    var parts: [(title: String, count: (ParameterTable.Counts) -> Int)] = [
      ("network", \.network), ("prunable", \.prunable), ("embeddings", \.embeddings), ("heads", \.heads),
      ("total", \.total),
    ]
    if table.all.mixing > 0 { parts.insert(("mixing", \.mixing), at: 2) }
    var text = TextTable([.init("parameters", .left)] + parts.map { .init($0.title) })
    func add(_ name: String, _ counts: ParameterTable.Counts) {
      text.add([name] + parts.map { Quantity.count($0.count(counts)) })
    }
    if table.tasks.count > 1 { add("shared", table.shared) }
    for (index, task) in table.tasks.enumerated() { add("\(task) alone", table.own(ofTask: index)) }
    text.addRule()
    add("all", table.all)
    return text
  }

  /// Every parameter with its shape and the tasks that reach it.
  public func parameters() -> TextTable {
    var text = TextTable([
      .init("parameter", .left), .init("shape", .left), .init("numbers"), .init("tasks", .left),
      .init("", .left),
    ])
    for row in table.rows {
      let tasks = table.tasks.indices.filter { row.tasks & (1 << UInt64($0)) != 0 }.map { table.tasks[$0] }
      var notes: [String] = []
      if row.isPrunable { notes.append("prunable") }
      if !row.isTrainable { notes.append("frozen") }
      text.add([
        row.name, row.shape.map(String.init).joined(separator: " × "), Quantity.count(row.count),
        tasks.count == table.tasks.count ? "all" : tasks.joined(separator: ", "),
        notes.joined(separator: ", "),
      ])
    }
    return text
  }

  /// Multiply-adds of a token's forward pass: for each task by itself, and for all together.
  ///
  /// - Parameter scalars: characters of the token, whose form is computed for it alone.
  public func work(scalars: Int) -> TextTable {
    var text = TextTable([.init("tasks", .left), .init("multiply-adds a token")])
    for (index, task) in table.tasks.enumerated() {
      let cost = CostEstimate(graph, purpose: .use, tasks: 1 << UInt64(index))
      text.add([task, Quantity.count(cost.multiplyAddsPerToken(scalars: scalars))])
    }
    if table.tasks.count > 1 {
      let cost = CostEstimate(graph, purpose: .use)
      text.add(["all", Quantity.count(cost.multiplyAddsPerToken(scalars: scalars))])
    }
    return text
  }

  /// Memory of a call on one sentence, besides parameters, for all tasks together.
  ///
  /// - Parameters:
  ///   - lengths: tokens.
  ///   - tagging, training: bytes for a sentence of so many tokens.
  public static func memory(
    lengths: [Int], tagging: (Int) -> Int, training: (Int) -> Int
  ) -> TextTable {
    var text = TextTable([.init("tokens"), .init("tagging"), .init("a training step")])
    for length in lengths {
      text.add([
        Quantity.count(length), Quantity.bytes(tagging(length)), Quantity.bytes(training(length)),
      ])
    }
    return text
  }
}
