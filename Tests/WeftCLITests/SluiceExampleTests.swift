import Foundation
import Testing
import WeftGraph
import WeftRuntime

/// The specs of Examples/sluice, each trained on the small sample corpus with small layers.
@Suite(.serialized) struct SluiceExampleTests {
  static let specs = [
    "single", "hard", "low-supervision", "cross-stitch", "group-lasso", "domain-adaptation", "sluice",
  ]

  @Test func everySpecOfTheFolderIsHere() throws {
    let files = try FileManager.default.contentsOfDirectory(
      atPath: Weft.root.appendingPathComponent("Examples/sluice").path)
    let names = files.filter { $0.hasSuffix(".yaml") }.map { String($0.dropLast(5)) }
    #expect(Set(names) == Set(Self.specs + ["recipe"]))
  }

  @Test(arguments: specs + ["recipe"]) func everySpecIsSound(name: String) throws {
    let result = try Weft.run(["check", "Examples/sluice/\(name).yaml"])
    #expect(result.status == 0, "\(result.errors)")
    #expect(!result.errors.contains("has no effect"))
  }

  @Test(arguments: specs) func everySpecTrains(name: String) throws {
    let folder = try TemporaryFolder()
    let run = folder.path + "/run"
    var settings = [
      "network.words.dim=12", "network.chars={kind: bilstm, dim: 6, hidden: 5}", "train.epochs=3",
      "network.encoder=[{hidden: 14}, {hidden: 14}, {hidden: 14}]", "train.threads=1",
      // What three layers of 14 units learn something with in seconds.
      "train.optimizer=adam", "train.rate=0.01", "train.decay=null",
    ]
    let isAdaptation = name == "domain-adaptation"
    for corpus in isAdaptation ? ["reviews", "news"] : ["ewt"] {
      for split in ["train", "dev", "test"] {
        settings.append("data.\(corpus).\(split)=\(SampleSpec.folder)/\(split).conll")
      }
      if isAdaptation { settings += ["data.\(corpus).domains=null", "data.\(corpus).train-on=null"] }
    }
    if name == "group-lasso" { settings.append("sharing.penalties.group-lasso=10") }
    let arguments = settings.flatMap { ["--set", $0] }
    let trained = try Weft.run(["train", "Examples/sluice/\(name).yaml", "-o", run] + arguments)
    #expect(trained.status == 0, "\(trained.errors)")

    let scored = try Weft.run(["eval", run, "--split", "dev", "--format", "json"])
    let object = try JSONSerialization.jsonObject(with: Data(scored.output.utf8)) as? [String: Any]
    let tasks = try #require(object?["tasks"] as? [[String: Any]])
    #expect(tasks.count == 2)
    // The most frequent tag of the main task is that of one token in seven.
    // Under a penalty that leaves nothing of most groups little is learned.
    if name != "group-lasso" { #expect(try #require(tasks[0]["value"] as? Double) > 0.3) }

    let inspected = try Weft.run(["inspect", run])
    #expect(inspected.status == 0, "\(inspected.errors)")
    let isSoft = !["single", "hard", "low-supervision"].contains(name)
    #expect(inspected.output.contains("who reads whom") == isSoft)
    #expect(inspected.output.contains("group lasso, λ = 10.0") == (name == "group-lasso"))
    #expect(inspected.output.contains("groups are exactly zero") == (name == "group-lasso"))

    let block = try Checkpoint(contentsOf: URL(fileURLWithPath: run + "/model.safetensors")).parameters
    let alpha = block["mix.0.alpha"]
    switch name {
    case "single", "hard", "low-supervision": #expect(alpha == nil)
    case "cross-stitch": #expect(alpha?.count == 4 && alpha != [0.9, 0.1, 0.1, 0.9])
    case "group-lasso":
      #expect(alpha == (0..<16).map { $0 % 5 == 0 ? 1 : 0 })
      let log = try String(contentsOfFile: run + "/log.jsonl", encoding: .utf8)
      let counts = log.matches(of: /"zeroGroups":(\d+)/).compactMap { Int($0.1) }
      #expect(counts.count == 3)
      #expect(try #require(counts.last) > 0, "some groups are exactly zero")
      #expect((trained.output + trained.errors).contains("of 12 groups are zero"))
    case "domain-adaptation": #expect(alpha?.count == 1 && alpha != [0.5])
    default:
      #expect(alpha?.count == 16)
      let start = (0..<16).map { Float($0 % 5 == 0 ? 0.95 : 0.05) }
      #expect(alpha != start && block["mix.2.alpha"] != start)
      #expect(block["heads.pos.beta"]?.count == 3 && block["heads.pos.beta"] != [0.05, 0.05, 0.9])
    }
  }
}
