import Foundation
import Testing

/// Several systems under several seeds by one command.
@Suite(.serialized) struct CompareTests {
  private static func text(epochs: Int = 2) -> String {
    SampleSpec.text(
      network: "encoder: [{hidden: 8}]", training: "epochs: \(epochs), optimizer: adam, rate: 0.01",
      more: """
        compare:
          seeds: 2
          baseline: single
          systems:
            single: {sharing: single, title: single task}
            subnet: {sharing: single, masks-of: sparse}
            hard:   {sharing: hard}
            sparse: {sharing: {kind: sparse, warmup: 1, prune: {rounds: 2, final: 0.3, epochs: 2, select: {round: 2}}}}
            random: {sharing: hard, random-masks-like: sparse}
          densities: [0.3]
        """)
  }

  /// A comparison that nothing interrupts.
  private static let straight = Result {
    let folder = try TemporaryFolder()
    let spec = try folder.write("small.yaml", text())
    let result = try Weft.run(["compare", spec, "-o", folder.path + "/out", "--jobs", "2"])
    #expect(result.status == 0, "\(result.errors)")
    return (folder, result)
  }

  private let systems = ["single", "subnet", "hard", "sparse", "random", "densities/sparse-0.3"]

  @Test func everyRunAndTheReportAreThere() throws {
    let (folder, result) = try Self.straight.get()
    for system in systems {
      for seed in 1...2 {
        #expect(folder.contents.contains("out/\(system)/seed-\(seed)/model.safetensors"), "\(system)")
      }
    }
    #expect(result.output.contains(try Regex(#"(?m)^single task +[\d,]+ +\d+\.\d\d ± \d+\.\d\d "#)))
    #expect(result.errors.contains("(12 of 12 runs)"))
    #expect(result.errors.contains(try Regex("(?m)^hard, seed 2: test pos ")))
    for file in ["report.html", "report.md", "report.json", "table-3.csv", "table-4.csv", "figure-3-1.svg"] {
      #expect(folder.contents.contains("out/report/\(file)"), "\(file)")
    }
    // The shared warning about the data is said once, not for each system.
    #expect(result.errors.components(separatedBy: "1 warning").count <= 2)
  }

  /// Masks of the last round, from the same start: the density run repeats the sparse system's own training.
  @Test func aRunUnderFoundMasksIsTheTrainingThatFoundThem() throws {
    let (folder, _) = try Self.straight.get()
    for seed in 1...2 {
      #expect(
        try folder.text("out/sparse/seed-\(seed)/sentences.json")
          == folder.text("out/densities/sparse-0.3/seed-\(seed)/sentences.json"))
    }
  }

  @Test func theFileHoldsWhatTheRunsScored() throws {
    let (folder, _) = try Self.straight.get()
    func object(_ name: String) throws -> [String: Any] {
      try #require(JSONSerialization.jsonObject(with: Data(folder.text(name).utf8)) as? [String: Any])
    }
    let report = try object("out/report/report.json")
    let systems = try #require(report["systems"] as? [[String: Any]])
    #expect(systems.map { $0["name"] as? String } == ["single", "subnet", "hard", "sparse", "random"])
    for system in systems {
      for run in try #require(system["runs"] as? [[String: Any]]) {
        let results = try object("out/\(try #require(run["folder"] as? String))/results.json")
        let test = (results["test"] as? [String: Any])?["tasks"] as? [[String: Any]] ?? []
        for task in test {
          let name = try #require(task["name"] as? String)
          #expect((run["test"] as? [String: Double])?[name] == task["value"] as? Double)
        }
        #expect(test.count == 2)
      }
    }
    let sparse = systems[3]
    let run = try #require((sparse["runs"] as? [[String: Any]])?.first)
    #expect((run["densities"] as? [String: Double])?.count == 2)
    #expect(((run["pruning"] as? [String: Any])?["ner"] as? [Any])?.count == 3)
    #expect((run["stages"] as? [Any])?.count == 4)
    #expect((sparse["significance"] as? [String: Any])?.count == 2)
  }

  @Test func interruptionsAndTheNumberOfJobsChangeNothing() throws {
    let (straight, _) = try Self.straight.get()
    let spec = straight.path + "/small.yaml"
    let folder = try TemporaryFolder()
    let arguments = ["compare", spec, "-o", folder.path + "/out"]
    for (attempt, signal) in [SIGINT, SIGKILL, SIGINT].enumerated() {
      let run = try Weft.start(arguments)
      let target = ["sparse, seed 1: begins", "sparse, seed 2: begins", "hard, seed 1: begins"][attempt]
      while run.process.isRunning, !run.text("errors").contains(target) { usleep(2_000) }
      usleep(UInt32(attempt) * 60_000)
      kill(run.process.processIdentifier, signal)
      let result = run.finish()
      if signal == SIGINT, result.status != 0 {
        #expect(result.status == 130)
        #expect(result.errors.contains("go on with:\n  weft compare \(spec) -o \(folder.path)/out"))
      }
    }
    let result = try Weft.run(arguments)
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.errors.contains("finished before"))
    for system in systems {
      for seed in 1...2 {
        for file in ["model.safetensors", "sentences.json", "results.json"] {
          let name = "out/\(system)/seed-\(seed)/\(file)"
          let (first, second) = (
            try Data(contentsOf: straight.url.appendingPathComponent(name)),
            try Data(contentsOf: folder.url.appendingPathComponent(name))
          )
          // Masks are named by their folders, which the spec in a model tells.
          if system == "single" || system == "hard" || file == "sentences.json" {
            #expect(first == second, "\(name)")
          }
        }
      }
    }
    let tables = [
      "table-3.csv", "table-4.csv", "table-7.csv", "significance.csv", "figure-3.csv", "figure-4.csv",
    ]
    for table in tables {
      #expect(try straight.text("out/report/\(table)") == folder.text("out/report/\(table)"), "\(table)")
    }
  }

  @Test func aFinishedComparisonIsOnlyReported() throws {
    let (folder, first) = try Self.straight.get()
    let spec = folder.path + "/small.yaml"
    let report = try folder.text("out/report/report.json")
    let again = try Weft.run(["compare", spec, "-o", folder.path + "/out"])
    #expect(again.status == 0)
    #expect(again.errors.contains("12 runs were finished before"))
    #expect(again.output == first.output)
    let only = try Weft.run(["compare", spec, "-o", folder.path + "/out", "--report-only"])
    #expect(only.status == 0)
    #expect(only.output == first.output)
    #expect(try folder.text("out/report/report.json") == report)
  }

  @Test func aChangedSpecSaysWhatDiffers() throws {
    let (folder, _) = try Self.straight.get()
    let spec = folder.path + "/small.yaml"
    for arguments in [[], ["--report-only"]] {
      let result = try Weft.run(
        ["compare", spec, "-o", folder.path + "/out", "--set", "train.epochs=5"] + arguments)
      #expect(result.status == 65)
      #expect(result.errors.contains(try Regex(#"out/\w+/seed-1 was made by another spec"#)))
      #expect(result.errors.contains("train.epochs: 2 against 5"))
    }
  }

  @Test func nothingFinishedIsAReportThatSaysSo() throws {
    let folder = try TemporaryFolder()
    let spec = try folder.write("small.yaml", Self.text())
    let result = try Weft.run(["compare", spec, "-o", folder.path + "/out", "--report-only"])
    #expect(result.status == 0, "\(result.errors)")
    #expect(try folder.text("out/report/report.html").contains("No run is finished"))
  }

  @Test func aRunThatFailsLeavesTheOthers() throws {
    let folder = try TemporaryFolder()
    let text = SampleSpec.text(
      network: "encoder: [{hidden: 8}]", training: "epochs: 1",
      more: """
        compare:
          seeds: 1
          systems:
            wild: {sharing: hard, train: {rate: 1.0e+30, clip: none}}
            tame: {sharing: hard}
        """)
    let spec = try folder.write("wild.yaml", text)
    let result = try Weft.run(["compare", spec, "-o", folder.path + "/out"])
    #expect(result.status == 1)
    #expect(result.errors.contains("is not a finite number"))
    #expect(result.errors.contains("note: so in wild, seed 1"))
    #expect(folder.contents.contains("out/tame/seed-1/model.safetensors"))
    #expect(try folder.text("out/report/report.md").contains("Not finished, and not counted: wild."))
  }

  @Test func argumentsAreChecked() throws {
    for arguments in [["--jobs", "0"], ["--seeds", "0"]] {
      #expect(try Weft.run(["compare", "x.yaml"] + arguments).status == 2)
    }
    let missing = try Weft.run(["compare", "no-such-file.yaml"])
    #expect(missing.status == 65)
    let plain = try Weft.run(["compare", "Examples/ewt-hard.yaml", "-o", "/dev/null/x"])
    #expect(plain.status == 65)
    #expect(plain.errors.contains("no section 'compare'"))
  }
}
