import Foundation
import Testing

/// Nothing crashes, hangs or is half-written: each has its message and its exit code.
struct BadInputTests {
  @Test func anEmptyCorpus() throws {
    let folder = try TemporaryFolder()
    try folder.write("empty.conll", "\n \n")
    let spec = try folder.write("sample.yaml", SampleSpec.text(train: "empty.conll"))
    let result = try Weft.run(["train", spec, "-o", folder.path + "/run"])
    #expect(result.status == 65)
    #expect(result.errors.contains("empty.conll: error: the corpus is empty: no line holds a token"))
    #expect(!folder.contents.contains("run"))
  }

  @Test func oneSentenceIsEnough() throws {
    let folder = try TemporaryFolder()
    try folder.write("one.conll", "Ann\tX\tNNP\tB-PER\nsleeps\tX\tVBZ\tO\n")
    let spec = try folder.write(
      "sample.yaml", SampleSpec.text(train: "one.conll", dev: "one.conll", test: nil, training: "epochs: 3"))
    let result = try Weft.run(["train", spec, "-o", folder.path + "/run"])
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.output.contains("task  metric"))
  }

  @Test func aSentenceAtTheLimitAndOneOver() throws {
    let folder = try TemporaryFolder()
    for (length, status) in [(12, Int32(0)), (13, 65)] {
      let rows = (0..<length).map { "w\($0)\tX\tNN\tO\n" }.joined()
      try folder.write("long.conll", rows)
      let spec = try folder.write(
        "sample.yaml",
        SampleSpec.text(train: "long.conll", dev: nil, test: nil, more: "limits: {tokens: 12, scalars: 3}"))
      let result = try Weft.run(["train", spec, "-o", folder.path + "/run\(length)"])
      #expect(result.status == status, "\(result.errors)")
      if length == 13 {
        #expect(result.errors.contains("long.conll:1:1: error: this sentence has 13 tokens; the limit is 12"))
      }
    }
  }

  @Test func aLabelOnlyInTest() throws {
    let folder = try TemporaryFolder()
    try folder.write("train.conll", "Ann\tX\tNNP\tB-PER\nsleeps\tX\tVBZ\tO\n")
    try folder.write("test.conll", "Ann\tX\tNEW\tB-PER\nsleeps\tX\tVBZ\tO\n")
    let spec = try folder.write(
      "sample.yaml", SampleSpec.text(train: "train.conll", dev: nil, test: "test.conll"))
    let result = try Weft.run(["train", spec, "-o", folder.path + "/run"])
    #expect(result.status == 0)
    #expect(result.errors.contains("which can only be scored as wrong: 'NEW'"))
    #expect(result.errors.contains("sample.yaml:7:"))
  }

  @Test func vectorsOfTheWrongWidth() throws {
    let folder = try TemporaryFolder()
    try folder.write("vectors.txt", "the 1 2 3\nof 1 2 3\n")
    let spec = try folder.write(
      "sample.yaml",
      SampleSpec.text().replacing("words: {dim: 8}", with: "words: {dim: 8, vectors: vectors.txt}"))
    let result = try Weft.run(["train", spec, "-o", folder.path + "/run"])
    #expect(result.status == 65)
    #expect(result.errors.contains("vectors.txt:1:"))
    #expect(result.errors.contains("3"))
    #expect(!folder.contents.contains("run"))
  }

  @Test func vectorsAreFoundAndCounted() throws {
    let folder = try TemporaryFolder()
    try folder.write("vectors.txt", "the 1 2 3 4 5 6 7 8\n")
    let spec = try folder.write(
      "sample.yaml",
      SampleSpec.text().replacing("words: {dim: 8}", with: "words: {dim: 8, vectors: vectors.txt}"))
    let result = try Weft.run(["train", spec, "-o", folder.path + "/run"])
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.errors.contains("vectors: sample train: "))
  }

  @Test(arguments: [0, 7, 100, 5000])
  func aTruncatedCheckpoint(length: Int) throws {
    let sample = try TrainedSample.shared.get()
    let folder = try TemporaryFolder()
    let whole = try Data(contentsOf: URL(fileURLWithPath: sample.run + "/model.safetensors"))
    let file = folder.path + "/short.safetensors"
    try whole.prefix(length).write(to: URL(fileURLWithPath: file))
    for arguments in [["eval", file], ["tag", "--model", file], ["inspect", file]] {
      let result = try Weft.run(arguments)
      #expect(result.status == 65)
      #expect(result.errors.contains("short.safetensors"))
      #expect(result.output.isEmpty)
    }
  }

  @Test func aDamagedStateIsNotResumed() throws {
    let folder = try TemporaryFolder()
    let spec = try folder.write("sample.yaml", SampleSpec.text())
    #expect(try Weft.run(["train", spec, "-o", folder.path + "/run", "--quiet"]).status == 0)
    let state = folder.url.appendingPathComponent("run/state.safetensors")
    let bytes = try Data(contentsOf: state)
    try bytes.dropLast(1).write(to: state)
    let result = try Weft.run(["train", spec, "-o", folder.path + "/run", "--resume"])
    #expect(result.status == 65)
    #expect(result.errors.contains("state.safetensors"))
  }

  @Test func aStateOfAnotherRecipeIsNotResumed() throws {
    let folder = try TemporaryFolder()
    let spec = try folder.write("sample.yaml", SampleSpec.text())
    #expect(try Weft.run(["train", spec, "-o", folder.path + "/run", "--quiet"]).status == 0)
    let result = try Weft.run(
      ["train", spec, "-o", folder.path + "/run", "--resume", "--set", "train.rate=0.3"])
    #expect(result.status == 65)
    #expect(result.errors.contains("train.rate: 0.1 against 0.3"))
  }

  @Test func aFullDiskDuringTraining() throws {
    let folder = try TemporaryFolder()
    let spec = try folder.write("sample.yaml", SampleSpec.text())
    // Compiled before, since the compiler cannot write either.
    #expect(try Weft.run(["build", spec]).status == 0)
    let result = try Weft.run(
      ["train", spec, "-o", folder.path + "/run", "--quiet"], shell: "trap '' XFSZ; ulimit -f 16")
    #expect(result.status == 74)
    #expect(result.errors.contains("safetensors"))
    #expect(!folder.contents.contains { $0.hasSuffix("safetensors") || $0.hasSuffix(".tmp") })
  }

  @Test func noCompiler() throws {
    let folder = try TemporaryFolder()
    let spec = try folder.write("sample.yaml", SampleSpec.text())
    let result = try Weft.run(
      ["train", spec, "-o", folder.path + "/run"],
      environment: ["PATH": "", "CC": nil, "WEFT_CC": nil, "WEFT_CACHE": folder.path + "/cache"])
    #expect(result.status == 69)
    #expect(result.errors.contains("clang"))
    #expect(!folder.contents.contains("run"))
  }

  @Test func aCompilerThatFailsSaysWhereTheSourcesAre() throws {
    let folder = try TemporaryFolder()
    let spec = try folder.write("sample.yaml", SampleSpec.text())
    let result = try Weft.run(
      ["build", spec], environment: ["WEFT_CC": "/nonexistent/clang", "WEFT_CACHE": folder.path + "/cache"])
    #expect(result.status == 69)
    #expect(result.errors.contains("/nonexistent/clang"))
  }
}
