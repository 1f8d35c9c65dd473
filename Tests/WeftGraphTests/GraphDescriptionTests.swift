import Testing
import WeftGraph
import WeftSpec

struct GraphDescriptionTests {
  private func canonical(_ change: (inout Spec, inout NetworkSizes) -> Void = { _, _ in }) throws -> String {
    var (spec, sizes) = (SmallNetwork.spec(.hard), SmallNetwork.sizes)
    change(&spec, &sizes)
    return try Graph(spec: spec, sizes: sizes).canonicalDescription()
  }

  @Test func theRecipeIsNotArchitecture() throws {
    let text = try canonical()
    #expect(try canonical() == text)
    let differentiated = try Graph(spec: SmallNetwork.spec(.hard), sizes: SmallNetwork.sizes).differentiated()
    #expect(try differentiated.canonicalDescription() == text)
    #expect(
      try canonical { spec, _ in spec.network.dropout = DropoutSpec(input: 0, layers: 0, output: 0) } == text)
    #expect(try canonical { spec, _ in spec.network.noise = 0 } == text)
    #expect(try canonical { spec, _ in spec.network.words?.unkDropout = 0 } == text)
    #expect(try canonical { spec, _ in spec.network.words?.frozen = true } == text)
    #expect(try canonical { spec, _ in spec.tasks[0].labelSmoothing = 0 } == text)
    #expect(try canonical { spec, _ in spec.train.epochs = 3 } == text)
  }

  @Test func sizesNamesAndStructureAreArchitecture() throws {
    let texts = [
      try canonical(), try canonical { _, sizes in sizes.words = 6 },
      try canonical { spec, _ in spec.network.encoder[1].hidden = 2 },
      try canonical { spec, _ in spec.sharing.kind = .single },
      try canonical { spec, _ in spec.tasks[1].head.activation = .relu },
      try canonical { spec, _ in spec.network.chars?.relu = false },
      try canonical { spec, _ in spec.tasks[1].crf.startEnd = false },
      try canonical { spec, _ in spec.tasks[1].head.layer = 1 },
      try canonical { spec, _ in spec.tasks.reverse() },
      try canonical { spec, sizes in
        spec.tasks[1].crf.constrained = true
        sizes.labels["b"]?.constraints = CRFConstraints(
          allowed: [true, true, false, true], allowedStart: [true, true], allowedEnd: [true, true])
      },
    ]
    #expect(Set(texts).count == texts.count)
  }

  @Test func theDumpShowsWhatRunsForWhom() throws {
    let graph = try Graph(spec: SmallNetwork.spec(.hard), sizes: SmallNetwork.sizes).differentiated()
    let lines = graph.dump().split(separator: "\n").map(String.init)
    #expect(lines.contains("  words.weight [5 × 2] embedding, row-sparse"))
    #expect(
      lines.contains("  scores.a [token × 3] = linear{bias=true}(output, heads.a.weight, heads.a.bias)  # a"))
    #expect(lines.contains("  words [token × 2] = embed(word.dropped, words.weight)"))
    #expect(lines.contains("  embedGradient(word.dropped, d_words) += words.weight"))
    let (forward, backward) = (lines.firstIndex(of: "forward"), lines.firstIndex(of: "backward"))
    #expect(try #require(forward) < (try #require(backward)))
  }
}
