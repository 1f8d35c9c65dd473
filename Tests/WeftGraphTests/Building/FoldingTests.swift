import Testing
import WeftCorpus
import WeftSpec

@testable import WeftGraph

/// A folded graph means what the graph means, within its budget.
struct FoldingTests {
  private func graph(_ sharing: SharingSpec.Kind = .hard, chars: CharSpec.Kind? = .cnn) throws -> Graph {
    var spec = SmallNetwork.spec(sharing, chars: chars ?? .cnn)
    if chars == nil { spec.network.chars = nil }
    return try Graph(spec: spec, sizes: SmallNetwork.sizes).specialized(for: .use)
  }

  private func knownRows(_ graph: Graph) -> [Int?] {
    graph.nodes.compactMap { $0.operation as? FoldedLstm }.flatMap { $0.parts.map(\.knownRows) }
  }

  /// Scores of both graphs for the same random parameters.
  private func expectEqual(_ graph: Graph, _ folded: Graph) throws {
    let parameters = graph.randomParameters()
    let batch = SmallNetwork.batch.pack()
    let expected = try ReferenceInterpreter(graph, parameters: parameters).use(batch)
    let found = try ReferenceInterpreter(folded, parameters: parameters).use(batch)
    for task in graph.tasks {
      let name = graph[task.scores].name
      let (a, b) = (try #require(expected.values[name]), try #require(found.values[name]))
      #expect(zip(a.elements, b.elements).allSatisfy { abs($0 - $1) <= 1e-12 })
    }
  }

  @Test(arguments: [0, 1 << 10, 1 << 24], [SharingSpec.Kind.hard, .single])
  func meaningStays(bytes: Int, sharing: SharingSpec.Kind) throws {
    for chars in [nil, CharSpec.Kind.cnn, .bilstm] {
      let graph = try graph(sharing, chars: chars)
      let folded = try graph.folded(within: FoldingBudget(bytes: bytes))
      try GraphVerifier.verify(folded)
      #expect(folded.parameters.map(\.name) == graph.parameters.map(\.name))
      #expect(folded.inputs.map { folded[$0].name } == graph.inputs.map { graph[$0].name })
      #expect(!folded.nodes.contains { $0.operation is Lstm || $0.operation is CharConv })
      try expectEqual(graph, folded)
    }
  }

  @Test func withoutBudgetNothingIsKnown() throws {
    let folded = try graph(chars: .bilstm).folded(within: FoldingBudget(bytes: 0))
    #expect(knownRows(folded).allSatisfy { $0 == nil })
  }

  @Test func smallTablesAreKnownWholly() throws {
    let graph = try graph()
    let folded = try graph.folded(within: FoldingBudget(bytes: 1 << 24))
    let words = try #require(graph.parameter(named: "words.weight"))
    #expect(knownRows(folded).contains(graph[words].rows))
    // What is looked up is gone as a value.
    #expect(!folded.values.contains { $0.name == "words" })
  }

  /// The budget is for all copies together, and a beginning of a table that covers next to nothing is left out.
  @Test func theBudgetIsKept() throws {
    var spec = SmallNetwork.spec(.hard)
    spec.network.chars = nil
    var sizes = SmallNetwork.sizes
    sizes.words = 5000
    let graph = try Graph(spec: spec, sizes: sizes).specialized(for: .use)
    let rowBytes = 2 * 4 * spec.network.encoder[0].hidden * 4
    // Four rows of casing come first.
    for (bytes, copies, rows) in [
      (104 * rowBytes, 1, 100), (207 * rowBytes, 2, 99), (67 * rowBytes, 1, nil as Int?),
    ] {
      let folded = try graph.folded(within: FoldingBudget(bytes: bytes, copies: copies))
      #expect(knownRows(folded).contains(rows))
      #expect(knownRows(folded).compactMap { $0 }.reduce(0, +) * rowBytes * copies <= bytes)
    }
  }

  @Test func partsMustBeTheInput() throws {
    let lstm = Lstm(hidden: 2)
    for parts in [[0..<2, 3..<5], [0..<3, 2..<5], [1..<5]] {
      let folded = FoldedLstm(lstm, parts: parts.map { FoldedLstm.Part(columns: [$0]) })
      #expect(throws: GraphError.self) {
        _ = try folded.outputTypes(inputs: parts.map { ValueType(.token, $0.count) }, parameters: [])
      }
    }
  }
}
