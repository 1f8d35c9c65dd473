import Testing
import WeftGraph

struct ParameterInitializationTests {
  private let graph: Graph
  private let start = ParameterInitialization(seed: 7)

  init() throws { graph = try Graph(spec: SmallNetwork.spec(.hard), sizes: SmallNetwork.sizes) }

  private func values(_ name: String, seed: UInt64 = 7) throws -> [Float] {
    ParameterInitialization(seed: seed).values(of: graph[try #require(graph.parameter(named: name))])
  }

  @Test func weightsAreUniformWithinXaviersBound() throws {
    // encoder.0 reads 2 + 2 + 1 columns and has 8 gate rows.
    let weight = try values("encoder.0.weight_ih_l0")
    let bound = Float((6.0 / 13).squareRoot())
    #expect(weight.count == 40)
    #expect(weight.allSatisfy { abs($0) <= bound })
    #expect(weight.contains { $0 > bound / 2 } && weight.contains { $0 < -bound / 2 })
    #expect(Set(weight).count == 40)
    let conv = try values("chars.conv.weight")
    let (fanIn, fanOut) = (2.0 * 3, 2.0 * 3)
    #expect(conv.allSatisfy { abs($0) <= Float((6 / (fanIn + fanOut)).squareRoot()) })
  }

  @Test func numbersAreThoseOfTheKeyedStream() throws {
    // √(6/10) (2u − 1) with u computed by another implementation.
    var graph = Graph()
    let id = try graph.addParameter(
      "encoder.0.weight_ih_l0", shape: [8, 2], initializer: .xavier(fanIn: 2, fanOut: 8), group: .recurrent)
    let weight = start.values(of: graph[id])
    #expect(weight[0] == Float(-0.3867680310624572))
    #expect(weight[1] == Float(-0.10199335815954434))
    #expect(weight[15] == Float(0.3417572353477891))
  }

  @Test func paddingRowsAreZero() throws {
    let table = try values("words.weight")
    #expect(table.prefix(2).allSatisfy { $0 == 0 })
    #expect(table.dropFirst(2).allSatisfy { $0 != 0 && abs($0) <= Float(1.5.squareRoot()) })
  }

  @Test func biasesAndTransitions() throws {
    #expect(try values("encoder.0.bias_ih_l0") == [0, 0, 1, 1, 0, 0, 0, 0])
    #expect(try values("encoder.1.bias_hh_l0_reverse") == [0, 1, 0, 0])
    for name in ["heads.a.bias", "chars.conv.bias", "heads.b.transitions", "heads.b.start", "heads.b.end"] {
      #expect(try values(name).allSatisfy { $0 == 0 })
    }
  }

  @Test func seedAndNameDecide() throws {
    let weight = try values("encoder.0.weight_hh_l0")
    #expect(try values("encoder.0.weight_hh_l0") == weight)
    #expect(try values("encoder.0.weight_hh_l0", seed: 8) != weight)
    #expect(try values("encoder.0.weight_hh_l0_reverse") != weight)
  }
}
