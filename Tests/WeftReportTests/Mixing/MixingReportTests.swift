import Testing
import WeftReport
import WeftTrain

@Suite struct MixingReportTests {
  static let weights = MixingWeights(
    alphas: [
      .init(layer: 0, tasks: ["pos", "ner"], subspaces: 1, values: [0.9, 0.1, -0.3, 0.7]),
      .init(layer: 1, tasks: ["pos", "ner"], subspaces: 1, values: [1, 0, 0.5, 0.5]),
    ], betas: [.init(task: "ner", values: [0.2, -0.6])])

  @Test func tablesAndWords() {
    #expect(
      MixingReport(Self.weights).text() == """
        α behind layer 0: a row reads from the columns
        α       pos    ner
        ──────────────────
        pos   0.900  0.100
        ner  −0.300  0.700

        α behind layer 1: a row reads from the columns
        α      pos    ner
        ─────────────────
        pos  1.000  0.000
        ner  0.500  0.500

        β: how much a task's head reads of each layer
        β    layer 0  layer 1
        ─────────────────────
        ner    0.200   −0.600

        - pos reads ner most: 10 % of what it reads behind layer 0
        - ner reads pos most: 50 % of what it reads behind layer 1
        - between tasks goes 20 % behind layer 0, 25 % behind layer 1: layer 1 shares most
        - ner uses layer 1 most: 75 % of its β, 25 % layer 0

        """)
  }

  @Test func tasksThatReadNothingOfOthers() {
    let apart = MixingWeights(
      alphas: [.init(layer: 0, tasks: ["a", "b"], subspaces: 1, values: [1, 0, 0, 1])],
      betas: [.init(task: "a", values: [1]), .init(task: "b", values: [0, 0])])
    #expect(
      MixingReport(apart).meaning == [
        "a reads nothing but its own layers", "b reads nothing but its own layers", "b uses no layer",
      ])
    let alone = MixingWeights(alphas: [.init(layer: 0, tasks: ["a"], subspaces: 2, values: [1, 0, 0, 1])])
    #expect(MixingReport(alone).meaning == [])
    #expect(MixingReport(alone).text().contains("a·2  0.000  1.000"))
  }
}
