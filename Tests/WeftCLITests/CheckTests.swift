import Foundation
import Testing

struct CheckTests {
  @Test func showsTheSpecTheDataAndTheNetwork() throws {
    let folder = try TemporaryFolder()
    let spec = try folder.write("sample.yaml", SampleSpec.text())
    let result = try Weft.run(["check", spec])
    #expect(result.status == 0)
    #expect(result.output.contains("    scheme: {data: bio, model: bioes}\n"))
    #expect(result.output.contains(try Regex("(?m)^sample +train +200 +2,899 ")))
    // 2 · (48·(14 + 12) + 96) of the layer and 6·4·3 + 6 of the convolution.
    #expect(result.output.contains(try Regex("(?m)^shared +2,766 ")))
    #expect(result.output.contains(try Regex("encoder.0.weight_hh_l0_reverse +48 × 12 +576 +all")))
    #expect(!result.output.contains("forward\n"))
    #expect(result.errors.contains("warning: 1 token has a label of task 'pos' that training does not have"))
  }

  /// The counts that Sun et al. (2020) report for their networks.
  @Test(arguments: [("[{hidden: 200}]", "533,930"), ("[{hidden: 200}, {hidden: 200}]", "1,497,130")])
  func theNetworksOfThePaperHaveItsCounts(encoder: String, count: String) throws {
    let folder = try TemporaryFolder()
    let network = "encoder: \(encoder)"
    let spec = try folder.write(
      "sample.yaml",
      SampleSpec.text(network: network).replacing("dim: 8", with: "dim: 100").replacing(
        "dim: 4, filters: 6", with: "dim: 30, filters: 30"))
    let result = try Weft.run(["check", spec])
    #expect(result.output.contains(try Regex("(?m)^shared +\(count) ")))
  }

  @Test func showsTheGraphWhenAsked() throws {
    let folder = try TemporaryFolder()
    let result = try Weft.run(["check", folder.write("sample.yaml", SampleSpec.text()), "--graph"])
    #expect(result.output.contains("chars.token [token × 6] = gather(chars, form)"))
  }

  @Test func overridesChangeTheSpec() throws {
    let folder = try TemporaryFolder()
    let spec = try folder.write("sample.yaml", SampleSpec.text())
    let result = try Weft.run(["check", spec, "--set", "train.rate=0.25", "--set", "train.epochs=7"])
    #expect(result.output.contains("  rate: 0.25\n"))
    #expect(result.output.contains("  epochs: 7\n"))
    let bad = try Weft.run(["check", spec, "--set", "train.ratte=0.25"])
    #expect(bad.status == 65)
    #expect(bad.errors.contains("did you mean 'rate'?"))
  }

  @Test func everyProblemOfASpecIsLocated() throws {
    let folder = try TemporaryFolder()
    let text = SampleSpec.text().replacing("network:", with: "netwrok:").replacing(
      "column: xpos", with: "column: tags")
    let result = try Weft.run(["check", folder.write("bad.yaml", text)])
    #expect(result.status == 65)
    #expect(result.output.isEmpty)
    #expect(result.errors.contains("bad.yaml:12:1: error: unknown key"))
    #expect(result.errors.contains("did you mean 'network'?"))
    #expect(result.errors.contains("2 errors"))
  }

  @Test func everyProblemOfTheDataIsToldAtOnce() throws {
    let folder = try TemporaryFolder()
    try folder.write("empty.conll", "\n\n")
    let spec = try folder.write("sample.yaml", SampleSpec.text(dev: "empty.conll", test: "missing.conll"))
    let result = try Weft.run(["check", spec])
    #expect(result.status == 65)
    #expect(result.errors.contains("empty.conll: error: the corpus is empty: no line holds a token"))
    #expect(result.errors.contains("sample.yaml:6:10: note: the file is named here"))
    #expect(result.errors.contains("missing.conll: error: cannot open the file"))
    #expect(result.errors.contains("2 errors"))
  }

  @Test func labelsOfAnotherSchemeAreLocated() throws {
    let folder = try TemporaryFolder()
    try folder.write("broken.conll", "a\tX\tNN\tB-PER\nb\tX\tNN\tE-PER\n")
    let result = try Weft.run(
      ["check", folder.write("sample.yaml", SampleSpec.text(dev: "broken.conll"))])
    #expect(result.status == 65)
    #expect(result.errors.contains("broken.conll:2:8: error: column 'ner' is not bio"))
    #expect(result.errors.contains("declare 'scheme: {data: bioes}'"))
  }

  @Test func aMissingSpecIsNamed() throws {
    let result = try Weft.run(["check", "missing.yaml"])
    #expect(result.status == 65)
    #expect(result.errors == "missing.yaml: error: cannot read 'missing.yaml': no such file\n1 error\n")
  }

  @Test func aFullDiskIsAnError() throws {
    let folder = try TemporaryFolder()
    let spec = try folder.write("sample.yaml", SampleSpec.text())
    let result = try Weft.run(["check", spec], shell: "exec > /dev/full")
    #expect(result.status == 74)
    #expect(result.errors.contains("cannot write to standard output: No space left on device"))
  }
}
