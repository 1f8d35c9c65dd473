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

        who reads whom: % of Σ|α| of a row's task
        layer  reader  pos  ner
        ───────────────────────
        0      pos      90   10
        0      ner      30   70
        1      pos     100    0
        1      ner      50   50

        β: how much a task's head reads of each layer
        β    layer 0  layer 1
        ─────────────────────
        ner    0.200   −0.600

        - pos reads ner most: 10 % of what it reads behind layer 0
        - ner reads pos most: 50 % of what it reads behind layer 1
        - between tasks goes 20 % behind layer 0, 25 % behind layer 1: layer 1 shares most
        - each task's part in what another reads, mean over layers: pos 40 %, ner 5 %
        - ner uses layer 1 most: 75 % of its Σ|β|; layer 0 25 %

        """)
  }

  /// pos keeps its first subspace to itself and reads ner with the second; pos has one layer.
  static let subspaces = MixingWeights(
    alphas: [
      .init(
        layer: 0, tasks: ["pos", "ner"], subspaces: 2,
        values: [1, 0, 0, 0, 0, 0.5, 0.5, 0, 0, 0, 0.9, 0.1, 0, 0, 0.1, 0.9],
        origin: .init(values: (0..<16).map { $0 % 5 == 0 ? 0.95 : 0.05 }, isTrained: true)),
      .init(
        layer: 1, tasks: ["ner"], subspaces: 2, values: [1, 0, 0, 1],
        origin: .init(values: [0.95, 0.05, 0.05, 0.95], isTrained: true)),
    ],
    betas: [
      .init(task: "ner", values: [0.5, 0.5], origin: .init(values: [0.1, 0.9], isTrained: true)),
      .init(task: "pos", values: [1], origin: .init(values: [1], isTrained: false)),
    ])

  @Test func whereWeightsCameFrom() {
    #expect(
      MixingReport(Self.subspaces).text() == """
        α behind layer 0, from 0.950 on the diagonal and 0.050 beside it: a row reads from the columns
        α      pos·1  pos·2  ner·1  ner·2
        ─────────────────────────────────
        pos·1  1.000  0.000  0.000  0.000
        pos·2  0.000  0.500  0.500  0.000
        ner·1  0.000  0.000  0.900  0.100
        ner·2  0.000  0.000  0.100  0.900

        α behind layer 1, from 0.950 on the diagonal and 0.050 beside it: a row reads from the columns
        α      ner·1  ner·2
        ───────────────────
        ner·1  1.000  0.000
        ner·2  0.000  1.000

        who reads whom: % of Σ|α| of a row's task, in brackets at the start
        layer  reader      pos        ner
        ─────────────────────────────────
        0      pos     75 (91)     25 (9)
        0      ner       0 (9)   100 (91)
        1      ner              100 (100)

        β: how much a task's head reads of each layer, in brackets at the start
        β                    layer 0        layer 1
        ───────────────────────────────────────────
        ner            0.500 (0.100)  0.500 (0.900)
        pos, constant          1.000

        - pos reads ner most: 25 % of what it reads behind layer 0 (at the start 9 %)
        - ner reads nothing but its own layers
        - each task's part in what another reads, mean over layers: pos 0 %, ner 25 %
        - pos's subspace 1 is the more private one: 0 % of what it reads is of other tasks, of subspace 2 50 %
        - ner uses layer 0 most: 50 % of its Σ|β|; layer 1 50 %

        """)
  }

  @Test func startsInWords() {
    func line(_ start: [Double], isTrained: Bool = true) -> Substring {
      let alpha = MixingWeights.Alpha(
        layer: 0, tasks: ["a", "b"], subspaces: 1, values: [1, 0, 0, 1],
        origin: .init(values: start, isTrained: isTrained))
      return MixingReport(MixingWeights(alphas: [alpha])).text().prefix { $0 != ":" }
    }
    #expect(line([0.5, 0.5, 0.5, 0.5]) == "α behind layer 0, from 0.500 everywhere")
    #expect(line([1, 0.2, 0, 1]) == "α behind layer 0, from numbers of the spec")
    #expect(line([1, 0, 0, 1], isTrained: false) == "α behind layer 0, constant")
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
