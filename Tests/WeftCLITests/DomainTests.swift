import Foundation
import Testing

/// Domains on the command line, by comments of a corpus and by a table.
struct DomainTests {
  private static func spec(_ folder: TemporaryFolder) throws -> String {
    let sample = try String(contentsOfFile: SampleSpec.folder + "/train.conll", encoding: .utf8)
    let sentences = sample.components(separatedBy: "\n\n").filter { !$0.isEmpty }.prefix(60)
    func text(_ part: some Collection<String>) -> String {
      part.enumerated().map { "# genre = \($0.offset % 3 == 0 ? "news" : "mail")/x\n\($0.element)\n\n" }
        .joined()
    }
    _ = try folder.write("train.conll", text(sentences.prefix(30)))
    _ = try folder.write("dev.conll", text(sentences.dropFirst(30).prefix(15)))
    _ = try folder.write("test.conll", text(sentences.dropFirst(45)))
    return try folder.write(
      "d.yaml",
      """
      weft: 1
      name: domains
      data:
        c:
          train: train.conll
          dev: dev.conll
          test: test.conll
          columns: {word: 0, xpos: 2, ner: 3}
          domains: {comment: {field: genre, until: /}}
          train-on: news
      tasks: {pos: {column: xpos}, ner: {scheme: bio}}
      network: {words: {dim: 8}, encoder: [{hidden: 8}]}
      train: {epochs: 2}

      """)
  }

  @Test func domainsAreListedTrainedOnAndScored() throws {
    let folder = try TemporaryFolder()
    let spec = try Self.spec(folder)
    let check = try Weft.run(["check", spec])
    #expect(check.status == 0, "\(check.errors)")
    #expect(check.output.contains("corpus  domain  trained on  train sentences"))
    #expect(check.output.contains("c       mail    no                       20"))

    let run = folder.path + "/run"
    let trained = try Weft.run(["train", spec, "-o", run])
    #expect(trained.status == 0, "\(trained.errors)")
    #expect(trained.output.contains("test by domain\ndomain  trained on  sentences"))

    let scored = try Weft.run(["eval", run, "--by-domain", "--split", "dev"])
    #expect(scored.status == 0, "\(scored.errors)")
    #expect(scored.output.contains("news    yes                 5"))
    #expect(scored.output.contains("mail    no                 10"))
    let json = try Weft.run(["eval", run, "--format", "json"])
    let object = try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any]
    let tasks = try #require(object?["tasks"] as? [[String: Any]])
    let domains = try #require(tasks.first?["domains"] as? [String: [String: Any]])
    #expect(domains["news"]?["isTrainedOn"] as? Bool == true)
    #expect(domains["mail"]?["sentences"] as? Int == 10)
  }

  @Test func mistakesAreLocated() throws {
    let folder = try TemporaryFolder()
    let spec = try Self.spec(folder)
    let unknown = try Weft.run(["check", spec, "--set", "data.c.train-on=[news, mails]"])
    #expect(unknown.status == 65)
    #expect(unknown.errors.contains("is of the domain 'mails'"))
    #expect(unknown.errors.contains("did you mean 'mail'? The domains are news, mail"))
    let absent = try Weft.run(["check", spec, "--set", "data.c.domains={comment: topic}"])
    #expect(absent.status == 65)
    #expect(absent.errors.contains("train.conll:2:1: error: no comment '# topic = …' before this sentence"))

    let sample = try TrainedSample.shared.get()
    let without = try Weft.run(["eval", sample.run, "--by-domain"])
    #expect(without.status == 65)
    #expect(without.errors.contains("the spec splits no corpus in domains"))
    let raw = try Weft.run(["eval", sample.run, "--by-domain", "--raw-tags"])
    #expect(raw.status == 2)
  }

  @Test func theTableOfTheExampleFitsItsFiles() throws {
    let check = try Weft.run([
      "check", "Examples/ewt-hard.yaml", "--set", "data.ewt.domains={file: data/ewt/domains.tsv}",
    ])
    #expect(check.status == 0, "\(check.errors)")
    #expect(check.output.contains("ewt     reviews    yes                   2,725        44,811"))
  }

  /// Two domains, three systems: the report, a second look at it, and the mixtures of a model.
  @Test func systemsAreComparedOverDomains() throws {
    let folder = try TemporaryFolder()
    let spec = try Self.spec(folder)
    let text =
      try folder.text("d.yaml").replacing("    train-on: news\n", with: "") + """
        compare:
          seeds: 1
          baseline: single
          domains: all
          main: ner
          systems:
            single: {sharing: single}
            hard: {sharing: hard, train: {score-training: true}}
            sluice:
              sharing: {kind: soft, mix: {subspaces: 2}}
              tasks: {pos: {head: {layers: mixture}}}

        """
    try folder.write("d.yaml", text)
    let arguments = ["compare", spec, "-o", folder.path + "/out", "--jobs", "2"]
    let result = try Weft.run(arguments)
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.errors.contains("(6 of 6 runs)"))
    #expect(result.errors.contains("hard on mail, seed 1: test pos "))
    #expect(result.output.contains("out of domain"))
    for file in [
      "table-1.csv", "table-3-ner.csv", "table-4-ner.csv", "table-5.csv", "figure-2.svg", "beta.svg",
      "figure-3-curves-1.svg", "significance.csv", "report.html",
    ] {
      #expect(folder.contents.contains("out/report/\(file)"), "\(file)")
    }
    // Sentences and words of a domain are those of the whole corpus, whatever a system was trained on.
    #expect(try folder.text("out/report/table-1.csv").contains("mail,train,20,"))
    let again = try Weft.run(arguments)
    #expect(again.errors.contains("6 runs were finished before"))
    #expect(again.output == result.output)
    let only = try Weft.run(arguments + ["--report-only"])
    #expect(only.output == result.output)

    let inspected = try Weft.run(["inspect", folder.path + "/out/sluice/news/seed-1"])
    #expect(inspected.status == 0, "\(inspected.errors)")
    #expect(
      inspected.output.contains(
        "α behind layer 0, from 0.950 on the diagonal and 0.050 beside it: a row reads from the columns\nα"))
    #expect(inspected.output.contains("pos·1"))
    #expect(inspected.output.contains("- ner reads pos most: "))
    let plain = try Weft.run(["inspect", folder.path + "/out/hard/news/seed-1"])
    #expect(!plain.output.contains("α"))

    let unknown = try Weft.run(arguments + ["--set", "compare.domains=[news, mailx]"])
    #expect(unknown.status == 65)
    #expect(unknown.errors.contains("no training sentence of 'c' is of the domain 'mailx'"))
    #expect(unknown.errors.contains("did you mean 'mail'? The domains are news, mail"))
  }
}
