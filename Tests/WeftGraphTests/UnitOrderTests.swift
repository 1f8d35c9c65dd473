import Testing
import WeftSpec

@testable import WeftGraph

/// Units in another order compute the same.
struct UnitOrderTests {
  /// Masks that remove some units of every LSTM, not the same ones.
  private func masks(_ graph: Graph, count: Int) -> [[String: [UInt8]]] {
    (0..<count).map { number in
      var mask: [String: [UInt8]] = [:]
      for node in graph.nodes {
        guard let lstm = node.operation as? Lstm else { continue }
        for direction in 0..<lstm.directions {
          for id in node.parameters[(4 * direction)..<(4 * direction + 2)] {
            let columns = graph[id].columns
            var bytes = [UInt8](repeating: 1, count: graph[id].rows * columns)
            for unit in 0..<lstm.hidden where (unit + direction + number) % 3 != 1 {
              for gate in 0..<4 {
                let start = (gate * lstm.hidden + unit) * columns
                bytes.replaceSubrange(start..<start + columns, with: repeatElement(0, count: columns))
              }
            }
            mask[graph[id].name] = bytes
          }
        }
      }
      return mask
    }
  }

  private func masked(_ parameters: [String: Matrix], by mask: [String: [UInt8]]) -> [String: Matrix] {
    parameters.reduce(into: [:]) { result, entry in
      result[entry.key] = entry.value
      for (place, byte) in (mask[entry.key] ?? []).enumerated() where byte == 0 {
        result[entry.key]?.elements[place] = 0
      }
    }
  }

  @Test(arguments: SharingSpec.Kind.allCases, [CharSpec.Kind.cnn, .bilstm])
  func theNetworkStaysTheSame(_ sharing: SharingSpec.Kind, _ chars: CharSpec.Kind) throws {
    let graph = try Graph(spec: SmallNetwork.spec(sharing, chars: chars), sizes: SmallNetwork.sizes)
      .specialized(for: .use)
    let (parameters, batch) = (graph.randomParameters(), SmallNetwork.batch.pack())
    let masks = masks(graph, count: 2)
    let order = UnitOrder(graph, masks: masks)
    // Where states are mixed column by column each keeps its place.
    #expect(order.isIdentity == (sharing == .soft))
    for mask in masks + [[:]] {
      let own = masked(parameters, by: mask)
      var reordered = own
      for parameter in graph.parameters {
        let values = order.reordered(own[parameter.name]?.elements ?? [], of: parameter)
        reordered[parameter.name]?.elements = values
        #expect(values.sorted() == (own[parameter.name]?.elements ?? []).sorted())
      }
      let before = try ReferenceInterpreter(graph, parameters: own).use(batch)
      let after = try ReferenceInterpreter(graph, parameters: reordered).use(batch)
      for task in graph.tasks {
        let name = graph[task.scores].name
        let (a, b) = (try #require(before.values[name]), try #require(after.values[name]))
        #expect(zip(a.elements, b.elements).allSatisfy { abs($0 - $1) <= 1e-12 })
      }
    }
  }

  /// Units that one mask has removed lie behind those that it uses.
  @Test func removedUnitsAreLast() throws {
    let graph = try Graph(spec: SmallNetwork.spec(.hard), sizes: SmallNetwork.sizes).specialized(for: .use)
    let masks = masks(graph, count: 1)
    let order = UnitOrder(graph, masks: masks)
    for node in graph.nodes {
      guard let lstm = node.operation as? Lstm else { continue }
      for id in [node.parameters[0], node.parameters[1]] {
        let parameter = graph[id]
        let bytes = order.reordered(try #require(masks[0][parameter.name]), of: parameter)
        for gate in 0..<4 {
          let rows = (0..<lstm.hidden).map { bytes[(gate * lstm.hidden + $0) * parameter.columns] }
          #expect(rows == rows.sorted(by: >))
        }
      }
    }
  }

  @Test func withoutRemovedUnitsNothingMoves() throws {
    let graph = try Graph(spec: SmallNetwork.spec(.hard), sizes: SmallNetwork.sizes).specialized(for: .use)
    #expect(UnitOrder(graph, masks: []).isIdentity)
    #expect(UnitOrder(graph, masks: [[:]]).isIdentity)
    let none = masks(graph, count: 1)[0].mapValues { [UInt8](repeating: 0, count: $0.count) }
    #expect(UnitOrder(graph, masks: [none]).isIdentity)
  }
}
