import WeftCorpus
import WeftSpec
import WeftTrain

/// A comparison as a whole, made up: every part that a report can show is there.
enum SampleResults {
  typealias Results = ComparisonResults

  static let tasks = [
    Results.Task(
      name: "pos", metric: .accuracy, corpus: "ewt", sentences: ["train": 12544, "dev": 2001, "test": 2077]),
    Results.Task(
      name: "ner", metric: .spanF1, corpus: "ewt", sentences: ["train": 12543, "dev": 2001, "test": 2077]),
    Results.Task(
      name: "deprel", metric: .accuracy, corpus: "ewt",
      sentences: ["train": 12543, "dev": 2001, "test": 2077]),
  ]

  /// A number in −0.5 ..< 0.5 that depends on its key alone.
  private static func wobble(_ key: String, _ seed: UInt64) -> Double {
    Double(RandomStream(seed: seed, site: key, task: 0, step: 0).row(sentence: 0, position: 0).uniform(0))
      - 0.5
  }

  private static func scores(_ system: String, _ gains: [Double], _ seed: UInt64) -> [String: Double] {
    var scores: [String: Double] = [:]
    for (number, task) in tasks.enumerated() {
      let base = [0.9412, 0.7391, 0.8620][number]
      scores[task.name] = base + gains[number] / 100 + wobble(system + task.name, seed) * 0.006
    }
    return scores
  }

  private static func test(_ difference: Double, _ p: Double) -> PairedTest {
    PairedTest(
      difference: difference / 100, pValue: p, permutations: 10_000, lower: (difference - 0.35) / 100,
      upper: (difference + 0.4) / 100, seeds: 3, better: difference > 0 ? 3 : 1, sentences: 2077)
  }

  private static func rounds(_ system: String, _ task: Int, _ seed: UInt64) -> [Results.Round] {
    var rounds: [Results.Round] = []
    var density = 1.0
    for round in 0...20 {
      let shape = Double(round) * 0.05 - Double(round * round) * 0.006
      let dev = [0.946, 0.752, 0.868][task] + shape / 100 + wobble("\(system)\(task)\(round)", seed) * 0.004
      rounds.append(.init(round: round, density: density, dev: dev))
      density *= 0.8912509381337456
    }
    if let best = rounds.dropFirst().indices.max(by: { (rounds[$0].dev ?? 0) < (rounds[$1].dev ?? 0) }) {
      rounds[best].isChosen = true
    }
    return rounds
  }

  private static func overlaps(_ density: Double, _ seed: UInt64) -> [Results.Overlap] {
    [["pos", "ner"], ["pos", "deprel"], ["ner", "deprel"], ["pos", "ner", "deprel"]].map { group in
      let expected =
        group.count == 2 ? density / (2 - density) : density * density / (3 - 3 * density + density * density)
      return .init(
        tasks: group, ratio: min(1, expected * 1.12 + wobble(group.joined(), seed) * 0.02), expected: expected
      )
    }
  }

  static func run(
    _ system: String, _ gains: [Double], seed: UInt64, parameters: Int, density: Double? = nil,
    pruned: Bool = false
  ) -> Results.Run {
    var run = Results.Run(
      seed: seed, folder: "\(system)/seed-\(seed)", dev: scores(system + "dev", gains, seed),
      test: scores(system, gains, seed), parameters: parameters)
    if let density {
      for (number, task) in tasks.enumerated() {
        run.densities[task.name] = density + [0.1, 0, -0.05][number]
      }
      run.overlaps = overlaps(density, seed)
    }
    if pruned {
      run.stages.append(.init(.warmup, tokens: 12_000_000, seconds: 1_020))
      for (number, task) in tasks.enumerated() {
        run.pruning[task.name] = rounds(system, number, seed)
        run.stages.append(.init(.pruning, task: task.name, tokens: 40_000_000, seconds: 3_600))
      }
    }
    run.stages.append(.init(.training, tokens: 20_000_000, seconds: 1_800))
    return run
  }

  static var full: Results {
    let seeds: [UInt64] = [2019, 2020, 2021]
    func runs(
      _ system: String, _ gains: [Double], _ parameters: Int, density: Double? = nil, pruned: Bool = false
    ) -> [Results.Run] {
      seeds.map {
        run(
          system, gains, seed: $0, parameters: parameters + (density == nil ? 0 : Int($0) * 3),
          density: density, pruned: pruned)
      }
    }
    func tests(_ gains: [Double], _ p: [Double]) -> [String: PairedTest] {
      Dictionary(
        uniqueKeysWithValues: zip(tasks, zip(gains, p)).map { ($0.name, test($1.0, $1.1)) })
    }
    return Results(
      name: "ewt-compare", toolVersion: "0.1.0", tasks: tasks, seeds: seeds, baseline: "single",
      systems: [
        .init(
          name: "single", title: "single task", sharing: .single, runs: runs("single", [0, 0, 0], 1_601_790)),
        .init(
          name: "single-subnet", title: "single task on the subnet", sharing: .single, masksOf: "sparse",
          runs: runs("single-subnet", [0.02, 0.2, -0.05], 780_120, density: 0.55),
          significance: tests([0.02, 0.2, -0.05], [0.81, 0.32, 0.64])),
        .init(
          name: "hard", title: "hard sharing", sharing: .hard, runs: runs("hard", [-0.1, 0.5, 0.3], 533_930),
          significance: tests([-0.1, 0.5, 0.3], [0.04, 0.12, 0.008])),
        .init(
          name: "soft", title: "soft sharing (cross-stitch)", sharing: .soft,
          runs: runs("soft", [0.05, 0.6, 0.32], 1_596_330),
          significance: tests([0.05, 0.6, 0.32], [0.44, 0.03, 0.006])),
        .init(
          name: "sparse", title: "sparse sharing", sharing: .sparse, warmup: 20, granularity: .weights,
          runs: runs("sparse", [0.2, 1.1, 0.5], 412_000, density: 0.55, pruned: true),
          significance: tests([0.2, 1.1, 0.5], [0.0004, 0.0009, 0.0001])),
        .init(
          name: "sparse-cold", title: "sparse sharing without warm-up", sharing: .sparse, warmup: 0,
          granularity: .weights,
          runs: runs("sparse-cold", [0.1, 0.4, 0.35], 420_000, density: 0.6, pruned: true),
          significance: tests([0.1, 0.4, 0.35], [0.02, 0.11, 0.004])),
        .init(
          name: "random", title: "random masks", sharing: .hard, randomMasksLike: "sparse",
          runs: runs("random", [-0.2, -0.6, 0.1], 455_000, density: 0.55),
          significance: tests([-0.2, -0.6, 0.1], [0.001, 0.02, 0.21])),
      ],
      densities: [0.8, 0.5, 0.3].map { density in
        .init(
          density: density, masksOf: "sparse",
          runs: runs(
            "at-\(density)", [0.2 * density, 0.9 * density, 0.4 * density], 300_000, density: density))
      }, also: [position])
  }

  /// Two tasks that have little in common.
  static var position: Results {
    let tasks = [
      tasks[1],
      Results.Task(
        name: "position", metric: .accuracy, corpus: "ewt", sentences: ["test": 2077], synthetic: .position),
    ]
    func runs(_ system: String, _ ner: Double, _ position: Double) -> [Results.Run] {
      [2019, 2020].map { seed in
        Results.Run(
          seed: seed, folder: "\(system)/seed-\(seed)",
          test: ["ner": ner + wobble(system, seed) * 0.01, "position": position], parameters: 60_600,
          stages: [.init(.training, tokens: 4_000_000, seconds: 120)])
      }
    }
    return Results(
      name: "ewt-position", toolVersion: "0.1.0", tasks: tasks, seeds: [2019, 2020], baseline: "single",
      systems: [
        .init(name: "single", title: "single task", sharing: .single, runs: runs("s", 0.6105, 0.9921)),
        .init(name: "hard", title: "hard sharing", sharing: .hard, runs: runs("h", 0.5362, 0.9950)),
        .init(name: "sparse", title: "sparse sharing", sharing: .sparse, warmup: 10),
      ])
  }
}
