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

  /// Characters that are read by a convolution alone are known with the words; what else reads them needs all of them.
  @Test func spellingsAreKnownWithWords() throws {
    func spelled(_ graph: Graph) -> [FoldedLstm.Part.Source] {
      graph.nodes.compactMap { $0.operation as? FoldedLstm }.flatMap { $0.parts.map(\.source) }.filter {
        if case .spelling = $0 { true } else { false }
      }
    }
    let graph = try graph()
    let folded = try graph.folded(within: FoldingBudget(bytes: 1 << 24))
    let words = try #require(graph.parameter(named: "words.weight"))
    let layers = folded.nodes.compactMap { $0.operation as? FoldedLstm }
    let known = try #require(layers[0].parts.firstIndex { $0.knownRows == graph[words].rows })
    #expect(spelled(folded) == [.spelling(words: known, knownRows: graph[words].rows)])
    #expect(!folded.nodes.contains { $0.operation is Gather })
    #expect(spelled(try graph.folded(within: FoldingBudget(bytes: 0))).isEmpty)
    let recurrent = try self.graph(chars: .bilstm)
    #expect(spelled(try recurrent.folded(within: FoldingBudget(bytes: 1 << 24))).isEmpty)
  }

  /// Forms must be those of words that come before them.
  @Test func spellingsNeedTheirWords() throws {
    let tokens = ValueType(.token, 1, .index)
    let lstm = Lstm(hidden: 2)
    let weights = [[8, 5], [8, 2], [8], [8], [8, 5], [8, 2], [8], [8], [7, 3]]
    func check(_ words: Int, _ known: Int) throws {
      var graph = Graph()
      var parameters: [Parameter] = []
      for (number, shape) in weights.enumerated() {
        let id = try graph.addParameter("\(number)", shape: shape, initializer: .zero, group: .embedding)
        parameters.append(graph[id])
      }
      let folded = FoldedLstm(
        lstm,
        parts: [
          FoldedLstm.Part(columns: [0..<3], source: .table(knownRows: 5)),
          FoldedLstm.Part(columns: [3..<5], source: .spelling(words: words, knownRows: known)),
        ])
      _ = try folded.outputTypes(inputs: [tokens, ValueType(.form, 2), tokens], parameters: parameters)
    }
    try check(0, 5)
    #expect(throws: GraphError.self) { try check(0, 6) }
    #expect(throws: GraphError.self) { try check(1, 5) }
    #expect(throws: GraphError.self) { try check(-1, 5) }
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
