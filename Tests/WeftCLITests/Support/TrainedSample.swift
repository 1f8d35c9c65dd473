import Foundation

/// One run that many tests look at, trained when the first of them asks.
struct TrainedSample: Sendable {
  let folder: TemporaryFolder
  let result: Weft.Result
  var run: String { folder.path + "/run" }
  var spec: String { folder.path + "/sample.yaml" }

  static let shared = Swift.Result { try TrainedSample() }

  private init() throws {
    folder = try TemporaryFolder()
    let spec = try folder.write(
      "sample.yaml",
      SampleSpec.text(
        network: "encoder: [{hidden: 24}]",
        training: "epochs: 12, patience: none, optimizer: adam, rate: 0.01",
        // Exactly the longest sentence and word of the files.
        more: "limits: {tokens: 30, scalars: 69}"
      ).replacing("  ner: {scheme", with: "  ner: {decoder: crf, scheme"))
    result = try Weft.run(["train", spec, "-o", folder.path + "/run"])
  }
}
