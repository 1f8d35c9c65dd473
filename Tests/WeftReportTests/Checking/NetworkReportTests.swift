import Testing
import WeftGraph
import WeftReport
import WeftSpec

struct NetworkReportTests {
  private func counts(_ kind: SharingSpec.Kind, prunable: [String]? = nil) throws -> String {
    var spec = Spec(
      name: "exp1", data: [],
      tasks: ["pos", "chunk", "ner"].map { TaskSpec(name: $0, data: "corpus", column: $0) },
      network: NetworkSpec(words: WordSpec(), chars: CharSpec(), encoder: [LayerSpec()]),
      sharing: SharingSpec(kind: kind))
    if let prunable { spec.sharing.prunable = prunable }
    let sizes = NetworkSizes(
      words: 100, characters: 50,
      labels: ["pos": LabelShape(count: 45), "chunk": LabelShape(count: 23), "ner": LabelShape(count: 17)])
    let graph = try Graph(spec: spec, sizes: sizes)
    return try NetworkReport(graph).counts().text()
  }

  /// The counts that Sun et al. (2020) report, and what they leave out.
  @Test func softSharingShowsItsMixturesApart() throws {
    let text = try counts(.soft)
    #expect(text.contains(try Regex("parameters +network +prunable +mixing +embeddings +heads +total\n")))
    #expect(text.contains(try Regex("(?m)^all +1,596,330 +1,586,700 +9 ")))
    #expect(text.contains(try Regex("(?m)^shared +1,596,330 +1,586,700 +9 +11,500 +0 ")))
  }

  @Test func withoutMixturesThereIsNoColumnForThem() throws {
    let text = try counts(.sparse)
    #expect(text.contains(try Regex("parameters +network +prunable +embeddings +heads +total\n")))
    #expect(text.contains(try Regex("(?m)^all +533,930 +530,700 ")))
  }

  @Test func prunableAreTheWeightsThatTheSpecNames() throws {
    #expect(
      try counts(.sparse, prunable: ["*chars.conv.weight"]).contains(try Regex("(?m)^all +533,930 +2,700 ")))
  }
}
