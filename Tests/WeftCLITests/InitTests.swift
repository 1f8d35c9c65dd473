import Foundation
import Testing

struct InitTests {
  @Test func theStarterSpecOfTheSampleCorpusPassesItsCheck() throws {
    let folder = try TemporaryFolder()
    let spec = folder.path + "/starter.yaml"
    let result = try Weft.run(["init", SampleSpec.folder + "/train.conll", "-o", spec])
    #expect(result.status == 0)
    #expect(result.output == spec + "\n")
    let text = try folder.text("starter.yaml")
    #expect(text.contains("ner: {column: ner, scheme: {data: bio, model: bioes}, metric: span-f1}"))
    #expect(text.contains("name: starter\n"))
    #expect(text.contains("sample/dev.conll"))
    #expect(text.contains("sample/test.conll"))
    let check = try Weft.run(["check", spec])
    #expect(check.status == 0)
    #expect(check.output.contains("scheme: {data: bio, model: bioes}"))
  }

  @Test func anExistingFileIsReplacedOnlyByForce() throws {
    let folder = try TemporaryFolder()
    let spec = try folder.write("mine.yaml", "precious")
    let corpus = SampleSpec.folder + "/train.conll"
    let refused = try Weft.run(["init", corpus, "-o", spec])
    #expect(refused.status == 74)
    #expect(refused.errors.contains("mine.yaml exists"))
    #expect(try folder.text("mine.yaml") == "precious")
    #expect(try Weft.run(["init", corpus, "-o", spec, "--force"]).status == 0)
    #expect(try folder.text("mine.yaml").hasPrefix("# A starter spec"))
    #expect(folder.contents == ["mine.yaml"])
  }

  @Test func columnsOfOtherFormatsAreFound() throws {
    let folder = try TemporaryFolder()
    let row = "1\tDogs\tdog\tNOUN\tNNS\t_\t2\tnsubj\t_\t_\n2\tbark\tbark\tVERB\tVBP\t_\t0\troot\t_\t_\n\n"
    try folder.write("en-train.conllu", String(repeating: "# text = Dogs bark\n" + row, count: 30))
    let result = try Weft.run(["init", "en-train.conllu"], in: folder.url)
    #expect(result.status == 0)
    #expect(result.output.contains("format: conllu"))
    #expect(result.output.contains("word: form"))
    #expect(result.output.contains("upos: upos"))
    #expect(result.output.contains("name: en\n"))
    try folder.write("spec.yaml", result.output)
    #expect(try Weft.run(["check", "spec.yaml"], in: folder.url).status == 0)
  }

  @Test func whatIsNoCorpusIsRefused() throws {
    let folder = try TemporaryFolder()
    try folder.write("empty.conll", "")
    let empty = try Weft.run(["init", folder.path + "/empty.conll"])
    #expect(empty.status == 65)
    #expect(empty.errors.contains("empty.conll: error: the corpus is empty"))
    #expect(try Weft.run(["init", folder.path + "/missing.conll"]).status == 74)
  }

  @Test func aFullDiskLeavesNothingBehind() throws {
    let folder = try TemporaryFolder()
    let spec = folder.path + "/spec.yaml"
    let result = try Weft.run(
      ["init", SampleSpec.folder + "/train.conll", "-o", spec], shell: "trap '' XFSZ; ulimit -f 0")
    #expect(result.status == 74)
    #expect(folder.contents.isEmpty)
  }
}
